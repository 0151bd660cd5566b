package trace_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/par/partest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// drawn is the rule of o at a random θ. The first θ alone would not do: there the
// heads are zero, and nothing depends on the network.
func drawn(o learned.Optimizer) optim.Rule {
	th, rng := nn.NewParams(), optimizee.Stream(3)
	o.Init(th, rng)
	return o.Rule(th.Map(func(_ string, v ad.Value) ad.Value { return v.Add(nn.Normal(rng, v.R, v.C, 0.05)) }))
}

// digits returns all that a race measured except seconds, to the last bit, one line
// for each run and each optimum.
func digits(r *trace.Results) []string {
	lines := []string{fmt.Sprint(r.Names, r.Refused)}
	for n, runs := range r.Runs {
		for i, run := range runs {
			lines = append(lines, fmt.Sprintf("%s, run %d: F %x, calls %v, diverged %d, last %x", r.Names[n], i, run.F, run.Calls, run.Diverged, run.Last.X().Data))
		}
	}
	for i, o := range r.Optima {
		lines = append(lines, fmt.Sprintf("optimum %d: %x within %x, %s", i, o.F, o.Certificate, o.Source))
	}
	return lines
}

// large is a problem whose matrix products are large enough to be cut into tiles: least squares with 80 right-hand sides.
var large = optimizee.FamilyFunc("large", func(rng *rand.Rand) *optimizee.Problem {
	return optimizee.Quadratic(nn.Normal(rng, 330, 80, 0.1), nn.Normal(rng, 330, 80, 1))
})

// A race gives the same bits on any number of cores that lose time at random.
func TestSameBitsOnDelayedCores(t *testing.T) {
	small := learned.Network{Hidden: 6}
	field := append(trace.Classics(),
		trace.Entry{Name: "L2O-PA", Rule: drawn(learned.PA(learned.PAConfig{Network: small}))},
		trace.Entry{Name: "L2O-PA, composed", Rule: drawn(learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 3, Composed: true}}))},
		trace.Entry{Name: "L2O-DM", Rule: drawn(learned.DM(learned.DMConfig{Network: small}))},
		trace.Entry{Name: "RNNprop", Rule: drawn(learned.RNNprop(learned.RNNpropConfig{Network: small}))})
	for _, family := range []struct {
		name            string
		draw            optimizee.Family
		problems, steps int
	}{
		{"lasso", optimizee.SmallLasso, 7, 12},
		{"logistic", optimizee.SmallLogistic, 4, 12},
		{"quadratic", optimizee.QuadraticSpec{Rows: 9, Cols: 6}, 5, 12},
		{"lasso at the size of the papers", optimizee.PaperLasso, 2, 4},
		{"one problem with large products", large, 1, 3},
	} {
		t.Run(family.name, func(t *testing.T) {
			race := func(procs int, seed uint64) []string {
				var r *trace.Results
				var err error
				partest.Delayed(procs, func() {
					r, err = trace.RaceFamily(context.Background(), family.draw, trace.Config{Problems: family.problems, Steps: family.steps, Seed: seed, Tol: 1e-6}, field...)
				})
				if err != nil {
					t.Fatal(err)
				}
				return digits(r)
			}
			one := race(1, 8)
			for _, procs := range []int{2, 3, 7} {
				if d := difference(one, race(procs, 8)); d != "" {
					t.Errorf("GOMAXPROCS=%d against 1: %s", procs, d)
				}
			}
			if difference(one, race(1, 9)) == "" {
				t.Error("the seed does not matter")
			}
		})
	}
}

// Measuring one rule after the other instead of several problems at once changes no bit either.
func TestTimedRacesHaveTheSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	race := func(timed bool) []string {
		c := trace.Config{Problems: 5, Steps: 10, Seed: 2, Timed: timed}
		r, err := trace.RaceFamily(context.Background(), optimizee.SmallLasso, c,
			trace.Entry{Name: "FISTA", Rule: optim.FISTA}, trace.Entry{Name: "RNNprop", Rule: drawn(learned.RNNprop(learned.RNNpropConfig{}))})
		if err != nil {
			t.Fatal(err)
		}
		return digits(r)
	}
	if d := difference(race(false), race(true)); d != "" {
		t.Error("timed: ", d)
	}
}

// Neither do the trials of a search for constants depend on it.
func TestSearchOnAnyNumberOfProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	tune := func(procs int) []string {
		runtime.GOMAXPROCS(procs)
		tuned, err := search(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 5, Steps: 20, Seed: 3}, trace.LowestAt(20),
			trace.TwoConstants, trace.Lin("p", 0.5, 1.5, 3), trace.Lin("a", 0, 1, 3))
		if err != nil {
			t.Fatal(err)
		}
		lines := []string{fmt.Sprintf("best %x", tuned.Best)}
		for _, trial := range tuned.Trials {
			lines = append(lines, fmt.Sprintf("%x", trial))
		}
		return lines
	}
	one := tune(1)
	for procs := 2; procs <= 3; procs++ {
		if d := difference(one, tune(procs)); d != "" {
			t.Errorf("GOMAXPROCS=%d against 1: %s", procs, d)
		}
	}
}

// difference shows the first line in which two differ, or nothing.
func difference(a, b []string) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d lines, then %d", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			return fmt.Sprintf("%.300s …, then %.300s …", a[i], b[i])
		}
	}
	return ""
}
