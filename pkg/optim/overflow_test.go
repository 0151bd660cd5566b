package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// A step out of the range of float64 is a step that is too long: rules that search for it
// come back, whatever they begin with.
func TestSearchesComeBackFromOverflow(t *testing.T) {
	rng := optimizee.Stream(3)
	for _, mean := range []float64{1, 10, 1000} {
		a, counts := optimizee.Gaussian(rng, 40, 4), ad.New(40, 1, nil)
		for i := range counts.Data {
			counts.Data[i] = math.Round(mean * math.Exp(0.3*rng.NormFloat64()))
		}
		f := optimizee.PoissonLoss(linear.Dense(a), counts, optimizee.Intercept())
		_, best, err := optim.Minimize(f, optim.LBFGS(10), 200, nil)
		if err != nil {
			t.Fatal(err)
		}
		least, p := f.Value(best).Item(), f.Plus(prox.None())
		for _, l0 := range []float64{1e-300, 1e-3, 0.1, 1} {
			for name, run := range map[string]struct {
				p    *optimizee.Problem
				rule optim.Rule
			}{
				"FISTABacktracking": {p, optim.FISTABacktracking(l0)},
				"Backtracking":      {p, optim.Backtracking(l0)},
				"LineSearch":        {f, optim.GD(optim.LineSearch(1 / l0))},
			} {
				values, _, err := optim.Minimize(run.p, run.rule, 1000, nil)
				if err != nil {
					t.Fatal(err)
				}
				if last := values[1000]; !(last-least <= 1e-6*least) {
					t.Errorf("%s from %g, counts about %g: F − min F is %g of %g", name, l0, mean, last-least, least)
				}
			}
		}
	}
}

// Where x itself is outside of the numbers, a search ends there.
func TestSearchesEndAtNaN(t *testing.T) {
	p := optimizee.Smooth(parabola(1))
	for name, rule := range map[string]optim.Rule{
		"FISTABacktracking": optim.FISTABacktracking(1), "Backtracking": optim.Backtracking(1), "LineSearch": optim.GD(optim.LineSearch(1)),
	} {
		step, err := rule(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if x := step(optimizee.X(ad.Scalar(math.NaN()))); !math.IsNaN(x.X().Item()) {
			t.Error(fmt.Sprintf("%s of NaN", name), x)
		}
	}
}
