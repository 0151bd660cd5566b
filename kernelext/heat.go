package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
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

func heat(v [][]float64, rows, cols []string, a Axes) (*scene, error) {
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
	colour := axis{log: a.LogColour}
	c := &cells{scale: amounts}
	var seen span
	for i := range v {
		line, shown := make([]float64, len(cols)), make([]string, len(cols))
		for j, x := range v[i] {
			line[j], shown[j] = colour.at(x), num(x)
			seen.see(line[j])
		}
		c.v, c.shown = append(c.v, line), append(c.shown, shown)
	}
	if !seen.any {
		return nil, errors.New("there is nothing to draw: no cell has a finite value that the colour scale can show")
	}
	if c.lo, c.hi = seen.lo, seen.hi; !colour.log && c.lo < 0 && c.hi > 0 {
		c.hi = max(-c.lo, c.hi)
		c.lo, c.scale = -c.hi, signed
	}
	ends := func(t float64) string {
		if colour.log {
			t = math.Pow(10, t)
		}
		return num(t)
	}
	c.ends = [2]string{ends(c.lo), ends(c.hi)}
	// Row 0 is on top, as in a printed matrix.
	slices.Reverse(c.v)
	slices.Reverse(c.shown)
	s := &scene{kind: "Heat map", cells: c, note: a.Note, x: axis{name: a.X, labels: cols}, y: axis{name: a.Y, labels: slices.Clone(rows)}}
	slices.Reverse(s.y.labels)
	s.fit()
	s.says = fmt.Sprintf("%d rows by %d columns, from %s to %s.", len(rows), len(cols), ends(seen.lo), ends(seen.hi))
	header := append([]string{cmp.Or(a.Y, "row")}, cols...)
	var table [][]string
	for i := range v {
		table = append(table, append([]string{rows[i]}, c.shown[len(v)-1-i]...))
	}
	s.table = grid(header, table)
	return s, nil
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}
