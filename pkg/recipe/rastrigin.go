package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// The Primer's test 2: so many Rastrigin functions, starts on each, and steps (Chen et al.
// 2022, §4.2).
const (
	Test2Problems = 128
	Test2Starts   = 10
	Test2Steps    = 1000

	forTest2 uint64 = 1<<32 + 2 // the seed of the problems of test 2
)

// Test2Streams are the streams of problem i = 0, 1, … of test 2 in n numbers, for trace.Config.
func Test2Streams(n int) func(i int) (problem, state *rand.Rand) {
	return func(i int) (problem, state *rand.Rand) {
		return optimizee.Stream(forTest2, 1, uint64(n), uint64(i)), optimizee.Stream(forTest2, 2, uint64(n), uint64(i))
	}
}

// Test2Start goes to start j = 0, 1, … of a problem of test 2, independent N(0,1) entries. Its
// source is the random state of the run.
func Test2Start(j int) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		var x optimizee.Point
		for range j + 1 {
			x = optimizee.X(optimizee.Gaussian(rng, p.Start.X().Len(), 1))
		}
		return func(optimizee.Point) optimizee.Point { return x }, nil
	}
}

// A Walker is a method of test 2. It is taken from every start for so many steps.
type Walker struct {
	Name string
	Rule func(n int) optim.Rule // in n numbers
	In   []int                  // the n for which there are weights; nil for both

	Roams bool // a population, whose lowest member may rest while others still move
}

// Test2 are the methods of the Primer's Figure 7 and what we set beside them. Published
// constants are those of §4.2; ρ of RMSProp is not stated there, and 0.9 the usual one. Tuned
// are the rates with the lowest mean F after 1,000 steps on other problems, of ten from
// 0.003 to 3, and the step of momentum of ten from 1e-5 to 1e-2; the best of them differ by
// less than the draw of 64 problems (TestTest2Tuned). Where rates are alike, as of RMSProp in
// two numbers, that of ten numbers stands.
func Test2() []Walker {
	same := func(r optim.Rule) func(int) optim.Rule { return func(int) optim.Rule { return r } }
	either := func(two, ten optim.Rule) func(int) optim.Rule {
		return func(n int) optim.Rule {
			if n == 2 {
				return two
			}
			return ten
		}
	}
	adam := func(lr float64) optim.Rule { return optim.Adam(optim.AdamConfig{LR: lr}) }
	gd := optim.GD(optim.LineSearch(0.1))
	walkers := []Walker{
		{Name: "GD", Rule: same(gd)},
		{Name: "NAG", Rule: same(optim.NAG(optim.LineSearch(0.1)))},
		{Name: "Adam", Rule: same(adam(0.1))},
		{Name: "RMSProp", Rule: same(optim.RMSProp(0.3, 0.9))},
		{Name: "Adam, tuned", Rule: either(adam(0.3), adam(0.65))},
		{Name: "RMSProp, tuned", Rule: same(optim.RMSProp(0.0065, 0.9))},
		{Name: "momentum, tuned", Rule: either(optim.HeavyBall(optim.Fixed(1e-3), 0.9), optim.HeavyBall(optim.Fixed(2.15e-3), 0.9))},
		{Name: "Adam, tuned, best of four starts", Rule: func(n int) optim.Rule {
			return optim.BestOf(4, optim.From(optim.Scatter(1), either(adam(0.3), adam(0.65))(n)))
		}, Roams: true},
		{Name: "Run-and-Inspect", Rule: same(optim.RunAndInspect(gd, optim.Inspection{Radius: 3, Spacing: 1, Block: 2}))},
		{Name: "least squares, then GD", Rule: same(optim.From(optim.BottomOfBowl, gd))},
		{Name: "lowest known", Rule: same(optim.LowestValley)},
	}
	for _, l := range []struct {
		name, weights string
		in            []int
	}{{"L2O-DM", "l2odm", []int{2, 10}}, {"RNNprop", "rnnprop", []int{2, 10}}, {"L2O-enhanced", "enhanced", []int{2, 10}}, {"L2O-Scale", "l2oscale", []int{2, 10}}, {"L2O-Swarm", "l2oswarm", []int{2, 10}}} {
		rule := func(n int) optim.Rule { return weights.Rule(fmt.Sprintf("%s-rastrigin-%d", l.weights, n)) }
		walkers = append(walkers, Walker{l.name, rule, l.in, l.name == "L2O-Swarm"})
	}
	return walkers
}

