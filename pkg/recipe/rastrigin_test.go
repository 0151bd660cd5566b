package recipe_test

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
)

// What is kept of test 2 is what a method gives: here gradient descent on the first problems.
// Rounding may tip a run on a wall into the next valley.
func TestWalk(t *testing.T) {
	const problems = 2
	w, err := recipe.Walk(t.Context(), 2, problems, recipe.Test2Starts, recipe.Test2Steps, optim.Resting(recipe.Test2()[0].Rule(2)))
	if err != nil {
		t.Fatal(err)
	}
	kept, ok := recipe.Test2Measured("GD", 2)
	if !ok || len(kept.Ends) != recipe.Test2Problems*recipe.Test2Starts || len(kept.Mean) != len(recipe.Test2At(recipe.Test2Steps)) {
		t.Fatalf("%v, %d ends, %d means are kept", ok, len(kept.Ends), len(kept.Mean))
	}
	off := 0
	for i, f := range w.Ends {
		if math.Abs(f-kept.Ends[i]) > 0.002 {
			off++
		}
	}
	if off > 1 || len(w.Ends) != problems*recipe.Test2Starts {
		t.Errorf("%d of %d runs end elsewhere: %v, kept are %v", off, len(w.Ends), w.Ends, kept.Ends[:len(w.Ends)])
	}
	if k := len(w.Mean) - 1; w.Lo[k] > w.Mean[k] || w.Mean[k] > w.Hi[k] || !(w.Calls > 50) {
		t.Errorf("mean %g, band %g to %g, %g calls", w.Mean[k], w.Lo[k], w.Hi[k], w.Calls)
	}
	if _, ok := recipe.Test2Measured("nobody", 2); ok {
		t.Error("nobody was measured")
	}
}

// On 64 problems that are not those of the test, the tuned rates of test 2 are within 3 % of the lowest mean F of ten.
func TestTest2Tuned(t *testing.T) {
	if testing.Short() || os.Getenv("L2O_REQUIRE") != "1" {
		t.Skip("races 40 rates for 1,000 steps: runs with L2O_REQUIRE=1, without -short")
	}
	adam := func(lr float64) optim.Rule { return optim.Adam(optim.AdamConfig{LR: lr}) }
	rmsprop := func(lr float64) optim.Rule { return optim.RMSProp(lr, 0.9) }
	momentum := func(step float64) optim.Rule { return optim.HeavyBall(optim.Fixed(step), 0.9) }
	for _, c := range []struct {
		name   string
		n      int
		lo, hi float64
		rule   func(rate float64) optim.Rule
		want   float64
	}{
		{"Adam", 2, 0.003, 3, adam, 0.3},
		{"Adam", 10, 0.003, 3, adam, 0.65},
		{"RMSProp", 10, 0.003, 3, rmsprop, 0.0065},
		{"momentum", 2, 1e-5, 1e-2, momentum, 1e-3},
		{"momentum", 10, 1e-5, 1e-2, momentum, 2.15e-3},
	} {
		var entries []trace.Entry
		grid := trace.Grid(c.lo, c.hi, 10, true)
		for _, rate := range grid {
			entries = append(entries, trace.Entry{Name: fmt.Sprintf("%.3g", rate), Rule: c.rule(rate)})
		}
		res, err := trace.RaceFamily(t.Context(), optimizee.RastriginSpec{N: c.n}, trace.Config{Problems: 64, Steps: 1000, Seed: 76, Measure: trace.Value}, entries...)
		if err != nil {
			t.Fatal(err)
		}
		least, mine := math.Inf(1), math.NaN()
		for i, e := range entries {
			f := res.Mean(e.Name, 1000)
			if least = min(least, f); math.Abs(math.Log(grid[i]/c.want)) < 0.02 {
				mine = f
			}
		}
		if !(mine <= 1.03*least) {
			t.Errorf("%s, n = %d, rate %g: mean F %g, the lowest of ten rates is %g", c.name, c.n, c.want, mine, least)
		}
	}
}
