package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// In more than one number the proximal map has no steps of its own for each entry, and is
// held against its definition instead of the laws: (v − x)/t is in the subdifferential at
// x = prox(v), Qᵀ[−1, 1]ⁿ with the signs of Qx.
func TestNorm1(t *testing.T) {
	const step = 0.4
	q := ad.New(2, 2, []float64{0.6, -0.8, 0.8, 0.6})
	p := optimizee.Norm1(q, ad.Col(1, 2))
	for _, v := range []ad.Value{ad.Col(1, 2), ad.Col(0.3, -0.2), ad.Col(-1, 0.5), ad.Col(0, 0)} {
		x := p.Prox("x", v, ad.Scalar(step))
		g, qx := q.MatMul(v.Sub(x)).Scale(1/step).Data, q.MatMul(x).Data
		for i := range g {
			if zero := math.Abs(qx[i]) < 1e-15; !(math.Abs(g[i]) <= 1+1e-12) || !zero && !(math.Abs(g[i]-math.Copysign(1, qx[i])) <= 1e-12) {
				t.Errorf("prox of %v is %v, from which %v does not lead back", v.Data, x.Data, g)
			}
		}
		if s := q.MatMul(p.Subgrad("x", optimizee.X(v))).Sub(q.MatMul(v).Sign()); !(s.Norm1().Item() <= 1e-14) {
			t.Errorf("subgradient at %v is off by %v", v.Data, s.Data)
		}
	}
}

func TestNorm1Refuses(t *testing.T) {
	for want, p := range map[string]*optimizee.Problem{
		"Q has to be square":             optimizee.Norm1(ad.New(2, 3, nil), ad.New(3, 1, nil)),
		"the start 2×1":                  optimizee.Norm1(ad.Eye(3), ad.New(2, 1, nil)),
		"the matrix Q is not orthogonal": optimizee.Norm1(ad.Eye(2).Scale(2), ad.New(2, 1, nil)),
		"in 0 numbers":                   optimizee.Norm1Spec{}.Draw(optimizee.Stream(1)),
	} {
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
