package trace_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/trace"
)

// The point of a certified optimum is the one where F is so low, in units of its own too.
func TestCertifiedPoint(t *testing.T) {
	rng := optimizee.Stream(4)
	a := optimizee.Gaussian(rng, 20, 6)
	for name, units := range map[string]ad.Value{"alike": ad.Row(1, 1, 1, 1, 1, 1), "apart": ad.Row(1, 1e3, 1e-2, 1, 30, 1)} {
		p := optimizee.LeastSquares(linear.Dense(a.Mul(units)), optimizee.Gaussian(rng, 20, 1)).Plus(prox.L1(0.1))
		o, err := trace.Certified(p, 1e-12)
		if err != nil {
			t.Fatal(err)
		}
		if f := p.Value(o.X).Item(); !(math.Abs(f-o.F) <= 1e-12*o.F) || !(f-p.Bound(o.X) <= 1e-6*o.F) {
			t.Errorf("%s: F(X) = %.15g, F = %.15g, gap %g (%s)", name, f, o.F, f-p.Bound(o.X), o.Source)
		}
	}
}

// Where F rises along −∇f however short the step, the gradient is in question.
func TestCertifiedUphill(t *testing.T) {
	p := optimizee.LeastSquares(linear.Dense(optimizee.Gaussian(optimizee.Stream(4), 8, 5)), ad.Full(8, 1, 1)).Plus(prox.L1(0.1))
	right := p.Grad
	p.Grad = func(b string, x optimizee.Point) ad.Value { return right(b, x).Neg() }
	if o, err := trace.Certified(p, 1e-9); err != nil || !strings.Contains(o.Source, "is the adjoint or the gradient right?") || !strings.Contains(o.Source, "30 times") {
		t.Errorf("%+v, %v", o, err)
	}
}
