package trace_test

import (
	"cmp"
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
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
)

// one is ½(x − 1)² from 0, with a minimum of exactly 0.
var one = optimizee.Only(optimizee.Quadratic(ad.Eye(1), ad.Col(1)))

// search runs one with its parts in a line.
func search(ctx context.Context, fam optimizee.Family, c trace.Config, by trace.Criterion, rule func(at []float64) optim.Rule, over ...trace.Range) (trace.Tuning, error) {
	return trace.Search{Family: fam, Config: c, By: by, Rule: rule, Over: over}.Run(ctx)
}

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
func TestSearchByHand(t *testing.T) {
	over := trace.Range{Name: "s", Values: []float64{0.5, 0.75, 1.25, 0.9, 3}}
	tuned, err := search(t.Context(), one, trace.Config{Problems: 2, Steps: 4}, trace.LowestAt(2), gd, over)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range over.Values {
		left := (1 - s) * (1 - s)
		trial := tuned.Trials[i]
		for k := range 5 {
			if want := 0.5 * math.Pow(left, float64(k)); !(math.Abs(trial.Mean[k]-want) <= 1e-11*want) {
				t.Errorf("s = %g: F after %d steps is %g, want %g", s, k, trial.Mean[k], want)
			}
		}
		if trial.Score != trial.Mean[2] || trial.At[0] != s {
			t.Errorf("s = %g: %+v", s, trial)
		}
	}
	if tuned.Best.At[0] != 0.9 || !strings.Contains(tuned.Note, "at s = 0.9.") || strings.Contains(tuned.Note, "end of its range") || strings.Contains(tuned.Note, "no proof") {
		t.Errorf("best %v: %s", tuned.Best.At, tuned.Note)
	}
	// F falls by 1/4, 1/16 and 1/100 in a step: the step counts to 1/64 of it follow
	steps, err := search(t.Context(), one, trace.Config{Problems: 1, Steps: 4}, trace.StepsTo(0.5/64), gd, over)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3, 1.5, 1.5, math.Log(64) / math.Log(100), math.Inf(1)} {
		if got := steps.Trials[i].Score; got != want && !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("s = %g takes %g steps, want %g", over.Values[i], got, want)
		}
	}
	mean, err := search(t.Context(), optimizee.Only(parabola()), trace.Config{Problems: 1, Steps: 2}, trace.LowestMean(), gd, trace.Lin("s", 0.5, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got := mean.Trials[0].Score; got != (0.5/4+0.5/16)/2 || mean.Best.At[0] != 1 || !strings.Contains(mean.Note, "s lies at the end of its range") || !strings.Contains(mean.Note, "no proof") {
		t.Errorf("mean objective %g, best %v: %s", got, mean.Best.At, mean.Note)
	}
}

// Two constants: the order of the grid, the map, and the same bits again.
func TestSearchGrid(t *testing.T) {
	run := func() trace.Tuning {
		tuned, err := search(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 5, Steps: 40, Seed: 3}, trace.LowestAt(40),
			func(at []float64) optim.Rule { return optim.ProxMomentum(at[0], at[1]) },
			trace.Lin("p", 0.5, 1.5, 3), trace.Range{Name: "a", Values: []float64{0, 0.5, 0.9, 1.4}})
		if err != nil {
			t.Fatal(err)
		}
		return tuned
	}
	tuned := run()
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
	again := run()
	if again.Rule, tuned.Rule = nil, nil; !reflect.DeepEqual(again, tuned) {
		t.Error("the same search again gives another result")
	}
}

// A search and a race with one seed see different problems.
func TestSearchProblems(t *testing.T) {
	tuned, err := search(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 4, Steps: 1, Seed: 3, Measure: trace.Value}, trace.LowestAt(1),
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
	if got := tuned.Best.Mean[0]; math.Abs(got-search) > 1e-12*search || math.Abs(got-race) < 1e-6*race {
		t.Errorf("the search starts at a mean of %g, its problems at %g and those of a race at %g", got, search, race)
	}
}

