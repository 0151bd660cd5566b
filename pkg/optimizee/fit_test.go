package optimizee_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The fused operations against F and ∇f as the formulas have them: values, and the
// gradients of a scalar that both enter, for A, b and x.
func TestFusedLeastSquares(t *testing.T) {
	const lambda = 0.3
	formula := func(a, b, x ad.Value) (f, g ad.Value) {
		r := a.MatMul(x).Sub(b)
		return r.SumSquares().Scale(0.5).Add(x.Norm1().Scale(lambda)), a.TMatMul(r)
	}
	fused := func(a, b, x ad.Value) (f, g ad.Value) {
		return optimizee.Lasso(a, b, lambda).ValueGrad("x", optimizee.X(x))
	}
	apart := func(a, b, x ad.Value) (f, g ad.Value) {
		p, at := optimizee.Lasso(a, b, lambda), optimizee.X(x)
		return p.Value(at), p.Grad("x", at)
	}
	for _, shape := range [][3]int{{1, 1, 1}, {7, 4, 1}, {33, 70, 1}, {9, 12, 3}} {
		m, n, c := shape[0], shape[1], shape[2]
		data := []ad.Value{gauss(1, m, n), gauss(2, m, c), gauss(3, n, c)}
		data[2].Data[0] = 0 // the kink
		with := gauss(4, n, c)
		for recorded := range 8 { // which of A, b and x
			run := func(of func(a, b, x ad.Value) (ad.Value, ad.Value)) (out [][]float64) {
				var tape ad.Tape
				var in [3]ad.Value
				for i, v := range data {
					if in[i] = v; recorded>>i&1 == 1 {
						in[i] = tape.Watch(v)
					}
				}
				f, g := of(in[0], in[1], in[2])
				out = append(out, f.Data, g.Data)
				if recorded > 0 {
					f.Mul(f).Scale(0.1).Add(g.Square().Dot(with)).Backward()
					for _, v := range in {
						out = append(out, append([]float64{}, v.Grad()...))
					}
				}
				return out
			}
			want := run(formula)
			for name, of := range map[string]func(a, b, x ad.Value) (ad.Value, ad.Value){"ValueGrad": fused, "Value and Grad": apart} {
				for i, got := range run(of) {
					if d := adtest.Distance(got, want[i]); !(d <= 1e-13) {
						t.Errorf("%v, recorded %03b, %s: result %d is off by %.2g", shape, recorded, name, i, d)
					}
				}
			}
		}
	}
}

// An objective has the same bits whichever way it was asked for.
func TestObjectiveBits(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	x := gauss(5, 40, 1)
	var tape ad.Tape
	f := p.Value(optimizee.X(x)).Item()
	g, _ := p.ValueGrad("x", optimizee.X(x))
	h := p.Value(optimizee.X(tape.Watch(x)))
	if f != g.Item() || f != h.Item() {
		t.Errorf("F is %v, with its gradient %v, recorded %v", f, g.Item(), h.Item())
	}
}
