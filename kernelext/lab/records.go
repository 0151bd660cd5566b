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
)

// MIME types of the machine-readable part of an output; package kernelext writes them.
const (
	ledgerMIME = "application/vnd.l2o.ledger+json"
	checkMIME  = "application/vnd.l2o.check+json"
)

// A record is one check or ledger row as it stands in an executed notebook.
type record struct {
	kind   string // "check" or "ledger row"
	name   string // its name or id
	fields map[string]any
}

// records collects what a notebook holds, in order. A name that occurs again gets a number, so that it keeps its partner
// in another run.
func records(nb *jupyter.Notebook) ([]record, error) {
	var list []record
	seen := map[string]int{}
	for i, c := range nb.Cells() {
		for _, o := range c.Outputs() {
			for _, k := range []struct{ mime, kind, name string }{{checkMIME, "check", "name"}, {ledgerMIME, "ledger row", "id"}} {
				v, ok := o.Data[k.mime]
				if !ok {
					continue
				}
				fields, err := object(v)
				if err != nil {
					return nil, fmt.Errorf("cell %d: a %s cannot be read: %w", i+1, k.kind, err)
				}
				name, _ := fields[k.name].(string)
				if name == "" {
					return nil, fmt.Errorf("cell %d: a %s has no %q", i+1, k.kind, k.name)
				}
				seen[k.kind+name]++
				if n := seen[k.kind+name]; n > 1 {
					name = fmt.Sprintf("%s #%d", name, n)
				}
				list = append(list, record{k.kind, name, fields})
			}
		}
	}
	return list, nil
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

// gone is what differences says of a record that the fresh run does not have.
const gone = " is gone"

// differences says in words where two runs of a notebook disagree.
func differences(committed, fresh []record) []string {
	key := func(r record) string { return r.kind + " " + r.name }
	byKey := map[string]record{}
	for _, r := range fresh {
		byKey[key(r)] = r
	}
	var diffs []string
	for _, old := range committed {
		now, ok := byKey[key(old)]
		if !ok {
			diffs = append(diffs, key(old)+gone)
			continue
		}
		delete(byKey, key(old))
		names := slices.Concat(slices.Collect(maps.Keys(old.fields)), slices.Collect(maps.Keys(now.fields)))
		slices.Sort(names)
		for _, f := range slices.Compact(names) {
			tolerance := 0.0
			if f == "got" {
				if bounded(old.fields["relation"]) {
					continue // "ok" says whether the bound holds; a training reaches it by other digits on another processor
				}
				tolerance, _ = number(old.fields["tolerance"])
			}
			if !same(old.fields[f], now.fields[f], tolerance) {
				diffs = append(diffs, fmt.Sprintf("%s: %s was %s, is %s", key(old), f, show(old.fields[f]), show(now.fields[f])))
			}
		}
	}
	for _, r := range fresh {
		if _, ok := byKey[key(r)]; ok {
			diffs = append(diffs, fmt.Sprintf("%s is new: execute the notebook and commit it", key(r)))
		}
	}
	return diffs
}

// bounded reports whether a check asserts a bound and not a number.
func bounded(relation any) bool { return relation == "at most" || relation == "at least" }

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
