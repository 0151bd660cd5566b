package optim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/optim"
)

// ω gradient steps of length t are gradient steps of length ωt; ω = 1 changes nothing.
func TestRelax(t *testing.T) {
	p := quadratic()
	for _, c := range []struct{ got, want optim.Rule }{
		{optim.Relax(1.7, optim.GD(optim.Fixed(0.01))), optim.GD(optim.Fixed(0.017))},
		{optim.Relax(1, optim.ISTA), optim.ISTA},
		{optim.Momentum(1.7, 0.6, optim.GD(optim.Fixed(0.01))), optim.HeavyBall(optim.Fixed(0.017), 0.6)},
	} {
		got, _ := run(t, p, c.got, 10)
		want, _ := run(t, p, c.want, 10)
		for k := range want {
			if !(math.Abs(got[k]-want[k]) <= 1e-12*math.Abs(want[k])) {
				t.Errorf("step %d: F is %.15g, want %.15g", k, got[k], want[k])
			}
		}
	}
	for _, omega := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := optim.Relax(omega, optim.ISTA)(p, nil); err == nil || !strings.Contains(err.Error(), "positive and finite") {
			t.Errorf("ω = %g: %v", omega, err)
		}
	}
}
