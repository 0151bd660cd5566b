package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"math"
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
	colour := draw.Axis{Log: a.LogColour}
	c := &draw.Cells{Scale: draw.Amounts}
	var seen draw.Span
	for i := range v {
		line, shown := make([]float64, len(cols)), make([]string, len(cols))
		for j, x := range v[i] {
			line[j], shown[j] = colour.At(x), draw.Num(x)
			seen.See(line[j])
		}
		c.V, c.Shown = append(c.V, line), append(c.Shown, shown)
	}
	if !seen.Any {
		return nil, errors.New("there is nothing to draw: no cell has a finite value that the colour scale can show")
	}
	if c.Lo, c.Hi = seen.Lo, seen.Hi; !colour.Log && c.Lo < 0 && c.Hi > 0 {
		c.Hi = max(-c.Lo, c.Hi)
		c.Lo, c.Scale = -c.Hi, draw.Signed
	}
	ends := func(t float64) string {
		if colour.Log {
			t = math.Pow(10, t)
		}
		return draw.Num(t)
	}
	c.Ends = [2]string{ends(c.Lo), ends(c.Hi)}
	// Row 0 is on top, as in a printed matrix.
	slices.Reverse(c.V)
	slices.Reverse(c.Shown)
	s := &draw.Scene{Kind: "Heat map", Cells: c, Note: a.Note, X: draw.Axis{Name: a.X, Labels: cols}, Y: draw.Axis{Name: a.Y, Labels: slices.Clone(rows)}}
	slices.Reverse(s.Y.Labels)
	s.Fit()
	s.Says = fmt.Sprintf("%d rows by %d columns, from %s to %s.", len(rows), len(cols), ends(seen.Lo), ends(seen.Hi))
	header := append([]string{cmp.Or(a.Y, "row")}, cols...)
	var table [][]string
	for i := range v {
		table = append(table, append([]string{rows[i]}, c.Shown[len(v)-1-i]...))
	}
	s.Table = grid(header, table)
	return s, nil
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}
