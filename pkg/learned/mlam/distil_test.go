package mlam_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Networks that give the same whatever they see are distilled to it, and run as the
// constants do.
func TestDistil(t *testing.T) {
	o := mlam.MLAM(mlam.Mixture) // its head starts at zero
	th := drawn(o)
	th.Set("pi.linear.bias", ad.New(1, 2, []float64{0.5, -0.2}))
	th.Set("mu.linear.bias", ad.New(1, 2, []float64{0.25, 0.5}))
	paces, err := mlam.Distil(o, th)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []mlam.Pace{
		{"pi", 2 / (1 + math.Exp(-0.5)), math.Tanh(-0.2)},
		{"mu", 2 / (1 + math.Exp(-0.25)), math.Tanh(0.5)},
	} {
		if got := paces[i]; got.Block != want.Block || math.Abs(got.Share-want.Share) > 1e-6 || math.Abs(got.Momentum-want.Momentum) > 1e-6 {
			t.Errorf("distilled %v, want %v", got, want)
		}
	}
	p := mixtures.Draw(optimizee.Stream(4))
	along(t, "constants", 1e-5, path(t, mlam.Steady(10, paces...), p, 5), path(t, o.Rule(th), p, 5))
	if _, err := mlam.Distil(mlam.MLAM(mlam.Config{}), th); err == nil {
		t.Error("an additive wiring has no shares")
	}
}
