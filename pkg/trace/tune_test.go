package trace_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// one is ½(x − 1)² from 0, with a minimum of exactly 0.
var one = optimizee.Only(optimizee.Quadratic(ad.Eye(1), ad.Col(1)))

func gd(at []float64) optim.Rule { return optim.GD(optim.Fixed(at[0])) }

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		got, want []float64
	}{
		{trace.Lin("x", 1, 3, 5).Values, []float64{1, 1.5, 2, 2.5, 3}},
		{trace.Lin("x", 1, 3, 1).Values, []float64{1}},
		{trace.Lin("x", 1, 3, 0).Values, nil},
		{trace.Log("x", 1e-3, 10, 5).Values, []float64{1e-3, 1e-2, 0.1, 1, 10}},
		{trace.Log("x", 2, 8, 1).Values, []float64{2}},
	} {
		if len(c.got) != len(c.want) {
			t.Fatalf("%v, want %v", c.got, c.want)
		}
		for i := range c.want {
			if !(math.Abs(c.got[i]-c.want[i]) <= 1e-15*c.want[i]) {
				t.Errorf("%v, want %v", c.got, c.want)
			}
		}
	}
}

// On ½(x − 1)² a step s leaves (1−s)² of F: all of a search is known.
func TestTuneByHand(t *testing.T) {
	over := trace.Range{Name: "s", Values: []float64{0.5, 0.75, 1.25, 0.9, 3}}
	tuned, err := trace.Tune(t.Context(), one, trace.Config{Problems: 2, Steps: 4}, trace.GapAt(2), gd, over)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range over.Values {
		left := (1 - s) * (1 - s)
		trial := tuned.Trials[i]
		for k := range 5 {
			if want := 0.5 * math.Pow(left, float64(k)); !(math.Abs(trial.F[k]-want) <= 1e-11*want) {
				t.Errorf("s = %g: F after %d steps is %g, want %g", s, k, trial.F[k], want)
			}
		}
		if trial.Score != trial.Gap[2] || trial.At[0] != s {
			t.Errorf("s = %g: %+v", s, trial)
		}
	}
	if tuned.Best.At[0] != 0.9 || !strings.Contains(tuned.Note, "at s = 0.9.") || strings.Contains(tuned.Note, "end of its range") || strings.Contains(tuned.Note, "no proof") {
		t.Errorf("best %v: %s", tuned.Best.At, tuned.Note)
	}
	// F falls by 1/4, 1/16 and 1/100 in a step: the step counts to 1/64 of it follow
	steps, err := trace.Tune(t.Context(), one, trace.Config{Problems: 1, Steps: 4}, trace.StepsTo(0.5/64), gd, over)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3, 1.5, 1.5, math.Log(64) / math.Log(100), math.Inf(1)} {
		if got := steps.Trials[i].Score; got != want && !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("s = %g takes %g steps, want %g", over.Values[i], got, want)
		}
	}
	mean, err := trace.Tune(t.Context(), optimizee.Only(parabola()), trace.Config{Problems: 1, Steps: 2}, trace.MeanObjective(), gd, trace.Lin("s", 0.5, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got := mean.Trials[0].Score; got != (0.5/4+0.5/16)/2 || mean.Best.At[0] != 1 || !strings.Contains(mean.Note, "s lies at the end of its range") || !strings.Contains(mean.Note, "no proof") {
		t.Errorf("mean objective %g, best %v: %s", got, mean.Best.At, mean.Note)
	}
}

// Two constants: the order of the grid, the map, and the same bits again.
func TestTuneGrid(t *testing.T) {
	search := func() trace.Tuning {
		tuned, err := trace.Tune(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 5, Steps: 40, Seed: 3}, trace.GapAt(40),
			func(at []float64) optim.Rule { return optim.ProxMomentum(at[0], at[1]) },
			trace.Lin("p", 0.5, 1.5, 3), trace.Range{Name: "a", Values: []float64{0, 0.5, 0.9, 1.4}})
		if err != nil {
			t.Fatal(err)
		}
		return tuned
	}
	tuned := search()
	scores, rows, cols := tuned.Map()
	if !slices.Equal(rows, []string{"0.5", "1", "1.5"}) || !slices.Equal(cols, []string{"0", "0.5", "0.9", "1.4"}) {
		t.Errorf("labels %q and %q", rows, cols)
	}
	lowest := math.Inf(1)
	for i := range rows {
		for j := range cols {
			trial := tuned.Trials[i*len(cols)+j]
			if fmt.Sprint(trial.At[1]) != cols[j] || trial.Score != scores[i][j] {
				t.Errorf("row %d, column %d: %v with score %g, %g in the map", i, j, trial.At, trial.Score, scores[i][j])
			}
			lowest = min(lowest, trial.Score)
		}
	}
	if tuned.Best.Score != lowest || !(lowest < scores[1][0]/10) { // ISTA
		t.Errorf("the best is %g, the lowest %g, ISTA %g", tuned.Best.Score, lowest, scores[1][0])
	}
	if again := search(); !reflect.DeepEqual(again, tuned) {
		t.Error("the same search again gives another result")
	}
}

