//go:build !race

package optim_test

import (
	"runtime"
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// The race detector makes pools forget, so this is not built with it.

// A step makes the point that it returns and nothing else of that size.
func TestStepsMakeOnePoint(t *testing.T) {
	const n, steps = 4000, 60
	p := optimizee.Lasso(gauss(3, 10, n), gauss(4, 10, 1), 0.3)
	smooth := optimizee.Quadratic(gauss(1, 10, n), gauss(2, 10, 1))
	for rule, r := range recyclers() {
		for _, p := range []*optimizee.Problem{p, smooth} {
			step, err := r(p, nil)
			if err != nil {
				continue
			}
			points := 1
			switch rule {
			case "guarded":
				points = 2
			case "alternating": // FISTA starts anew each time
				points = 3
			case "repeated":
				points = 3
			}
			x := p.Start
			for range 5 {
				x = step(x)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range steps {
				x = step(x)
			}
			runtime.ReadMemStats(&after)
			if got := float64(after.TotalAlloc-before.TotalAlloc) / steps / (8 * n); got > float64(points)+0.5 {
				t.Errorf("%s on %s: a step makes %.1f vectors, %d would do", rule, p.Name, got, points)
			}
		}
	}
}
