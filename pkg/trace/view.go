package trace

import (
	"fmt"
	"maps"
	"slices"
)

// Only returns the results of some names, in this order, to show: all of them ran in the
// same race.
func (r *Results) Only(names ...string) *Results {
	view := *r
	view.Names, view.Runs = names, make([][]Run, len(names))
	for i, name := range names {
		view.Runs[i] = r.runs(name)
	}
	return &view
}

// Without returns the results of the other names.
func (r *Results) Without(names ...string) *Results {
	for _, name := range names {
		r.index(name)
	}
	return r.Only(slices.DeleteFunc(slices.Clone(r.Names), func(n string) bool { return slices.Contains(names, n) })...)
}

// NoBands returns the results with curves that have no band: those of these names, or all
// where none is given. [Results.Note] speaks of bands as long as a curve has one.
func (r *Results) NoBands(names ...string) *Results {
	if len(names) == 0 {
		names = r.Names
	}
	for _, name := range names {
		r.index(name)
	}
	view := *r
	view.Bandless = slices.Concat(r.Bandless, names)
	return &view
}

// Medians is the same race with medians in place of means in its curves, which then stay inside
// of their bands: a few hard problems make a mean, and no median.
func (r *Results) Medians() *Results {
	view := *r
	view.medians = true
	return &view
}

// Join puts races with one measure into one figure or table. They may differ in length and
// in the number of problems, which [Results.Table] then says, and no name may run in two.
// Optima are those of the first and then of the others.
func Join(first *Results, others ...*Results) *Results {
	all := *first
	for _, r := range others {
		if r.Measure != all.Measure {
			panic(fmt.Sprintf("trace: Join of races for %s and for %s", all.Measure, r.Measure))
		}
		for _, name := range r.Names {
			if slices.Contains(all.Names, name) {
				panic(fmt.Sprintf("trace: Join of two races with %q: give one of them another name", name))
			}
		}
		all.Names, all.Runs = slices.Concat(all.Names, r.Names), slices.Concat(all.Runs, r.Runs)
		all.Refused, all.Bandless = slices.Concat(all.Refused, r.Refused), slices.Concat(all.Bandless, r.Bandless)
		all.Optima, all.Precision = slices.Concat(all.Optima, r.Optima), slices.Concat(all.Precision, r.Precision)
		all.Problems, all.Steps = max(all.Problems, r.Problems), max(all.Steps, r.Steps)
		all.Ratio = all.Ratio || r.Ratio
		if r.Pooled != nil {
			pooled := maps.Clone(r.Pooled)
			maps.Copy(pooled, all.Pooled)
			all.Pooled = pooled
		}
	}
	return &all
}

// Known are curves that were measured before, such as those that are kept of trainings, as
// results without bands, to [Join] with a race by the same measure.
func Known(m Measure, curves ...Curve) *Results {
	r := &Results{Measure: m.Name, Unit: m.Unit, Linear: m.Linear, Problems: 1}
	for _, c := range curves {
		n := len(c.Y)
		r.Names, r.Bandless, r.Steps = append(r.Names, c.Name), append(r.Bandless, c.Name), max(r.Steps, n-1)
		r.Runs = append(r.Runs, []Run{{Values: c.Y, Calls: make([]int, n), Seconds: make([]float64, n)}})
	}
	return r
}
