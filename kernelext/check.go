package kernelext

import (
	"encoding/json"
	"fmt"
	"html"
	"math"

	"github.com/l2olab/l2o/pkg/cite"
)

// Check asserts a number that the text relies on. It shows ✓ when got is within
// the tolerance of want; otherwise, and for NaN, it shows ✗ and fails the cell.
// The output also carries the numbers for programs, as
// application/vnd.l2o.check+json.
func Check(name string, got, want, tolerance float64) {
	ok := math.Abs(got-want) <= tolerance || got == want
	detail := fmt.Sprintf("%s, expected %s ± %s", num(got), num(want), num(tolerance))
	if !ok { // three digits may look equal
		detail += ", off by " + num(math.Abs(got-want))
	}
	check(name, "within", got, want, tolerance, ok, detail)
}

// AtMost asserts got ≤ limit.
func AtMost(name string, got, limit float64) {
	check(name, "at most", got, limit, 0, got <= limit, compared(got, "≤", limit, got <= limit))
}

// AtLeast asserts got ≥ limit.
func AtLeast(name string, got, limit float64) {
	check(name, "at least", got, limit, 0, got >= limit, compared(got, "≥", limit, got >= limit))
}

func compared(got float64, sign string, limit float64, ok bool) string {
	if !ok {
		sign = "is not " + sign
	}
	return fmt.Sprintf("%s %s %s", num(got), sign, num(limit))
}

// check shows the result; relation is "within", "at most" or "at least".
func check(name, relation string, got, want, tolerance float64, ok bool, detail string) {
	sign, hue := "✓", green
	if !ok {
		sign, hue = "✗", crimson
	}
	emit(output{
		text: fmt.Sprintf("%s %s: %s", sign, name, detail),
		html: fmt.Sprintf(`<div style="font:14px/1.6 system-ui,sans-serif"><b style="color:%s">%s</b> %s: %s</div>`, hue, sign, html.EscapeString(name), html.EscapeString(detail)),
		mime: "application/vnd.l2o.check+json",
		data: map[string]any{"name": name, "relation": relation, "got": plainNumber(got), "want": plainNumber(want), "tolerance": plainNumber(tolerance), "ok": ok},
	})
	if !ok {
		fail("check failed: %s: %s", name, detail)
	}
}

// plainNumber makes v fit for JSON: NaN and infinities become their names.
func plainNumber(v float64) any {
	if finite(v) {
		return v
	}
	return num(v)
}

// Ledger shows a row of the ledger, also as application/vnd.l2o.ledger+json for
// programs that collect the rows of executed notebooks. A row that is not valid
// (measured on a stand-in, or without a measurement that its verdict needs)
// fails the cell.
func Ledger(r cite.Row) {
	data, err := rowData(r)
	if err != nil {
		fail("%v", err)
		return
	}
	header := []string{"published", "ours, published settings", "ours, tuned baseline", "verdict"}
	row := []string{withUnit(r.Published, r.Unit), withUnit(r.OursPublished, r.Unit), withUnit(r.OursTuned, r.Unit), string(r.Verdict)}
	caption := fmt.Sprintf("Ledger: %s, %s: %s", r.Paper, r.Where, r.What)
	emit(output{
		text: caption + "\n" + grid(header, [][]string{row}),
		html: tableHTML(caption, header, [][]string{row}, make([]bool, len(header))),
		mime: "application/vnd.l2o.ledger+json",
		data: data,
	})
}

func rowData(r cite.Row) (data map[string]any, err error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return data, json.Unmarshal(text, &data)
}

func withUnit(c cite.Cell, unit string) string {
	s := c.String()
	if v, ok := c.Float(); ok {
		s = num(v)
	}
	switch {
	case s == "":
		return "–"
	case unit == "":
		return s
	}
	return s + " " + unit
}

// Exercise runs a reader's attempt and says whether it solves the exercise. An
// attempt that is still missing, panics or is wrong does not fail the cell, so a
// notebook with open exercises runs from top to bottom.
func Exercise(name string, attempt func() (solved bool, message string)) {
	solved, message := try(attempt)
	verdict(name, solved, message)
}

// Solution runs the published solution of an exercise and fails the cell unless
// it solves it.
func Solution(name string, attempt func() (solved bool, message string)) {
	solved, message := try(attempt)
	verdict(name, solved, message)
	if !solved {
		fail("the solution of %q does not solve it: %s", name, message)
	}
}

func try(attempt func() (bool, string)) (solved bool, message string) {
	defer func() {
		if r := recover(); r != nil {
			solved, message = false, fmt.Sprint(r)
		}
	}()
	return attempt()
}

func verdict(name string, solved bool, message string) {
	sign, text, hue := "☐", "not solved yet", grey
	if solved {
		sign, text, hue = "☑", "solved", green
	}
	if message != "" {
		text += ": " + message
	}
	emit(output{
		text: fmt.Sprintf("%s %s: %s", sign, name, text),
		html: fmt.Sprintf(`<div style="font:14px/1.6 system-ui,sans-serif"><b style="color:%s">%s %s</b>: %s</div>`, hue, sign, html.EscapeString(name), html.EscapeString(text)),
	})
}
