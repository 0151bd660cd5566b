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
				e := entry{kind: k.kind}
				var err error
				if e.fields, err = object(v); err == nil && k.kind == checkKind {
					err = record.Read(v, &e.check)
				}
				if err != nil {
					return nil, fmt.Errorf("cell %d: a %s cannot be read: %w", i+1, k.kind, err)
				}
				if e.name, _ = e.fields[k.name].(string); e.name == "" {
					return nil, fmt.Errorf("cell %d: a %s has no %q", i+1, k.kind, k.name)
				}
				seen[e.key()]++
				if n := seen[e.key()]; n > 1 {
					e.name = fmt.Sprintf("%s #%d", e.name, n)
				}
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// standIns names the stand-ins for real data that a notebook was run on. Outputs of older versions name none.
func standIns(nb *jupyter.Notebook) (map[string]bool, error) {
	names := map[string]bool{}
	for i, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			v, ok := o.Data[record.DataMIME]
			if !ok {
				continue
			}
			var d record.Data
			if err := record.Read(v, &d); err != nil {
				return nil, fmt.Errorf("cell %d: the name of its data cannot be read: %w", i+1, err)
			}
			if d.StandIn {
				names[d.Name] = true
			}
		}
	}
	return names, nil
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
	standIn bool   // the fresh entry was measured on a stand-in
	text    string // for the reader
}

// differences lists where two runs of a notebook disagree.
func differences(committed, fresh []entry) []difference {
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
			diffs = append(diffs, difference{change: gone, text: key + " is gone"})
		case now.check.StandIn && !old.check.StandIn:
			diffs = append(diffs, difference{change: onOther, standIn: true, text: key + " was measured on other data"})
		default:
			diffs = append(diffs, old.compare(now)...)
		}
	}
	for _, e := range fresh {
		if _, ok := byKey[e.key()]; ok {
			diffs = append(diffs, difference{added, e.check.StandIn, e.key() + " is new: execute the notebook and commit it"})
		}
	}
	return diffs
}

// compare lists the fields of an entry that are different now.
func (e entry) compare(now entry) []difference {
	names := slices.Concat(slices.Collect(maps.Keys(e.fields)), slices.Collect(maps.Keys(now.fields)))
	slices.Sort(names)
	var diffs []difference
	for _, f := range slices.Compact(names) {
		tolerance := 0.0
		if e.kind == checkKind && f == "got" {
			if e.check.Relation.Bound() {
				continue // "ok" says whether the bound holds; a training reaches it by other digits on another processor
			}
			tolerance = float64(e.check.Tolerance)
		}
		if !same(e.fields[f], now.fields[f], tolerance) {
			text := fmt.Sprintf("%s: %s was %s, is %s", e.key(), f, show(e.fields[f]), show(now.fields[f]))
			diffs = append(diffs, difference{other, now.check.StandIn, text})
		}
	}
	return diffs
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
