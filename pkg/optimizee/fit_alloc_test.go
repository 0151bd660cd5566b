//go:build !race

package optimizee_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The race detector makes pools forget, so this is not built with it.

// Without a tape, only the results are allocated: 8·n bytes for a gradient.
func TestLeastSquaresAllocations(t *testing.T) {
	p := optimizee.LeastSquares(linear.Dense(gauss(4, 20, 40)), gauss(6, 20, 1))
	x := optimizee.X(gauss(5, 40, 1))
	for name, c := range map[string]struct {
		most float64
		f    func()
	}{
		"Value":     {1, func() { p.Value(x) }},
		"Grad":      {2, func() { p.Grad("x", x) }},
		"ValueGrad": {2, func() { p.ValueGrad("x", x) }},
	} {
		if n := testing.AllocsPerRun(100, c.f); n > c.most {
			t.Errorf("%s allocates %v times, at most %v were expected", name, n, c.most)
		}
	}
}
