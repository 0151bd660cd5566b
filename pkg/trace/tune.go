package trace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Range lists the values that a constant of a rule takes in a search. See [Lin] and
// [Log], or write the values down.
type Range struct {
	Name   string
	Values []float64
}

// Lin is n values from lo to hi in equal steps, both ends among them.
func Lin(name string, lo, hi float64, n int) Range {
	r := Range{Name: name}
	for i := range n {
		t := 0.0
		if n > 1 {
			t = float64(i) / float64(n-1)
		}
		r.Values = append(r.Values, lo*(1-t)+hi*t)
	}
	return r
}

// Log is n values from lo to hi in equal ratios, both ends among them.
func Log(name string, lo, hi float64, n int) Range {
	r := Lin(name, math.Log(lo), math.Log(hi), n)
	for i, v := range r.Values {
		r.Values[i] = math.Exp(v)
	}
	if n > 0 {
		r.Values[0] = lo
	}
	if n > 1 {
		r.Values[n-1] = hi // exactly
	}
	return r
}

// A Criterion says what a search is for: it makes a score of a trial, lower is better.
// A score that is not finite counts as worse than all.
type Criterion struct {
	Name string
	Of   func(t Trial) float64
}

// GapAt asks for the lowest mean relative gap after k steps.
func GapAt(k int) Criterion {
	return Criterion{fmt.Sprintf("mean relative gap after %d steps", k), func(t Trial) float64 {
		if k < 0 || k >= len(t.Gap) {
			panic(fmt.Sprintf("trace: GapAt: step %d of a search of %d steps", k, len(t.Gap)-1))
		}
		return t.Gap[k]
	}}
}

// StepsTo asks for the fewest steps until the mean relative gap is at most level. The
// score interpolates the logarithm of the gap between two steps, so that constants
// with the same number of steps are told apart.
func StepsTo(level float64) Criterion {
	return Criterion{fmt.Sprintf("steps to a mean relative gap of %g", level), func(t Trial) float64 {
		for k, g := range t.Gap {
			if !(g <= level) {
				continue
			}
			if k == 0 || g <= 0 {
				return float64(k)
			}
			before := t.Gap[k-1]
			return float64(k) - math.Log(level/g)/math.Log(before/g)
		}
		return math.Inf(1)
	}}
}

// MeanObjective asks for the lowest mean of F over all steps: what L2O is trained for
// and chosen by.
func MeanObjective() Criterion {
	return Criterion{"mean objective over the steps", func(t Trial) float64 {
		var s float64
		for _, f := range t.F[1:] {
			s += f / float64(len(t.F)-1)
		}
		return s
	}}
}

// A Trial is one point of the grid: what the rule with these constants did, in the mean
// over the problems. A step at which one of the runs had diverged is NaN.
type Trial struct {
	At    []float64 // the constants, in the order of the ranges
	Gap   []float64 // relative gap after 0, 1, … steps
	F     []float64 // objective after 0, 1, … steps
	Score float64
}

// A Tuning is what a search found.
type Tuning struct {
	Ranges []Range
	By     string  // the criterion
	Trials []Trial // the whole grid; the last range runs fastest
	Best   Trial   // the lowest score, the first of several
	Note   string  // what was searched and where F* comes from; a best value at the end of its range is named
}

// forTuning keys the random streams of a search: other problems than those of a race
// with the same seed, on which the result may be tested.
const forTuning uint64 = 110

// Tune searches the constants of a rule on a grid: it runs the rule with every
// combination of the ranges' values on the same c.Problems problems and scores the mean
// curves. Problems run in parallel, and the result does not depend on how many do.
//
//	tuned, err := trace.Tune(ctx, optimizee.PaperLasso, trace.Config{Problems: 64, Steps: 100, Seed: 1}, trace.GapAt(50),
//		func(at []float64) optim.Rule { return optim.ProxMomentum(at[0], at[1]) },
//		trace.Lin("p·L", 0.8, 1.6, 9), trace.Lin("a", 0, 1, 21))
//
// The problems are not those of a race with the same seed. Constants with which the
// rule does not start are an error; constants with which it diverges are data.
func Tune(ctx context.Context, fam optimizee.Family, c Config, by Criterion, rule func(at []float64) optim.Rule, over ...Range) (Tuning, error) {
	if c.Steps < 1 || c.Problems < 1 {
		return Tuning{}, fmt.Errorf("trace: a search of %d steps on %d problems: both have to be positive", c.Steps, c.Problems)
	}
	if by.Of == nil {
		return Tuning{}, errors.New("trace: a search needs a criterion: choose GapAt, StepsTo or MeanObjective")
	}
	grid, err := combinations(over)
	if err != nil {
		return Tuning{}, err
	}
	if c.Tol == 0 {
		c.Tol = 1e-14
	}
	entries := make([]Entry, len(grid))
	for i, at := range grid {
		entries[i] = Entry{describe(over, at), rule(at)}
		if entries[i].Rule == nil {
			return Tuning{}, fmt.Errorf("trace: there is no rule for %s", entries[i].Name)
		}
	}
	lots := make([]lot, c.Problems)
	each(ctx, c.Problems, func(i int) { lots[i] = measure(fam, c, i, entries) })
	if err := ctx.Err(); err != nil {
		return Tuning{}, err
	}
	return choose(over, grid, lots, by)
}