// A Walked is where a method of test 2 was in n numbers: the mean and the 10 % and 90 %
// quantiles of F over all runs, after Test2At steps, the mean of the oracle calls at the end, and where each run ended,
// to three decimals, by problem and then by start.
type Walked struct {
	Mean, Lo, Hi []float64
	Calls        float64
	Ends         []float64
}

// Test2At are the steps after which runs of test 2 are looked at.
func Test2At(steps int) (at []int) {
	for _, k := range trace.Grid(1, float64(steps), 28, true) {
		if k := int(math.Round(k)); len(at) == 0 || k > at[len(at)-1] {
			at = append(at, k)
		}
	}
	return at
}

// Walk takes a rule through the first problems of test 2.
func Walk(ctx context.Context, n, problems, starts, steps int, rule optim.Rule) (w Walked, err error) {
	const together = 8 // problems whose runs are in memory at a time, step by step
	streams, at := Test2Streams(n), Test2At(steps)
	samples := make([][]float64, len(at))
	for from := 0; from < problems; from += together {
		c := trace.Config{
			Problems: min(together, problems-from), Steps: steps, Measure: trace.Value,
			Streams: func(i int) (problem, state *rand.Rand) { return streams(from + i) },
		}
		var entries []trace.Entry
		for j := range starts {
			entries = append(entries, trace.Entry{Name: alone, Rule: optim.From(Test2Start(j), rule)})
		}
		res, err := trace.RaceFamily(ctx, optimizee.RastriginSpec{N: n}, c, entries...)
		if err == nil && len(res.Refused) > 0 {
			err = errors.New(strings.Join(res.Refused, "; "))
		}
		if err != nil {
			return w, err
		}
		for _, run := range res.Runs[0] {
			for k, step := range at {
				samples[k] = append(samples[k], run.Values[step])
			}
			w.Calls += float64(run.Calls[steps])
			w.Ends = append(w.Ends, math.Round(1000*run.Values[steps])/1000)
		}
	}
	for _, f := range samples {
		w.Mean = append(w.Mean, trace.Mean(f))
		w.Lo, w.Hi = append(w.Lo, trace.Quantile(f, 0.1)), append(w.Hi, trace.Quantile(f, 0.9))
	}
	w.Calls /= float64(len(w.Ends))
	return w, nil
}

// rastrigin measures every method of test 2 in 2 and in 10 numbers.
func rastrigin() train.Sweep {
	s := train.Sweep{
		Name: "rastrigin", About: "where every method of the Primer's test 2 goes, on Rastrigin functions",
		Key: []int{Test2Problems, Test2Starts, Test2Steps},
	}
	for _, n := range []int{2, 10} {
		for _, m := range Test2() {
			if m.In != nil && !slices.Contains(m.In, n) {
				continue
			}
			s.Cells = append(s.Cells, train.Cell{Name: m.cell(n), Measure: func(ctx context.Context, _ string) ([]float64, error) {
				rule := m.Rule(n)
				if !m.Roams {
					rule = optim.Resting(rule)
				}
				w, err := Walk(ctx, n, Test2Problems, m.starts(), Test2Steps, rule)
				return w.flat(), err
			}})
		}
	}
	return s
}

// cell names a cell.
func (m Walker) cell(n int) string { return fmt.Sprintf("%s, n = %d", m.Name, n) }

// starts is one where the start makes no difference.
func (m Walker) starts() int {
	if m.Name == "lowest known" || strings.HasPrefix(m.Name, "least squares") {
		return 1
	}
	return Test2Starts
}

// flat is a Walked as a cell holds it, to five digits where it is drawn.
func (w Walked) flat() []float64 {
	var v []float64
	for k := range w.Mean {
		for _, f := range []float64{w.Mean[k], w.Lo[k], w.Hi[k]} {
			if scale := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(f)))); f != 0 && !math.IsInf(scale, 0) && !math.IsNaN(scale) {
				f = math.Round(f*scale) / scale
			}
			v = append(v, f)
		}
	}
	return train.Encodable(append(append(v, w.Calls), w.Ends...))
}

// Test2Measured is what is kept of a method in n numbers; ok is false where nothing is.
func Test2Measured(name string, n int) (w Walked, ok bool) {
	kept, err := Measured(rastrigin())
	v := kept[Walker{Name: name}.cell(n)]
	if err != nil || v == nil {
		return w, false
	}
	at := len(Test2At(Test2Steps))
	for k := range at {
		w.Mean, w.Lo, w.Hi = append(w.Mean, v[3*k]), append(w.Lo, v[3*k+1]), append(w.Hi, v[3*k+2])
	}
	w.Calls, w.Ends = v[3*at], v[3*at+1:]
	return w, true
}
