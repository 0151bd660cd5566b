package optimizee

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
)

// strongBound is a lower bound on F = f + r where f is µ-strongly convex with gradients of
// Lipschitz constant L. With x⁺ = prox_{r/L}(x − ∇f(x)/L) and G = L(x − x⁺), every y has
//
//	F(y) ≥ F(x⁺) + ⟨G, y − x⟩ + ‖G‖²/(2L) + µ/2·‖y − x‖²
//
// (Beck 2017, Theorem 10.16), and the right-hand side is least at y = x − G/µ:
//
//	F ≥ F(x⁺) − ‖G‖²·(1/(2µ) − 1/(2L)).
//
// It is nil where q has not what it takes, and −Inf where µ is not above rounding.
func strongBound(q *Problem, lipschitz, convexity func() float64) func(x Point) float64 {
	if q.Prox == nil || q.Grad == nil || lipschitz == nil || convexity == nil {
		return nil
	}
	return func(x Point) float64 {
		l, mu := lipschitz(), convexity()
		if !(mu > 1e-12*l) {
			return math.Inf(-1)
		}
		x = x.Detach()
		next := q.Prox("x", x.X().AddScaled(-1/l, q.Grad("x", x)), ad.Scalar(1/l)).Detach()
		f := q.Value(X(next)).Item()
		if underflows(l, f) {
			return math.Inf(-1)
		}
		g := floats.Norm(next.Sub(x.X()).Data, 2) * l * math.Sqrt(max(1/(2*mu)-1/(2*l), 0))
		return f - g*g
	}
}

// smoothBound is the bound F(x) − ‖∇f‖²/(2µ) of a smooth problem that is strongly convex;
// elsewhere it is −f*(0), the least that the loss can be.
func (m *model) smoothBound(p *Problem) func(x Point) float64 {
	if m.loss.Conjugate == nil {
		return nil
	}
	least := sync.OnceValue(func() float64 { return 0 - m.conjugate(ad.New(m.a.Rows, m.loss.Scores, nil), 0) })
	return func(x Point) float64 {
		if m.convexity == nil {
			return least()
		}
		mu := m.convexity()
		if mu <= 1e-12*m.lipschitz() {
			return least()
		}
		x = x.Detach()
		f := p.Value(x).Item()
		if underflows(m.lipschitz(), f) {
			return least()
		}
		g := floats.Norm(p.Grad("x", x).Data, 2) / math.Sqrt(2*mu)
		return f - g*g
	}
}

// underflows reports whether gradients, which are up to √(2L·f) for f = ½‖Ax − b‖², lose
// their digits because they are next to the smallest numbers: then they prove nothing.
func underflows(l, f float64) bool { return math.Sqrt(l)*math.Sqrt(2*math.Abs(f)) < 1e-290 }

// smallest is the smallest singular value of the columns of A, 0 where there are more of
// them than rows.
func smallest(a ad.Value) float64 {
	var svd mat.SVD
	if a.R < a.C || !svd.Factorize(mat.NewDense(a.R, a.C, a.Data), mat.SVDNone) {
		return 0
	}
	s := svd.Values(nil)
	return s[len(s)-1]
}
