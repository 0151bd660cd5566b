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
	g := p.Grad("x", y)
	v := y.X().AddScaled(-t, g)
	next := p.Prox("x", v, ad.Scalar(t))
	p.Recycle(next, g, v)
	return next
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
		t, mine := 1.0, false // the first y is the caller's
		return func(x optimizee.Point) optimizee.Point {
			next := proxGrad(p, y, 1/p.Lipschitz("x", y))
			move := next.Sub(x.X())
			if restart && uphill(y.X(), next, move) {
				t = 1
			}
			u := (1 + math.Sqrt(1+4*t*t)) / 2
			ahead := next.AddScaled((t-1)/u, move)
			if ad.Recycle(ahead, move); mine {
				p.Recycle(next, y.X())
			}
			y, t, mine = optimizee.X(ahead), u, true
			return optimizee.X(next)
		}
	})
}

// uphill reports whether the momentum of a step points uphill.
func uphill(y, next, move ad.Value) bool {
	back := y.Sub(next)
	up := back.Dot(move)
	ad.Recycle(up, back)
	return up.Item() > 0
}

// ProxMomentum is proximal gradient with a constant step s/L and a constant momentum
// a: x_{k+1} = prox(y_k − (s/L)∇f(y_k)), y_{k+1} = x_{k+1} + a(x_{k+1} − x_k). It
// returns y_k, and x_k where F is +Inf outside of a constraint. With s and a tuned on the family it is the baseline to beat for
// scheme (18) of the L2O-PA paper, whose two outputs it holds constant. It needs Grad,
// Prox and Lipschitz.
func ProxMomentum(s, a float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := errors.Join(check.Positive("ProxMomentum", "s", s), check.Finite("ProxMomentum", "a", a)); err != nil {
			return nil, err
		}
		return Remember(func(x0 optimizee.Point) Step {
			x, y, mine := x0.X(), x0, false // the first x is the caller's
			return func(at optimizee.Point) optimizee.Point {
				if !p.Constrained() {
					y = at
				}
				next := proxGrad(p, y, s/p.Lipschitz("x", y))
				move := next.Sub(x)
				by := move.Scale(a)
				ahead := next.Add(by)
				if ad.Recycle(ahead, move, by); mine {
					p.Recycle(next, x)
				}
				x, y, mine = next, optimizee.X(ahead), !p.Constrained()
				if p.Constrained() {
					return optimizee.X(x)
				}
				return y
			}
		}), p.NeedOne("ProxMomentum", "Grad", "Prox", "Lipschitz")
	}
}

// Backtracking is ISTA without a given L: it starts from l0 and doubles the estimate
// until F(x⁺) ≤ F(x) − (L/2)‖x⁺ − x‖², which every L at least as large as the true one
// satisfies. Where l0 is more than a thousand times the curvature along the first step, as in
// another unit, it starts from that. It asks for F alone, not for its two parts. It needs Grad and Prox.
func Backtracking(l0 float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.Positive("Backtracking", "the first estimate of L", l0); err != nil {
			return nil, err
		}
		l, first := l0, true
		return func(x optimizee.Point) optimizee.Point {
			value, g := p.ValueAndGrad("x", x)
			if first {
				l, first = lowered(p, x, g, l0), false
			}
			f := value.Item()
			for {
				by := g.Scale(1 / l)
				v := x.X().Sub(by)
				next := optimizee.X(p.Prox("x", v, ad.Scalar(1/l)))
				move := next.Sub(x)
				d := l / 2 * move.Dot(move)
				next.Recycle(move, optimizee.X(by))
				p.Recycle(next.X(), v)
				slack := 1e-14 * math.Abs(f) // the last digits of F cannot veto a step
				if p.Value(next).Item() <= f-d+slack || math.IsInf(l, 1) || math.IsNaN(f) {
					p.Recycle(next.X(), g)
					return next
				}
				p.Recycle(x.X(), next.X())
				l *= 2
			}
		}, p.NeedOne("Backtracking", "Grad", "Prox")
	}
}

// lowered is l0 or, where that is more than a thousand times the curvature of f along a
// proximal step from x, that curvature.
func lowered(p *optimizee.Problem, x optimizee.Point, g ad.Value, l0 float64) float64 {
	for l := l0; l > 1e-300; l /= 1000 {
		z := optimizee.X(p.Prox("x", x.X().AddScaled(-1/l, g), ad.Scalar(1/l)).Detach())
		move := z.Sub(x)
		d := move.Dot(move)
		if !(d > 0) || !check.IsFinite(d) {
			return l0
		}
		if bend := p.Grad("x", z).Detach().Sub(g.Detach()).Dot(move.X().Detach()).Item(); !(math.Abs(bend) <= 1e-3*l*d) {
			if l < l0 && bend > 0 {
				return bend / d
			}
			return l
		}
	}
	return l0
}

// Exact moves to the exact minimiser over its block. It needs Solve; ALS and EM are
// made of it: Alternate(On("U", Exact), On("V", Exact)).
func Exact(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
	return func(x optimizee.Point) optimizee.Point { return optimizee.X(p.Solve("x", x)) }, p.NeedOne("Exact", "Solve")
}