// A search and a race with one seed see different problems.
func TestTuneProblems(t *testing.T) {
	tuned, err := trace.Tune(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 4, Steps: 1, Seed: 3}, trace.GapAt(1),
		func(at []float64) optim.Rule { return optim.ProxMomentum(at[0], 0) }, trace.Range{Name: "p", Values: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	var search, race float64
	for i := range uint64(4) {
		for sum, key := range map[*float64]uint64{&search: 110, &race: 100} {
			p := optimizee.SmallLasso.Draw(optimizee.Stream(3, key, i))
			*sum += p.Value(p.Start).Item() / 4
		}
	}
	if got := tuned.Best.F[0]; math.Abs(got-search) > 1e-12*search || math.Abs(got-race) < 1e-6*race {
		t.Errorf("the search starts at a mean of %g, its problems at %g and those of a race at %g", got, search, race)
	}
}

func TestTuneRefuses(t *testing.T) {
	c := trace.Config{Problems: 1, Steps: 2}
	s := trace.Range{Name: "s", Values: []float64{0.5}}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for want, f := range map[string]func() (trace.Tuning, error){
		"0 steps on 1 problems": func() (trace.Tuning, error) {
			return trace.Tune(t.Context(), one, trace.Config{Problems: 1}, trace.GapAt(0), gd, s)
		},
		"needs a criterion": func() (trace.Tuning, error) {
			return trace.Tune(t.Context(), one, c, trace.Criterion{}, gd, s)
		},
		"at least one range": func() (trace.Tuning, error) { return trace.Tune(t.Context(), one, c, trace.GapAt(2), gd) },
		`range "s" of 0 values`: func() (trace.Tuning, error) {
			return trace.Tune(t.Context(), one, c, trace.GapAt(2), gd, trace.Range{Name: "s"})
		},
		"no rule for s = 0.5": func() (trace.Tuning, error) {
			return trace.Tune(t.Context(), one, c, trace.GapAt(2), func([]float64) optim.Rule { return nil }, s)
		},
		"s = -1: optim: GD: the step size is -1": func() (trace.Tuning, error) {
			return trace.Tune(t.Context(), one, c, trace.GapAt(2), gd, trace.Range{Name: "s", Values: []float64{0.5, -1}})
		},
		"with none of the 1 combinations": func() (trace.Tuning, error) {
			return trace.Tune(t.Context(), one, c, trace.StepsTo(1e-9), gd, s)
		},
		context.Canceled.Error(): func() (trace.Tuning, error) {
			tuned, err := trace.Tune(stopped, one, c, trace.GapAt(2), gd, s)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			return tuned, err
		},
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for want, f := range map[string]func(){
		"step 3 of a search of 2 steps": func() { _, _ = trace.Tune(t.Context(), one, c, trace.GapAt(3), gd, s) },
		"it takes two":                  func() { trace.Tuning{Ranges: []trace.Range{s}}.Map() },
	} {
		func() {
			defer func() {
				if got := recover(); got == nil || !strings.Contains(fmt.Sprint(got), want) {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

// The published settings run on both kinds of problems, and Adam as published is far
// behind ISTA on Lasso.
func TestPublished(t *testing.T) {
	for _, entries := range [][]trace.Entry{trace.Published(), trace.PublishedReal()} {
		for _, draw := range []optimizee.Family{optimizee.SmallLasso, optimizee.SmallLogistic} {
			r, err := trace.RaceFamily(t.Context(), draw, trace.Config{Problems: 3, Steps: 100, Seed: 1}, entries...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Names, []string{"ISTA", "FISTA", "Adam", "AdamHD"}) {
				t.Errorf("ran %q, refused %v", r.Names, r.Refused)
			}
			if !(r.Mean("Adam", 100) > 5*r.Mean("FISTA", 100)) {
				t.Errorf("Adam reaches %g, FISTA %g", r.Mean("Adam", 100), r.Mean("FISTA", 100))
			}
		}
	}
}

// Two constants, tuned on problems that no race sees; scores, rows and cols of Map make
// a heat map.
func ExampleTune() {
	tuned, err := trace.Tune(context.Background(), optimizee.SmallLasso, trace.Config{Problems: 16, Steps: 50}, trace.GapAt(50),
		func(at []float64) optim.Rule { return optim.ProxMomentum(at[0], at[1]) },
		trace.Lin("p·L", 0.5, 1.5, 3), trace.Lin("a", 0, 0.8, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, rows, cols := tuned.Map()
	fmt.Println("p·L of", rows, "a of", cols)
	fmt.Println("best", tuned.Best.At)
	// Output:
	// p·L of [0.5 1 1.5] a of [0 0.4 0.8]
	// best [1 0.8]
}
