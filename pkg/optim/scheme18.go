package optim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Terms are what scheme (18) takes at one step: each 1×1 for all entries or of the
// shape of x. A zero Value stands for the choice that leaves ISTA.
type Terms struct {
	P  ad.Value // the preconditioner p; default 1/L; 1×1 on problems with OneStep
	A  ad.Value // the accelerator a; default 0
	B  ad.Value // the balance b; default 1
	B1 ad.Value // the bias b₁; default 0
	B2 ad.Value // the bias b₂; default 0
}

// A Sequence gives the terms of step k = 0, 1, … at x_k and y_k. It belongs to no run:
// what it depends on is what it is given.
type Sequence func(p *optimizee.Problem, k int, x, y ad.Value) Terms

// Scheme18 is scheme (18) of the L2O-PA paper (Liu et al. 2023) with given sequences:
//
//	x̂_k = x_k − p_k⊙∇f(x_k)   ŷ_k = y_k − p_k⊙∇f(y_k)
//	x_{k+1} = prox_{r,p_k}((1−b_k)⊙x̂_k + b_k⊙ŷ_k − b₁_k)
//	y_{k+1} = x_{k+1} + a_k⊙(x_{k+1} − x_k) + b₂_k
//
// It returns x_k; from a foreign point k counts from 0 again. L2O-PA is this scheme with
// sequences from a network; [FISTATerms], [MetricTerms] and [StepLISTATerms] are those
// of Appendix C. (learned.PA adds b₁ as the public code does; here it has the sign of
// the paper.) It needs Grad, Prox and Lipschitz. A p with an entry for each of x, as that
// of MetricTerms, needs a proximal map that takes it: on a problem with OneStep the first
// step with one panics.
func Scheme18(terms Sequence) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if terms == nil {
			return nil, errors.New("optim: scheme (18) needs a Sequence, and this one is nil")
		}
		return Remember(func(x0 optimizee.Point) Step {
			y, k := x0.X(), 0
			return func(at optimizee.Point) optimizee.Point {
				x := at.X()
				t := terms(p, k, x, y)
				if t.P.IsZero() {
					t.P = ad.Scalar(1 / p.Lipschitz("x", optimizee.X(y)))
				}
				if p.OneStep && t.P.Len() > 1 {
					panic(fmt.Sprintf("optim: scheme (18) on %s: its proximal map takes one step for all entries, and p is %s for an x of %s: give a Sequence with a 1×1 P", p.Name, t.P.Shape(), x.Shape()))
				}
				v := forward(p, y, t.P)
				if !t.B.IsZero() {
					v = t.B.Mul(v).Add(t.B.Neg().Shift(1).Mul(forward(p, x, t.P)))
				}
				if !t.B1.IsZero() {
					v = v.Sub(t.B1)
				}
				next := p.Prox("x", v, t.P)
				y = next
				if !t.A.IsZero() {
					y = next.Add(t.A.Mul(next.Sub(x)))
				}
				if !t.B2.IsZero() {
					y = y.Add(t.B2)
				}
				k++
				return optimizee.X(next)
			}
		}), p.NeedOne("scheme (18)", "Grad", "Prox", "Lipschitz")
	}
}

// forward is the gradient step x − p⊙∇f(x).
func forward(p *optimizee.Problem, x, step ad.Value) ad.Value {
	return x.Sub(step.Mul(p.Grad("x", optimizee.X(x))))
}

// FISTATerms make scheme (18) FISTA: p = 1/L and a_k = (t_k − 1)/t_{k+1} with
// t_{k+1} = (1 + √(1 + 4t_k²))/2 from t_0 = 1 (L2O-PA, Appendix C).
func FISTATerms(_ *optimizee.Problem, k int, _, _ ad.Value) Terms {
	t, u := 1.0, 1.0
	for range k + 1 {
		t, u = u, (1+math.Sqrt(1+4*u*u))/2
	}
	return Terms{A: ad.Scalar((t - 1) / u)}
}

// MetricTerms make scheme (18) proximal gradient in a variable diagonal metric,
// x_{k+1} = prox_{r,p_k}(x_k − p_k⊙∇f(x_k)) (Park et al. 2020; L2O-PA, Appendix C).
func MetricTerms(metric func(k int) ad.Value) Sequence {
	return func(_ *optimizee.Problem, k int, _, _ ad.Value) Terms { return Terms{P: metric(k)} }
}

// StepLISTATerms make scheme (18) on a Lasso of weight λ Step-LISTA with a threshold of
// its own, x_{k+1} = S_θ(x_k − α∇f(x_k)) with (α, θ) = layer(k) (L2O-PA, eq. 37 and 38):
// p = α, and b₁ makes up for the difference of θ and αλ, see [BiasTo].
func StepLISTATerms(lambda float64, layer func(k int) (alpha, theta float64)) Sequence {
	return func(p *optimizee.Problem, k int, x, _ ad.Value) Terms {
		alpha, theta := layer(k)
		P := ad.Scalar(alpha)
		v := forward(p, x, P)
		return Terms{P: P, B1: BiasTo(v, v, alpha*lambda, theta)}
	}
}

// BiasTo is the b₁ with which scheme (18) on Lasso, which would threshold v by t, comes
// to S_θ(w) instead:
//
//	b₁ = v − sign(w)⊙max(|w| − (θ − t), 0),  since S_t(v − b₁) = S_θ(w).
//
// Any step that ends in a soft threshold is therefore a case of (18), for the price of a
// b₁ that depends on the iterate; it tends to zero, as Theorem 4 asks, exactly where the
// two steps come to agree.
func BiasTo(v, w ad.Value, t, theta float64) ad.Value {
	return v.Sub(w.Sign().Mul(w.Abs().Shift(t - theta).ReLU()))
}
