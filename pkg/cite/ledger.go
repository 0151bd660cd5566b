package cite

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Row is one line of the ledger: a published number, ours with the published
// settings, ours against a tuned baseline, and what follows. Make one with
// [NewRow], so that the published side cannot be mistyped.
type Row struct {
	ID            string  `json:"id"` // of the published number
	Paper         string  `json:"paper"`
	Where         string  `json:"where"`
	What          string  `json:"what"`
	Published     Cell    `json:"published"`
	OursPublished Cell    `json:"ours_published"` // with the published settings
	OursTuned     Cell    `json:"ours_tuned"`     // with baselines tuned as carefully as the method
	Unit          string  `json:"unit"`
	Verdict       Verdict `json:"verdict"`

	// StandIn says that our side was measured on synthetic data in the place of
	// the real ones. Such a row is refused: it compares nothing.
	StandIn bool `json:"-"`
}

// NewRow starts from the published number with this ID. Our two sides are numbers or
// short texts (float64, int, string or [Cell]); nil says that there is no measurement. It
// panics on an unknown ID; everything else is for [Row.Validate] to say.
func NewRow(id string, ours, tuned any, v Verdict) Row {
	n := Get(id)
	return Row{
		ID: n.ID, Paper: n.Paper, Where: n.Where, What: n.What, Unit: n.Unit,
		Published: n.Published(), OursPublished: cellOf(ours), OursTuned: cellOf(tuned), Verdict: v,
	}
}

// ErrStandIn is what [Row.Validate] wraps for a row measured on stand-in data.
var ErrStandIn = errors.New("measured on a synthetic stand-in, which says nothing about a published number; use the real data or leave the row out")

// Validate returns why the row does not belong into the ledger, or nil: it was
// measured on a stand-in; its published side is not what [Get] gives; its
// verdict is not in the vocabulary; or the verdict needs a measurement of ours
// and there is none.
func (r Row) Validate() error {
	if r.StandIn {
		return fmt.Errorf("cite: ledger row %s: %w", r.ID, ErrStandIn)
	}
	if _, ok := find(r.ID); !ok {
		return fmt.Errorf("cite: ledger row %q: no published number has this ID", r.ID)
	}
	same := NewRow(r.ID, r.OursPublished, r.OursTuned, r.Verdict)
	if r != same {
		return fmt.Errorf("cite: ledger row %s: its published side differs from the package's: %+v, want %+v; make rows with NewRow", r.ID, r, same)
	}
	if r.Verdict.Meaning() == "" {
		return fmt.Errorf("cite: ledger row %s: unknown verdict %q; there are: %s", r.ID, r.Verdict, verdictNames())
	}
	if r.OursPublished.Empty() && r.OursTuned.Empty() && r.Verdict.needsOurs() {
		return fmt.Errorf("cite: ledger row %s: verdict %q without a measurement of ours", r.ID, r.Verdict)
	}
	for _, c := range []Cell{r.OursPublished, r.OursTuned} {
		if text := c.String(); utf8.RuneCountInString(text) > maxText || strings.ContainsAny(text, "\n\r") {
			return fmt.Errorf("cite: ledger row %s: %q does not fit a table cell: one line of at most %d characters", r.ID, text, maxText)
		}
	}
	return nil
}

// MarshalJSON writes the nine fields of a row. It refuses a row that was measured
// on a stand-in, since the JSON would no longer say so.
func (r Row) MarshalJSON() ([]byte, error) {
	if r.StandIn {
		return nil, fmt.Errorf("cite: ledger row %s: %w", r.ID, ErrStandIn)
	}
	type plain Row // without this method
	return json.Marshal(plain(r))
}

// maxText is the longest text that a cell of the ledger holds, in characters.
const maxText = 60

// A Cell of the ledger is a number, a short text, or empty (the zero value). In
// JSON it is a number, a string, or null. Cells can be compared with ==.
type Cell struct{ is any } // a float64, a string that is not empty, or nil

// Num returns a cell that holds x. NaN and infinities become text, since JSON has
// no numbers for them.
func Num(x float64) Cell {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Text(strconv.FormatFloat(x, 'g', -1, 64))
	}
	return Cell{x}
}

// Text returns a cell that holds s; Text("") is the empty cell.
func Text(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{s}
}

// cellOf turns what [NewRow] takes into a cell.
func cellOf(v any) Cell {
	switch v := v.(type) {
	case nil:
		return Cell{}
	case Cell:
		return v
	case float64:
		return Num(v)
	case int:
		return Num(float64(v))
	case string:
		return Text(v)
	}
	panic(fmt.Sprintf("cite: a ledger cell is a number, a text or nil, not %T", v))
}

// Float returns the number in the cell and whether it holds one.
func (c Cell) Float() (x float64, ok bool) {
	x, ok = c.is.(float64)
	return x, ok
}

// Empty reports whether the cell holds nothing.
func (c Cell) Empty() bool { return c.is == nil }

// String returns the text, the number to four digits, or "".
func (c Cell) String() string {
	if x, ok := c.Float(); ok {
		return strconv.FormatFloat(x, 'g', 4, 64)
	}
	s, _ := c.is.(string)
	return s
}

// MarshalJSON writes a number, a string or null.
func (c Cell) MarshalJSON() ([]byte, error) { return json.Marshal(c.is) }

// UnmarshalJSON reads a number, a string or null.
func (c *Cell) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	switch v.(type) {
	case nil, float64, string:
		*c = cellOf(v)
		return nil
	}
	return fmt.Errorf("cite: a ledger cell is a number, a string or null, not %s", data)
}