// lot is the outcome on one problem, without the points that a race keeps.
type lot struct {
	optimum Optimum
	gap, f  [][]float64 // of each point of the grid
	err     error
}

func measure(fam optimizee.Family, c Config, i int, entries []Entry) lot {
	h := run(fam.Draw(optimizee.Stream(c.Seed, forTuning, uint64(i))), c, i, entries)
	l := lot{optimum: h.optimum, err: h.err}
	for e := range entries {
		if l.err == nil {
			l.err = h.refused[e]
		}
		gap := make([]float64, len(h.runs[e].F))
		for k, f := range h.runs[e].F {
			gap[k] = h.optimum.Relative(f)
		}
		l.gap, l.f = append(l.gap, gap), append(l.f, h.runs[e].F)
	}
	return l
}

// choose averages over the problems in their order, and scores.
func choose(over []Range, grid [][]float64, lots []lot, by Criterion) (Tuning, error) {
	t := Tuning{Ranges: over, By: by.Name, Best: Trial{Score: math.Inf(1)}}
	optima := &Results{}
	for _, l := range lots {
		if l.err != nil {
			return Tuning{}, l.err
		}
		optima.Optima = append(optima.Optima, l.optimum)
	}
	for g, at := range grid {
		trial := Trial{At: at, Gap: make([]float64, len(lots[0].f[g])), F: make([]float64, len(lots[0].f[g]))}
		for _, l := range lots {
			for k := range trial.F {
				trial.Gap[k] += l.gap[g][k] / float64(len(lots))
				trial.F[k] += l.f[g][k] / float64(len(lots))
			}
		}
		if trial.Score = by.Of(trial); finite(trial.Score) && trial.Score < t.Best.Score {
			t.Best = trial
		}
		t.Trials = append(t.Trials, trial)
	}
	if t.Best.At == nil {
		return t, fmt.Errorf("trace: with none of the %d combinations is the %s finite: search elsewhere, or give more steps", len(grid), by.Name)
	}
	t.Note = fmt.Sprintf("The lowest %s of %d combinations on %d problems is %s, at %s.", by.Name, len(grid), len(lots), Number(t.Best.Score), describe(over, t.Best.At))
	for i, r := range over {
		if n := len(r.Values); n > 1 && (t.Best.At[i] == r.Values[0] || t.Best.At[i] == r.Values[n-1]) {
			t.Note += fmt.Sprintf(" %s lies at the end of its range: search further.", r.Name)
		}
	}
	if math.IsNaN(optima.Floor()) {
		t.Note += " F* is the lowest value seen in this search, which is no proof."
	}
	return t, nil
}

// Map returns the scores of a search over two ranges for a heat map: a row for each
// value of the first range and a column for each of the second, with their labels. It
// panics when there are not two.
func (t Tuning) Map() (scores [][]float64, rows, cols []string) {
	if len(t.Ranges) != 2 {
		panic(fmt.Sprintf("trace: a map of a search over %d constants: it takes two", len(t.Ranges)))
	}
	for _, v := range t.Ranges[0].Values {
		rows = append(rows, Number(v))
	}
	for _, v := range t.Ranges[1].Values {
		cols = append(cols, Number(v))
	}
	for i := range rows {
		var line []float64
		for _, trial := range t.Trials[i*len(cols) : (i+1)*len(cols)] {
			line = append(line, trial.Score)
		}
		scores = append(scores, line)
	}
	return scores, rows, cols
}

// combinations lists the grid, the last range running fastest.
func combinations(over []Range) ([][]float64, error) {
	if len(over) == 0 {
		return nil, errors.New("trace: a search needs at least one range")
	}
	grid := [][]float64{nil}
	for _, r := range over {
		if r.Name == "" || len(r.Values) == 0 {
			return nil, fmt.Errorf("trace: range %q of %d values: it needs a name and values", r.Name, len(r.Values))
		}
		var next [][]float64
		for _, at := range grid {
			for _, v := range r.Values {
				next = append(next, append(at[:len(at):len(at)], v))
			}
		}
		grid = next
	}
	return grid, nil
}

func describe(over []Range, at []float64) string {
	words := make([]string, len(at))
	for i, v := range at {
		words[i] = over[i].Name + " = " + Number(v)
	}
	return strings.Join(words, ", ")
}

// each calls f for 0 ≤ i < n on all cores, until the context ends.
func each(ctx context.Context, n int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
