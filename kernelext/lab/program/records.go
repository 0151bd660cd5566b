package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
	"github.com/l2olab/l2o/kernelext/internal/record"
)

// The kinds of entries.
const (
	checkKind  = "check"
	ledgerKind = "ledger row"
)

// An entry is one check or ledger row as it stands in an executed notebook.
type entry struct {
	cell   int // its index
	kind   string
	name   string         // its name or id
	fields map[string]any // all of it, to be compared
	check  record.Check   // of a check
}

// key is what an entry has in common with its partner in another run.
func (e entry) key() string { return e.kind + " " + e.name }

// entries collects what a notebook asserts, in order. A name that occurs again gets a number, so that it keeps its
// partner in another run.
func entries(nb *jupyter.Notebook) ([]entry, error) {
	var list []entry
	seen := map[string]int{}
	for i, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			for _, k := range []struct{ mime, kind, name string }{{record.CheckMIME, checkKind, "name"}, {record.LedgerMIME, ledgerKind, "id"}} {
				v, ok := o.Data[k.mime]
				if !ok {
					continue
				}
				for _, one := range record.List(v) {
					e, err := newEntry(i, k.kind, k.name, one)
					if err != nil {
						return nil, fmt.Errorf("cell %d: %w", i+1, err)
					}
					seen[e.key()]++
					if n := seen[e.key()]; n > 1 {
						e.name = fmt.Sprintf("%s #%d", e.name, n)
					}
					list = append(list, e)
				}
			}
		}
	}
	return list, nil
}

// newEntry reads a record of a kind; named is the field of its name.
func newEntry(cell int, kind, named string, v any) (entry, error) {
	e := entry{cell: cell, kind: kind}
	var err error
	if e.fields, err = object(v); err == nil && kind == checkKind {
		err = record.Read(v, &e.check)
	}
	if err != nil {
		return e, fmt.Errorf("a %s cannot be read: %w", kind, err)
	}
	if e.name, _ = e.fields[named].(string); e.name == "" {
		return e, fmt.Errorf("a %s has no %q", kind, named)
	}
	return e, nil
}

// standIns names the stand-ins for real data that each cell of a notebook was run on. Outputs of older versions name none.
func standIns(nb *jupyter.Notebook) (map[int]map[string]bool, error) {
	names := map[int]map[string]bool{}
	for i, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			v, ok := o.Data[record.DataMIME]
			if !ok {
				continue
			}
			for _, one := range record.List(v) {
				var d record.Data
				if err := record.Read(one, &d); err != nil {
					return nil, fmt.Errorf("cell %d: the name of its data cannot be read: %w", i+1, err)
				}
				if !d.StandIn {
					continue
				}
				if names[i] == nil {
					names[i] = map[string]bool{}
				}
				names[i][d.Name] = true
			}
		}
	}
	return names, nil
}

// figureWarnings are what an author should know of the figures of a notebook.
func figureWarnings(nb *jupyter.Notebook) (warnings []string) {
	for i, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			v, ok := o.Data[record.FigureMIME]
			if !ok {
				continue
			}
			for _, one := range record.List(v) {
				var f record.Figure
				if record.Read(one, &f) != nil {
					continue // of another version: nothing depends on it
				}
				for _, w := range f.Warnings {
					warnings = append(warnings, fmt.Sprintf("cell %d: the figure %q: %s", i+1, f.Caption, w))
				}
			}
		}
	}
	return warnings
}

// object returns a JSON object that is stored as such or as its text.
func object(v any) (map[string]any, error) {
	switch v := v.(type) {
	case map[string]any:
		return v, nil
	case string:
		dec := json.NewDecoder(bytes.NewReader([]byte(v)))
		dec.UseNumber()
		var o map[string]any
		err := dec.Decode(&o)
		return o, err
	}
	return nil, fmt.Errorf("it is a %T, not an object", v)
}

// relativeTolerance is how far numbers of two runs may lie apart: more than the last digits that another processor
// may change, less than anything that a verdict rests on.
const relativeTolerance = 1e-3

