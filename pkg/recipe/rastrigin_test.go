package recipe_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
)

// What is kept of test 2 is what a method gives: here gradient descent on the first problems.
// Rounding may tip a run on a wall into the next valley.
func TestWalk(t *testing.T) {
	const problems = 2
	w, err := recipe.Walk(t.Context(), 2, problems, recipe.Test2Starts, recipe.Test2Steps, recipe.Resting(recipe.Test2()[0].Rule(2)))
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

// A search among valleys finds the minimum where that is certified, and descent from the
// bottom of the bowl, whose gradient is that of the waves alone, ends not far above.
func TestLowestValley(t *testing.T) {
	for i := range 6 {
		rng, state := recipe.Test2Streams(2)(i)
		p := optimizee.RastriginSpec{N: 2}.Draw(rng)
		least := p.Value(optimizee.X(p.Solve("x", p.Start))).Item()
		values, _, err := optim.Minimize(p, recipe.LowestValley, 1, state)
		if err != nil || values[1] > least+0.01*(1+math.Abs(least)) || values[1] < least-1e-9*(1+math.Abs(least)) {
			t.Errorf("problem %d: %g, certified is %g: %v", i, values[1], least, err)
		}
		_, x, err := optim.Minimize(p, recipe.LeastSquares, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := optimizee.DataOf[optimizee.RastriginData](p, "a test")
		if err != nil {
			t.Fatal(err)
		}
		if r := d.A.MatMul(x.X()).Sub(d.B); r.SumSquares().Item() > 1e-16 {
			t.Errorf("problem %d: ‖Ax − b‖² = %g", i, r.SumSquares().Item())
		}
	}
	other := optimizee.QuadraticForm(linear.Dense(ad.Eye(2)), ad.Col(0, 0))
	for _, r := range []optim.Rule{recipe.LowestValley, recipe.LeastSquares} {
		if _, err := r(other, nil); err == nil || !strings.Contains(err.Error(), "RastriginData") {
			t.Errorf("on a quadratic: %v", err)
		}
	}
}
