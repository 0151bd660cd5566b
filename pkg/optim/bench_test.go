package optim_test

import (
	"fmt"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// BenchmarkSteps are steps of classic rules in a caller's loop, from small problems, where a
// step is bookkeeping, to the size of the papers.
func BenchmarkSteps(b *testing.B) {
	labels := func(m int) ad.Value {
		y := gauss(6, m, 1)
		for i, v := range y.Data {
			if y.Data[i] = 0; v > 0 {
				y.Data[i] = 1
			}
		}
		return y
	}
	problems := []*optimizee.Problem{
		optimizee.Lasso(gauss(3, 20, 40), gauss(4, 20, 1), 0.3),
		optimizee.Lasso(gauss(3, 250, 500), gauss(4, 250, 1), 0.3),
		optimizee.Logistic(gauss(5, 100, 20), labels(100), 0.02),
		optimizee.Logistic(gauss(5, 1000, 50), labels(1000), 0.1),
		optimizee.Quadratic(gauss(1, 250, 250), gauss(2, 250, 1)),
	}
	for _, c := range []struct {
		name string
		r    optim.Rule
	}{
		{"ISTA", optim.ISTA},
		{"FISTA", optim.FISTA},
		{"FISTA restart", optim.FISTARestart},
		{"Adam", optim.Adam(optim.AdamConfig{})},
		{"GD", optim.GD(optim.InverseLipschitz)},
		{"NAG", optim.NAG(optim.InverseLipschitz)},
		{"heavy ball", optim.HeavyBall(optim.InverseLipschitz, 0.5)},
	} {
		for _, p := range problems {
			step, err := c.r(p, nil)
			if err != nil {
				continue
			}
			b.Run(fmt.Sprintf("%s/%s %g×%g", c.name, p.Name, p.Traits["rows"], p.Traits["cols"]), func(b *testing.B) {
				x := p.Start
				b.ReportAllocs()
				for b.Loop() {
					x = step(x)
				}
			})
		}
	}
}