// A change says how an entry differs between two runs.
type change int

const (
	other   change = iota // another number, limit or verdict
	gone                  // the fresh run does not have it
	added                 // only the fresh run has it
	onOther               // the fresh run measured it on a stand-in for the data
)

// A difference is one entry, or one field of it, that two runs do not have in common.
type difference struct {
	change  change
	cell    int    // where it is, or was
	standIn bool   // the fresh entry was measured on a stand-in
	text    string // for the reader
}

// differences lists where two runs of a notebook disagree.
func differences(committed, fresh []entry, drift float64) []difference {
	byKey := map[string]entry{}
	for _, e := range fresh {
		byKey[e.key()] = e
	}
	var diffs []difference
	for _, old := range committed {
		key := old.key()
		now, ok := byKey[key]
		delete(byKey, key)
		switch {
		case !ok:
			diffs = append(diffs, difference{change: gone, cell: old.cell, text: key + " is gone"})
		case now.check.StandIn && !old.check.StandIn:
			diffs = append(diffs, difference{change: onOther, cell: now.cell, standIn: true, text: key + " was measured on other data"})
		default:
			diffs = append(diffs, old.compare(now, drift)...)
		}
	}
	for _, e := range fresh {
		if _, ok := byKey[e.key()]; ok {
			diffs = append(diffs, difference{added, e.cell, e.check.StandIn, e.key() + " is new: execute the notebook and commit it"})
		}
	}
	return diffs
}

// compare lists the fields of an entry that are different now.
func (e entry) compare(now entry, drift float64) []difference {
	names := slices.Concat(slices.Collect(maps.Keys(e.fields)), slices.Collect(maps.Keys(now.fields)))
	slices.Sort(names)
	var diffs []difference
	for _, f := range slices.Compact(names) {
		tolerance := 0.0
		if e.kind == checkKind && f == "got" {
			tolerance = e.tolerance(now, drift)
		}
		if !same(e.fields[f], now.fields[f], tolerance) {
			text := fmt.Sprintf("%s: %s was %s, is %s", e.key(), f, show(e.fields[f]), show(now.fields[f]))
			if f == "got" && e.check.Relation.Bound() {
				text += fmt.Sprintf(", which is more than a drift of %g of it or of its bound %s (-drift)", drift, show(e.fields["want"]))
			}
			diffs = append(diffs, difference{other, now.cell, now.check.StandIn, text})
		}
	}
	return diffs
}

// tolerance is how far the number of a check may move. One that has to stay below or above a bound may do so by other digits
// on another processor, but drifts by no more than a part of the bound or of itself: rounding errors have room below their bound.
func (e entry) tolerance(now entry, drift float64) float64 {
	if !e.check.Relation.Bound() {
		return float64(e.check.Tolerance)
	}
	return drift * max(math.Abs(float64(e.check.Want)), math.Abs(float64(e.check.Got)), math.Abs(float64(now.check.Got)))
}

// same compares two values: numbers up to the larger of an absolute and the relative tolerance, all else exactly.
func same(a, b any, absolute float64) bool {
	x, okX := number(a)
	y, okY := number(b)
	if !okX || !okY {
		return show(a) == show(b)
	}
	return x == y || math.Abs(x-y) <= max(absolute, relativeTolerance*max(math.Abs(x), math.Abs(y)))
}

// number returns the value of a JSON number.
func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	x, err := n.Float64()
	return x, err == nil
}

// show returns a value as JSON, "nothing" for a missing one.
func show(v any) string {
	if v == nil {
		return "nothing"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// cellText formats a value for a table: numbers with at most four significant digits, a dash for nothing.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return "–"
	case json.Number:
		x, err := v.Float64()
		if err != nil {
			return v.String()
		}
		if x == math.Trunc(x) && math.Abs(x) < 1e6 {
			return fmt.Sprintf("%.0f", x)
		}
		return fmt.Sprintf("%.4g", x)
	case string:
		if v == "" {
			return "–"
		}
		return strings.NewReplacer("|", `\|`, "\n", " ").Replace(v)
	}
	return show(v)
}