func TestSearchRefuses(t *testing.T) {
	c := trace.Config{Problems: 1, Steps: 2}
	s := trace.Range{Name: "s", Values: []float64{0.5}}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for want, f := range map[string]func() (trace.Tuning, error){
		"0 steps on 1 problems": func() (trace.Tuning, error) {
			return search(t.Context(), one, trace.Config{Problems: 1}, trace.LowestAt(0), gd, s)
		},
		"needs a criterion": func() (trace.Tuning, error) {
			return search(t.Context(), one, c, trace.Criterion{}, gd, s)
		},
		"at least one range": func() (trace.Tuning, error) { return search(t.Context(), one, c, trace.LowestAt(2), gd) },
		`range "s" of 0 values`: func() (trace.Tuning, error) {
			return search(t.Context(), one, c, trace.LowestAt(2), gd, trace.Range{Name: "s"})
		},
		"no rule for s = 0.5": func() (trace.Tuning, error) {
			return search(t.Context(), one, c, trace.LowestAt(2), func([]float64) optim.Rule { return nil }, s)
		},
		"s = -1: optim: GD: the step size is -1": func() (trace.Tuning, error) {
			return search(t.Context(), one, c, trace.LowestAt(2), gd, trace.Range{Name: "s", Values: []float64{0.5, -1}})
		},
		"with none of the 1 combinations": func() (trace.Tuning, error) {
			return search(t.Context(), one, c, trace.StepsTo(1e-9), gd, s)
		},
		context.Canceled.Error(): func() (trace.Tuning, error) {
			tuned, err := search(stopped, one, c, trace.LowestAt(2), gd, s)
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
		"step 3 of a search of 2 steps": func() { _, _ = search(t.Context(), one, c, trace.LowestAt(3), gd, s) },
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

// Further rounds lie between the neighbours of the best so far, and rise no more; what
// ends at a border is named, and lists stay.
func TestRounds(t *testing.T) {
	s := trace.Search{
		Family: one, Config: trace.Config{Problems: 1, Steps: 1}, By: trace.LowestAt(1), Rule: gd,
		Over: []trace.Range{trace.Lin("s", 0.1, 0.9, 5)},
	}
	var scores []float64
	for s.Rounds = 1; s.Rounds <= 4; s.Rounds++ {
		runs := 0
		s.Report = func(done, of int, _ trace.Trial) {
			if runs++; done != runs || of != 5*s.Rounds {
				t.Errorf("%d of %d runs reported as %d of %d", runs, 5*s.Rounds, done, of)
			}
		}
		tuned, err := s.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := 5 * s.Rounds; runs != want || len(tuned.Trials) != 5 {
			t.Errorf("%d runs in %d rounds", runs, s.Rounds)
		}
		if s.Rounds == 1 && !slices.Equal(tuned.Border, []string{"s"}) {
			t.Errorf("border %q: %s", tuned.Border, tuned.Note)
		}
		if tuned.Entry("mine").Name != "mine" || tuned.Entry("mine").Rule == nil {
			t.Error("no entry")
		}
		scores = append(scores, tuned.Best.Score)
	}
	if !slices.IsSortedFunc(scores, func(a, b float64) int { return -cmp.Compare(a, b) }) || !(scores[3] < 1e-2*scores[0]) {
		t.Errorf("best scores %v", scores)
	}
	s.Report, s.Rounds, s.Over = nil, 2, []trace.Range{trace.Values("s", 0.5, 0.75), trace.Log("t", 1, 4, 3)}
	tuned, err := s.Run(t.Context())
	if err != nil || !slices.Equal(tuned.Ranges[0].Values, []float64{0.5, 0.75}) {
		t.Fatalf("ranges %v, %v", tuned.Ranges, err)
	}
	// t does not matter: its first value is the best, and 1/√2, 1, √2 lie around it
	if got := tuned.Ranges[1].Values; len(got) != 3 || math.Abs(got[0]-1/math.Sqrt2) > 1e-15 || math.Abs(got[2]-math.Sqrt2) > 1e-15 {
		t.Errorf("around 1: %v", got)
	}
	if w := tuned.Where(func(at []float64) bool { return at[0] < 0.6 }); w.At[0] != 0.5 || !(w.Score > tuned.Best.Score) {
		t.Errorf("with s < 0.6: %+v", w)
	}
	if w := tuned.Where(func([]float64) bool { return false }); w.At != nil || !math.IsInf(w.Score, 1) {
		t.Errorf("nowhere: %+v", w)
	}
}

// TestRoundsWithoutProof: where nothing proves F*, a later round that sees a lower F leads, and
// all scores are gaps to that.
func TestRoundsWithoutProof(t *testing.T) {
	unproven := optimizee.Changed(one, "½(x − 1)² + 1", func(p *optimizee.Problem) *optimizee.Problem {
		q := *p
		q.Value = func(x optimizee.Point) ad.Value { return p.Value(x).Shift(1) }
		q.Bound, q.ValueGrad = nil, nil
		return &q
	})
	for steps := 1; steps <= 2; steps++ {
		s := trace.Search{
			Family: unproven, Config: trace.Config{Problems: 1, Steps: steps}, By: trace.LowestAt(1), Rule: gd,
			Over: []trace.Range{trace.Lin("s", 0.1, 0.7, 4)},
		}
		best := 0.
		for s.Rounds = 1; s.Rounds <= 4; s.Rounds++ {
			tuned, err := s.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			at := tuned.Best.At[0]
			if !(at > best) || !strings.Contains(tuned.Note, "no proof") {
				t.Errorf("%d rounds lead from s = %g to %g: %s", s.Rounds, best, at, tuned.Note)
			}
			f := func(x float64) float64 { return (x-1)*(x-1)/2 + 1 }
			least := math.Inf(1) // of all trials of the last round after each step, x = 1 − (1 − s)ᵏ
			for _, trial := range tuned.Trials {
				for k := range steps {
					least = min(least, f(1-math.Pow(1-trial.At[0], float64(k+1))))
				}
			}
			if want := (f(at) - least) / least; math.Abs(tuned.Best.Score-want) > 1e-15 {
				t.Errorf("%d rounds: score %g, want %g", s.Rounds, tuned.Best.Score, want)
			}
			best = at
		}
	}
	s := trace.Search{Family: unproven, Config: trace.Config{Problems: 1, Steps: 1}, By: trace.LowestAt(1), Rule: gd, Over: []trace.Range{trace.Values("s", 1)}, Rounds: -1}
	if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "-1 rounds") {
		t.Error(err)
	}
}

// A search by the error of a recovery: the score is the NMSE over all instances.
func TestSearchByMeasure(t *testing.T) {
	s := trace.Search{
		Family: sparse.SmallRecovery, Config: trace.Config{Problems: 2, Steps: 8, Measure: trace.NMSE}, By: trace.LowestAt(8), Rule: trace.TwoConstants,
		Over: []trace.Range{trace.Values("p·L", 1), trace.Values("a", 0, 0.8)},
	}
	tuned, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all errorSums
	for i := range uint64(2) {
		p := sparse.SmallRecovery.Draw(optimizee.Stream(0, 110, i))
		_, x, err := optim.Minimize(p, optim.ProxMomentum(1, 0.8), 8, nil)
		if err != nil {
			t.Fatal(err)
		}
		all.add(x.X(), p.Truth.X())
	}
	if tuned.Best.At[1] != 0.8 || tuned.Best.Score != all.ratio() || strings.Contains(tuned.Note, "proof") || !strings.Contains(tuned.By, "NMSE after 8") {
		t.Errorf("%+v, want %g: %s", tuned.Best, all.ratio(), tuned.Note)
	}
}
