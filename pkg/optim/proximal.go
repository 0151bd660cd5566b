package optim

import (
	"errors"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// proxGrad is the proximal gradient step from y, prox_{tr}(y − t∇f(y)).
func proxGrad(p *optimizee.Problem, y optimizee.Point, t float64) ad.Value {
	return p.Prox("x", y.X().AddScaled(-t, p.Grad("x", y)), ad.Scalar(t))
}

// ISTA is the proximal gradient method with step 1/L (Beck and Teboulle 2009, eq. 3.1).
// It needs Grad, Prox and Lipschitz.
func ISTA(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	return func(x optimizee.Point) optimizee.Point {
		return optimizee.X(proxGrad(p, x, 1/p.Lipschitz("x", x)))
	}, p.NeedOne("ISTA", "Grad", "Prox", "Lipschitz")
}

// FISTA is ISTA with Nesterov's momentum (Beck and Teboulle 2009, eq. 4.1–4.3). It
// returns the proximal points x_k. It needs Grad, Prox and Lipschitz.
func FISTA(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	return accelerated(p, false), p.NeedOne("FISTA", "Grad", "Prox", "Lipschitz")
}

// FISTARestart is FISTA that forgets its momentum whenever that points uphill,
// ⟨y − x⁺, x⁺ − x⟩ > 0 (the gradient scheme of O'Donoghue and Candès 2015, §3.2).
func FISTARestart(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	return accelerated(p, true), p.NeedOne("FISTA restart", "Grad", "Prox", "Lipschitz")
}

func accelerated(p *optimizee.Problem, restart bool) Step {
	return Remember(func(y optimizee.Point) Step {
		t := 1.0
		return func(x optimizee.Point) optimizee.Point {
			next := proxGrad(p, y, 1/p.Lipschitz("x", y))
			move := next.Sub(x.X())
			if restart && y.X().Sub(next).Dot(move).Item() > 0 {
				t = 1
			}
			u := (1 + math.Sqrt(1+4*t*t)) / 2
			y, t = optimizee.X(next.AddScaled((t-1)/u, move)), u
			return optimizee.X(next)
		}
	})
}

// ProxMomentum is proximal gradient with a constant step s/L and a constant momentum
// a: x_{k+1} = prox(y_k − (s/L)∇f(y_k)), y_{k+1} = x_{k+1} + a(x_{k+1} − x_k). It
// returns y_k. With s and a tuned on the family it is the baseline to beat for
// scheme (18) of the L2O-PA paper, whose two outputs it holds constant. It needs Grad,
// Prox and Lipschitz.
func ProxMomentum(s, a float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := errors.Join(check.Positive("ProxMomentum", "s", s), check.Finite("ProxMomentum", "a", a)); err != nil {
			return nil, err
		}
		return Remember(func(x optimizee.Point) Step {
			return func(y optimizee.Point) optimizee.Point {
				prev := x
				x = optimizee.X(proxGrad(p, y, s/p.Lipschitz("x", y)))
				return x.Add(x.Sub(prev).Scale(a))
			}
		}), p.NeedOne("ProxMomentum", "Grad", "Prox", "Lipschitz")
	}
}

// Backtracking is ISTA without a given L: it starts from l0 and doubles the estimate
// until F(x⁺) ≤ F(x) − (L/2)‖x⁺ − x‖², which every L at least as large as the true one
// satisfies. It asks for F alone, not for its two parts. It needs Grad and Prox.
func Backtracking(l0 float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.Positive("Backtracking", "the first estimate of L", l0); err != nil {
			return nil, err
		}
		l := l0
		return func(x optimizee.Point) optimizee.Point {
			value, g := p.ValueAndGrad("x", x)
			f := value.Item()
			for {
				next := optimizee.X(p.Prox("x", x.X().Sub(g.Scale(1/l)), ad.Scalar(1/l)))
				move := next.Sub(x)
				slack := 1e-14 * math.Abs(f) // the last digits of F cannot veto a step
				if d := l / 2 * move.Dot(move); p.Value(next).Item() <= f-d+slack || math.IsInf(l, 1) || math.IsNaN(d) {
					return next
				}
				l *= 2
			}
		}, p.NeedOne("Backtracking", "Grad", "Prox")
	}
}

// Exact moves to the exact minimiser over its block. It needs Solve; ALS and EM are
// made of it: Alternate(On("U", Exact), On("V", Exact)).
func Exact(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	return func(x optimizee.Point) optimizee.Point { return optimizee.X(p.Solve("x", x)) }, p.NeedOne("Exact", "Solve")
}
