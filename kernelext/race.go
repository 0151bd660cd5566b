package kernelext

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// Race lets rules run on the same fresh problems of a family, until the reader presses
// Stop. It fails the cell where a race cannot begin.
//
//	res := kernelext.Race(optimizee.SmallLasso, trace.Config{Problems: 64, Steps: 100}, entries...)
func Race(fam optimizee.Family, c trace.Config, entries ...trace.Entry) *trace.Results {
	return Must(trace.RaceFamily(Context(), fam, c, entries...))
}

// Tuned returns the best constants that a search finds, and keeps them under name and the
// search's key.
//
//	best := kernelext.Tuned("lasso-constants", trace.Search{Family: fam, …})
//	entries = append(entries, best.Entry("two tuned constants"))
func Tuned(name string, s trace.Search) trace.Tuning {
	t := Keep(name, s.Key(), func() (trace.Tuning, error) { return s.Run(Context()) })
	t.Rule = s.Rule
	return t
}

// curvesOf returns what a convergence figure draws. A race brings the name of what it
// measured, the floor below which its gaps mean nothing, and its note.
func curvesOf(what any, a Axes) ([]trace.Curve, Axes) {
	switch w := what.(type) {
	case trace.Curve:
		return []trace.Curve{w}, a
	case []trace.Curve:
		return w, a
	case *trace.Results:
		if a.X == "" && a.Over != trace.Iterations {
			a.X = a.Over.String()
		}
		return w.Curves(a.Over), ofRace(w, a, w.Note())
	}
	panic(fmt.Sprintf("kernelext: %T is no kind of curves", what))
}

// samplesOf returns what a box plot draws: of a race the values of all runs after
// Axes.After steps.
func samplesOf(what any, a Axes) ([]Sample, Axes) {
	r, ok := what.(*trace.Results)
	if !ok {
		return what.([]Sample), a
	}
	k := cmp.Or(a.After, r.Steps)
	var samples []Sample
	for _, name := range r.Names {
		samples = append(samples, Sample{name, r.At(name, k)})
	}
	a.Y = cmp.Or(a.Y, fmt.Sprintf("%s after %d steps", measured(r), k))
	return samples, ofRace(r, a, fmt.Sprintf("%d problems. %s", r.Problems, r.Source()))
}

// ofRace fills in what a race knows about its axes.
func ofRace(r *trace.Results, a Axes, note string) Axes {
	a.Y, a.Linear = cmp.Or(a.Y, measured(r)), a.Linear || r.Linear
	if a.Floor == 0 && r.Precision != nil {
		a.Floor = 1e-14
		if certified := r.Floor(); certified > a.Floor {
			a.Floor = math.Pow(10, math.Ceil(math.Log10(certified)))
		}
	}
	a.Note = joinNotes(a.Note, strings.TrimSpace(note))
	for _, err := range r.Refused {
		a.Note = joinNotes(a.Note, "Not in the race: "+err+".")
	}
	return a
}

// measured is what a race measured, with its unit.
func measured(r *trace.Results) string {
	if r.Unit == "" {
		return r.Measure
	}
	return r.Measure + " in " + r.Unit
}
