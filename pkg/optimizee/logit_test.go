package optimizee_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The fused objective and gradient of a logistic problem are its formulas, recorded or
// not, far from 0 too, and so is what passes back through both.
func TestLogisticIsItsFormula(t *testing.T) {
	const lambda = 0.1
	for _, shape := range [][2]int{{1, 1}, {7, 3}, {600, 5}, {1030, 2}} {
		rng := optimizee.Stream(11, uint64(shape[0]))
		w := adtest.Random(rng, shape[0], shape[1])
		y := adtest.Random(rng, shape[0], 1).Sign().Shift(1).Scale(0.5)
		probe := adtest.Random(rng, shape[1], 1)
		p, m := optimizee.Logistic(w, y, lambda), float64(w.R)
		value := func(x ad.Value) ad.Value {
			z := w.MatMul(x)
			return z.Softplus().Sum().Sub(z.Dot(y)).Scale(1 / m).Add(x.Norm1().Scale(lambda))
		}
		grad := func(x ad.Value) ad.Value { return w.TMatMul(w.MatMul(x).Sigmoid().Sub(y)).Scale(1 / m) }
		for _, scale := range []float64{0, 1, 300} {
			x := adtest.Random(rng, shape[1], 1).Scale(scale)
			at := optimizee.X(x)
			f, g := p.ValueGrad("x", at)
			for _, got := range []ad.Value{f, p.Value(at)} {
				if want := value(x).Item(); !(math.Abs(got.Item()-want) <= 1e-13*(1+want)) {
					t.Errorf("%v at scale %g: F is %.17g, the formula gives %.17g", shape, scale, got.Item(), want)
				}
			}
			for _, got := range []ad.Value{g, p.Grad("x", at)} {
				if off := got.Sub(grad(x)).Norm1().Item(); !(off <= 1e-13) {
					t.Errorf("%v at scale %g: ∇f is off by %g", shape, scale, off)
				}
			}
			adtest.Equal(t, 1e-12,
				func(xs ...ad.Value) ad.Value {
					at := optimizee.X(xs[0])
					return p.Value(at).Add(p.Grad("x", at).Mul(probe).SumSquares()).Add(p.Value(at))
				},
				func(xs ...ad.Value) ad.Value {
					return value(xs[0]).Scale(2).Add(grad(xs[0]).Mul(probe).SumSquares())
				}, x)
		}
	}
}
