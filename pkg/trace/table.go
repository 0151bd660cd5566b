package trace

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Table is text in rows and columns.
type Table struct {
	Header []string
	Rows   [][]string
	Notes  []string // lines below it, such as who could not take part and why
}

// String aligns the columns, the first to the left, the others to the right, and puts
// the notes below.
func (t Table) String() string {
	var widths []int
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for j, cell := range row {
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for j, cell := range row {
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell))
			if j == 0 {
				b.WriteString(cell + pad)
			} else {
				b.WriteString("  " + pad + cell)
			}
		}
		b.WriteByte('\n')
	}
	for _, note := range t.Notes {
		b.WriteString(note + "\n")
	}
	return b.String()
}

// Across lists one number of each method over several races of the same methods, each
// under its own head.
func Across(c Column, heads []string, races ...*Results) Table {
	if len(heads) != len(races) {
		panic(fmt.Sprintf("trace: Across: %d heads for %d races", len(heads), len(races)))
	}
	t := Table{Header: append([]string{c.Head}, heads...)}
	if len(races) == 0 {
		return t
	}
	for _, name := range races[0].Names {
		row := []string{name}
		for _, r := range races {
			row = append(row, c.Of(r, name))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// WriteCSV writes header and rows, without the notes.
func (t Table) WriteCSV(w io.Writer) error {
	return csv.NewWriter(w).WriteAll(append([][]string{t.Header}, t.Rows...))
}

// Number prints a measurement with the digits that it deserves: three.
func Number(x float64) string {
	switch {
	case math.IsNaN(x):
		return "diverged"
	case x == 0:
		return "0"
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// WriteCSV writes the data of curves: one line for each point with the columns
// curve, x, y, lo, hi and note, in full precision. lo and hi are empty without a band.
func WriteCSV(w io.Writer, curves []Curve) error {
	full := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	out := csv.NewWriter(w)
	errs := []error{out.Write([]string{"curve", "x", "y", "lo", "hi", "note"})}
	for _, c := range curves {
		if len(c.X) != len(c.Y) || (c.Lo != nil && (len(c.Lo) != len(c.Y) || len(c.Hi) != len(c.Y))) {
			return fmt.Errorf("trace: curve %q has %d x, %d y and a band of %d and %d values", c.Name, len(c.X), len(c.Y), len(c.Lo), len(c.Hi))
		}
		for i := range c.X {
			row := []string{c.Name, full(c.X[i]), full(c.Y[i]), "", "", c.Note}
			if c.Lo != nil {
				row[3], row[4] = full(c.Lo[i]), full(c.Hi[i])
			}
			errs = append(errs, out.Write(row))
		}
	}
	out.Flush()
	return errors.Join(append(errs, out.Error())...)
}
