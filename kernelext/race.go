package kernelext

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// Race lets rules run on the same fresh problems of a family, until the reader presses
// Stop. It fails the cell where a race cannot begin, and where a rule panics.
//
//	res := kernelext.Race(optimizee.SmallLasso, trace.Config{Problems: 64, Steps: 100}, entries...)
func Race(fam optimizee.Family, c trace.Config, entries ...trace.Entry) *trace.Results {
	return Must(race(fam, c, entries))
}

func race(fam optimizee.Family, c trace.Config, entries []trace.Entry) (*trace.Results, error) {
	return until(Context(), "the race", func() (*trace.Results, error) { return trace.RaceFamily(Context(), fam, c, entries...) })
}

// KeptRace is a [Race] that took long, kept under name and what data can say of it: the
// family in words, the config, and the names of the entries. Not in it are the rules,
// Config.Streams and Config.Reference: say them in the name.
func KeptRace(name string, fam optimizee.Family, c trace.Config, entries ...trace.Entry) *trace.Results {
	if fam == nil {
		return Must[*trace.Results](nil, errNoFamily)
	}
	key := struct {
		Family, Measure string
		Problems, Steps int
		Seed            uint64
		Tol             float64
		Names           []string
	}{Family: fam.String(), Measure: c.Measure.Name, Problems: c.Problems, Steps: c.Steps, Seed: c.Seed, Tol: c.Tol}
	for _, e := range entries {
		key.Names = append(key.Names, e.Name)
	}
	r := Keep(name, key, func() (*trace.Results, error) { return race(fam, c, entries) })
	if r == nil {
		fail("%s: there are no results yet", name)
	}
	return r
}

var errNoFamily = errors.New("a family of problems is missing: nil")

// Tuned returns the best constants that a search finds, and keeps them under name and the
// search's key.
//
//	best := kernelext.Tuned("lasso-constants", trace.Search{Family: fam, …})
//	entries = append(entries, best.Entry("two tuned constants"))
func Tuned(name string, s trace.Search) trace.Tuning {
	if s.Family == nil {
		return Must(trace.Tuning{}, errNoFamily)
	}
	t := Keep(name, s.Key(), func() (trace.Tuning, error) {
		return until(Context(), "the search", func() (trace.Tuning, error) { return s.Run(Context()) })
	})
	if t.Best.At == nil {
		fail("%s: the search has found nothing yet", name)
	}
	t.Rule = s.Rule
	return t
}

// Trained trains a job, shows how it goes, and keeps the result under name and the job's
// key; a training that was stopped goes on from its checkpoint. One that diverged has a
// result too: what it had reached, under a note that says so.
//
//	pa := kernelext.Trained("pa-small", train.Job{Optimizer: o, Family: optimizee.SmallLasso, Config: cfg})
//	entries = append(entries, trace.Entry{Name: "L2O-PA", Rule: pa.Rule()})
func Trained(name string, j train.Job) train.Result {
	if j.Family == nil {
		return Must(train.Result{}, errNoFamily)
	}
	key, err := plain(j.Key())
	if err != nil {
		fail("%s: its settings cannot be a key: %v", name, err)
		return train.Result{}
	}
	r := Keep(name, key, func() (train.Result, error) {
		if j.Config.Checkpoint == "" {
			j.Config.Checkpoint = Checkpoint(name, key)
		}
		if j.Config.Report == nil {
			j.Config.Report = Progress(name)
		}
		r, err := caught("the training", func() (train.Result, error) { return j.Run(Context()) })
		if errors.As(err, new(*train.Divergence)) {
			err = nil // the last event of the progress says so
		}
		return r, err
	})
	r.Optimizer = j.Optimizer
	return r
}

// plain is what JSON says of a value, which is what a model is made again from: what it
// leaves out, such as probes, decides no result.
func plain(v any) (out any, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // seeds have more digits than a float64
	return out, d.Decode(&out)
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
		if w == nil {
			return nil, a
		}
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
	switch {
	case !ok:
		return what.([]Sample), a
	case r == nil:
		return nil, a
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
	a.unproven = r.Precision != nil && math.IsNaN(r.Floor())
	if a.Floor == 0 && r.Precision != nil {
		a.Floor = 1e-14
		if certified := r.Floor(); certified > a.Floor {
			a.Floor = math.Pow(10, math.Ceil(math.Log10(certified)))
		}
	}
	a.Note = joinNotes(a.Note, strings.TrimSpace(note))
	for i, said := range r.Table().Notes { // those of the race before those of its numbers
		switch {
		case i < len(r.Refused):
			a.Note = joinNotes(a.Note, "Not in the race: "+said+".")
		case !strings.Contains(a.Note, said):
			a.Note = joinNotes(a.Note, said)
		}
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
