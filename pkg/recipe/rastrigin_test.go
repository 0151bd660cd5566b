package recipe_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/recipe"
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
