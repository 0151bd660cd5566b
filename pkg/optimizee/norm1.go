package optimizee

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/prox"
)

// Norm1 is F(x) = ‖Qx‖₁ with an orthogonal Q (n×n), all of it non-smooth: |x| for
// Q = 1. On these functions, which share the minimiser 0, no explicit rule is fast from
// every start (L2O-PA, Propositions 1 and 2): race optim.Explicit against the implicit
// rule, optim.Scheme18 with a constant p, which ends at exactly 0 after ‖Qx₀‖∞/p steps.
//
// f is 0, and so is its gradient; Lipschitz is 1, as any L would do. The proximal map
// Qᵀ·S_t(Qv) has one t for all entries: with one for each there is no closed form, so
// of L2O-PA only the variant "A" runs here.
func Norm1(q, start ad.Value) *Problem {
	p := &Problem{
		Name:      "1-norm",
		Start:     X(start),
		Value:     func(x Point) ad.Value { return q.MatMul(x.X()).Norm1() },
		Grad:      func(_ string, x Point) ad.Value { return x.X().Scale(0) },
		Subgrad:   func(_ string, x Point) ad.Value { return q.TMatMul(q.MatMul(x.X()).Sign()) },
		Lipschitz: func(string, Point) float64 { return 1 },
		Prox: func(_ string, v, step ad.Value) ad.Value {
			return q.TMatMul(prox.Soft(q.MatMul(v), step.Reshape(1, 1)))
		},
		OneStep: true,
		Bound:   func(Point) float64 { return 0 },
		Traits:  map[string]float64{"cols": float64(q.C)},
	}
	switch {
	case q.R != q.C || start.R != q.C || start.Len() == 0:
		p.Err = fmt.Errorf("the matrix Q is %s and the start %s: Q has to be square with a row for each row of x", q.Shape(), start.Shape())
	case !(q.TMatMul(q).Sub(ad.Eye(q.C)).SumSquares().Item() <= 1e-20):
		p.Err = errors.New("the matrix Q is not orthogonal: QᵀQ has to be the identity")
	}
	return p
}

// Norm1Spec is the family of [Norm1] problems in N numbers that Propositions 1 and 2
// speak of: Q uniform among the orthogonal matrices, the start uniform in [−R, R]ᴺ.
// The propositions are about the worst of the runs.
type Norm1Spec struct {
	N int
	R float64 // default 1, Nought for a start at the minimum
}

// Draw draws a problem.
func (s Norm1Spec) Draw(rng *rand.Rand) *Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(s.N > 0, "a problem in %d numbers: N has to be positive", s.N)); err != nil {
		return &Problem{Name: "1-norm", Err: err}
	}
	g, start := mat.NewDense(s.N, s.N, nil), ad.New(s.N, 1, nil)
	for i := range s.N {
		start.Data[i] = cmp.Or(s.R, 1) * (2*rng.Float64() - 1)
		for j := range s.N {
			g.Set(i, j, rng.NormFloat64())
		}
	}
	var qr mat.QR
	var q, r mat.Dense
	qr.Factorize(g)
	qr.QTo(&q)
	qr.RTo(&r)
	for j := range s.N { // a positive diagonal of R makes the factors unique, and Q uniform
		for i := range s.N {
			q.Set(i, j, math.Copysign(1, r.At(j, j))*q.At(i, j))
		}
	}
	return Norm1(ad.New(s.N, s.N, q.RawMatrix().Data), start)
}

// String describes the family.
func (s Norm1Spec) String() string {
	return fmt.Sprintf("‖Qx‖₁ in %d numbers, Q orthogonal, starts within ±%g", s.N, cmp.Or(s.R, 1))
}
