// Package tiles says how work on many rows is cut. What it says depends on shapes alone,
// never on the machine, so that sums over rows have the same bits everywhere.
package tiles

// Least and Rows are constants that tests set lower, to have many tiles in small problems.
var (
	// Least is how many numbers a step of a network keeps for its way back, over all rows,
	// from where on it pays to keep none of them and to take the steps again.
	Least = 1 << 20

	// Rows are those of a tile: all that one of them keeps over the steps of a segment stays
	// in the second-level cache.
	Rows = 128
)

// A tile's worth of work is small, so jobs are of several; and each job has a sum of its
// own, so there are not too many.
const (
	inJob = 8
	jobs  = 64
)

// Worth reports whether steps over that many rows of that many numbers are to be taken
// again rather than kept.
func Worth(rows, width int) bool { return rows*width >= Least && rows > 16*Rows }

// Job is how many rows are one piece of work: a whole number of tiles.
func Job(rows int) int {
	n := (rows + Rows - 1) / Rows
	return Rows * max(inJob, (n+jobs-1)/jobs)
}
