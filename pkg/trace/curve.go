// Package trace measures runs: it races rules from the same start, turns
// objective values into gaps to a certified optimum, and summarises many runs
// in curves and tables that anything can draw.
package trace

// A Curve is one line of a figure: y over x, with an optional band.
type Curve struct {
	Name   string    // the method; it decides the colour
	X      []float64 // iterations, oracle calls or seconds, ascending
	Y      []float64 // one value per x; NaN and Inf are data (a run that diverged)
	Lo, Hi []float64 // the band around Y; both nil when there is none
	Note   string    // what the reader must know, such as "diverged at 31"; "" when nothing
}
