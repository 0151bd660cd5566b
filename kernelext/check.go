package kernelext

import (
	"fmt"
	"html"
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/kernelext/internal/record"
	"github.com/l2olab/l2o/pkg/cite"
)

// Check asserts a number that the text relies on. It shows ✓ when got is within
// the tolerance of want; otherwise, and for NaN, it shows ✗ and fails the cell.
// The output also carries the numbers for programs, as
// application/vnd.l2o.check+json.
func Check(name string, got, want, tolerance float64) {
	ok := math.Abs(got-want) <= tolerance || got == want
	a, b, off := draw.Num(got), draw.Num(want), ""
	if !ok {
		a, b = draw.Apart(got, want)
		off = ", off by " + draw.Num(math.Abs(got-want))
	}
	detail := fmt.Sprintf("%s, expected %s ± %s%s", a, b, draw.Num(tolerance), off)
	check(name, record.Within, got, want, tolerance, ok, detail)
}

// AtMost asserts got ≤ limit.
func AtMost(name string, got, limit float64) {
	check(name, record.AtMost, got, limit, 0, got <= limit, compared(got, "≤", limit, got <= limit))
}

// AtLeast asserts got ≥ limit.
func AtLeast(name string, got, limit float64) {
	check(name, record.AtLeast, got, limit, 0, got >= limit, compared(got, "≥", limit, got >= limit))
}

// Holds asserts a fact that is no number: who is first, that nothing diverged. The
// name says the fact.
func Holds(name string, ok bool) {
	got, detail := 1., "yes"
	if !ok {
		got, detail = 0, "no"
	}
	check(name, record.Holds, got, 1, 0, ok, detail)
}

// Agree asserts that two results are the same up to tolerance: numbers, and slices,
// matrices (ad.Value) or points (optimizee.Point) of them, number by number. Results of
// different sizes do not agree, and neither does NaN with anything.
//
//	kernelext.Agree("by hand and in the library", mine, theirs, 1e-12)
func Agree(name string, got, want any, tolerance float64) {
	d, err := apart(got, want)
	if err != nil {
		fail("%s: %v", name, err)
		return
	}
	a, b := draw.Apart(d, tolerance)
	detail := fmt.Sprintf("at most %s apart, allowed are %s", a, b)
	check(name, record.AtMost, d, tolerance, 0, d <= tolerance, detail)
}

func compared(got float64, sign string, limit float64, ok bool) string {
	if !ok {
		sign = "is not " + sign
	}
	a, b := draw.Apart(got, limit)
	return fmt.Sprintf("%s %s %s", a, sign, b)
}

// check shows the result.
func check(name string, relation record.Relation, got, want, tolerance float64, ok bool, detail string) {
	sign, hue := "✓", draw.Green
	if !ok {
		sign, hue = "✗", draw.Crimson
	}
	state.Lock()
	standIn := len(state.standIns) > 0
	state.Unlock()
	show := output{
		text: fmt.Sprintf("%s %s: %s", sign, name, detail),
		html: fmt.Sprintf(`<div style="font:14px/1.6 system-ui,sans-serif"><b style="color:%s">%s</b> %s: %s</div>`, hue, sign, html.EscapeString(name), html.EscapeString(detail)),
	}
	emitRecord(show, record.CheckMIME, record.Check{
		Name: name, Relation: relation, Got: record.Number(got), Want: record.Number(want), Tolerance: record.Number(tolerance), OK: ok, StandIn: standIn,
	})
	if !ok {
		fail("check failed: %s: %s", name, detail)
	}
}

// emitRecord shows an output that carries a record for programs.
func emitRecord(o output, mime string, r any) {
	data, err := record.Fields(r)
	if err != nil {
		fail("%v", err)
		return
	}
	o.mime, o.data = mime, data
	emit(o)
}

// Ledger shows rows of the ledger, also as application/vnd.l2o.ledger+json for
// programs that collect the rows of executed notebooks. A row that is not valid
// (measured on a stand-in, or without a measurement that its verdict needs)
// fails the cell.
func Ledger(rows ...cite.Row) {
	for _, r := range rows {
		if err := r.Validate(); err != nil {
			fail("%v", err)
			return
		}
		header := []string{"published", "ours, published settings", "ours, tuned baseline", "verdict"}
		row := []string{withUnit(r.Published, r.Unit), withUnit(r.OursPublished, r.Unit), withUnit(r.OursTuned, r.Unit), string(r.Verdict)}
		caption := fmt.Sprintf("Ledger: %s, %s: %s", r.Paper, r.Where, r.What)
		emitRecord(output{
			text: caption + "\n" + grid(header, [][]string{row}),
			html: tableHTML(caption, header, [][]string{row}, make([]bool, len(header))),
		}, record.LedgerMIME, r)
	}
}

func withUnit(c cite.Cell, unit string) string {
	s := c.String()
	if v, ok := c.Float(); ok {
		s = draw.Num(v)
	}
	switch {
	case s == "":
		return "–"
	case unit == "":
		return s
	}
	return s + " " + unit
}

// Data says which data set a cell is about. Real data need no word; a stand-in for data
// that could not be had is announced once, and every check after it is marked as measured
// on one, so that lab check does not compare it with a check on real data.
//
//	kernelext.Data(table.Name, table.StandIn)
func Data(name string, standIn bool) {
	if !standIn {
		return
	}
	state.Lock()
	told := state.standIns[name]
	if state.standIns == nil {
		state.standIns = map[string]bool{}
	}
	state.standIns[name] = true
	state.Unlock()
	if told {
		return
	}
	text := name + ": a stand-in for data that could not be had. What is measured on it says nothing about published numbers."
	emitRecord(output{text: text, html: line(text)}, record.DataMIME, record.Data{Name: name, StandIn: true})
}
