package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// Heat shows a matrix by colour: grid[i][j] belongs to rows[i] and cols[j].
// Matrices with values on both sides of zero get a two-sided scale with zero in
// its middle. nil labels are 0, 1, 2, …. Of Axes, the names, LogColour and Note
// are used. A cell that is not finite, or not positive under logarithmic colours,
// stays empty.
func Heat(caption string, grid [][]float64, rows, cols []string, a Axes) {
	s, err := heat(grid, rows, cols, a)
	show(caption, s, err)
}

func heat(v [][]float64, rows, cols []string, a Axes) (*draw.Scene, error) {
	if len(v) == 0 || len(v[0]) == 0 {
		return nil, errEmpty
	}
	for i, r := range v {
		if len(r) != len(v[0]) {
			return nil, fmt.Errorf("row %d has %d values, row 0 has %d: a heat map needs a rectangle", i, len(r), len(v[0]))
		}
	}
	if rows == nil {
		rows = numbered(len(v))
	}
	if cols == nil {
		cols = numbered(len(v[0]))
	}
	if len(rows) != len(v) || len(cols) != len(v[0]) {
		return nil, fmt.Errorf("a %d×%d matrix has %d row and %d column labels: give one for each, or nil", len(v), len(v[0]), len(rows), len(cols))
	}
	c := &draw.Cells{V: slices.Clone(v), Colour: draw.Axis{Log: a.LogColour}, Scale: draw.Amounts}
	var seen draw.Span
	for _, row := range v {
		for _, x := range row {
			seen.See(c.Colour.At(x))
		}
	}
	if !seen.Any {
		return nil, errors.New("there is nothing to draw: no cell has a finite value that the colour scale can show")
	}
	if c.Colour.Lo, c.Colour.Hi = seen.Lo, seen.Hi; !a.LogColour && seen.Lo < 0 && seen.Hi > 0 {
		c.Colour.Hi = max(-seen.Lo, seen.Hi)
		c.Colour.Lo, c.Scale = -c.Colour.Hi, draw.Signed
	}
	// Row 0 is on top, as in a printed matrix.
	slices.Reverse(c.V)
	s := &draw.Scene{Kind: "Heat map", Cells: c, Note: a.Note, X: draw.Axis{Name: a.X, Labels: cols}, Y: draw.Axis{Name: a.Y, Labels: slices.Clone(rows)}}
	slices.Reverse(s.Y.Labels)
	s.Fit()
	s.Words = func() (says, table string) {
		var lines [][]string
		for i, row := range rows {
			line := []string{row}
			for j := range cols {
				line = append(line, c.Shown(len(rows)-1-i, j))
			}
			lines = append(lines, line)
		}
		return fmt.Sprintf("%d rows by %d columns, from %s to %s.", len(rows), len(cols), c.End(seen.Lo), c.End(seen.Hi)),
			grid(append([]string{cmp.Or(a.Y, "row")}, cols...), lines)
	}
	return s, nil
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}
