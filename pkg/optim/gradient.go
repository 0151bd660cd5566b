package optim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A StepSize chooses t for the step x − t·g. Write your own by setting At.
type StepSize struct {
	At    func(p *optimizee.Problem, x, g optimizee.Point) float64 // given the gradient g at x
	Needs []string                                                 // the oracles that At asks, besides Value and Grad
	err   error                                                    // why the setting makes no step size
}

// need reports at the start of a rule what it misses with this step size.
func (s StepSize) need(rule string, p *optimizee.Problem) error {
	if s.At == nil && s.err == nil {
		s.err = errors.New("no step size is set: choose Fixed, InverseLipschitz or LineSearch")
	}
	if s.err != nil {
		return fmt.Errorf("optim: %s: %w", rule, s.err)
	}
	if len(s.Needs) > 0 {
		return p.NeedOne(rule, append([]string{"Grad"}, s.Needs...)...)
	}
	return p.Need(rule, "Grad")
}

// Fixed is the same step size always.
func Fixed(t float64) StepSize {
	return StepSize{
		At:  func(*optimizee.Problem, optimizee.Point, optimizee.Point) float64 { return t },
		err: sized(t),
	}
}

// InverseLipschitz is the step size 1/L of a one-block problem. It needs Lipschitz.
var InverseLipschitz = StepSize{
	At:    func(p *optimizee.Problem, x, _ optimizee.Point) float64 { return 1 / p.Lipschitz("x", x) },
	Needs: []string{"Lipschitz"},
}

// LineSearch starts from t0 and halves the step until Armijo's condition
// F(x − tg) ≤ F(x) − ½t‖g‖² holds, at most 60 times.
func LineSearch(t0 float64) StepSize {
	return StepSize{err: sized(t0), At: func(p *optimizee.Problem, x, g optimizee.Point) float64 {
		f, gg, t := p.Value(x).Item(), g.Dot(g), t0
		for range 60 {
			if p.Value(x.Sub(g.Scale(t))).Item() <= f-t/2*gg {
				break
			}
			t /= 2
		}
		return t
	}}
}

func sized(t float64) error {
	if t > 0 && !math.IsInf(t, 1) {
		return nil
	}
	return fmt.Errorf("the step size is %g; it has to be positive and finite", t)
}

// GD is gradient descent in all blocks at once, x⁺ = x − t∇f(x). It needs Grad.
func GD(size StepSize) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return func(x optimizee.Point) optimizee.Point {
			g := p.Gradient(x)
			return x.Sub(g.Scale(size.At(p, x, g)))
		}, size.need("GD", p)
	}
}

// HeavyBall is gradient descent with momentum, x⁺ = x − t∇f(x) + β(x − x⁻)
// (Polyak 1964). It needs Grad.
func HeavyBall(size StepSize, beta float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return Remember(func(prev optimizee.Point) Step {
			return func(x optimizee.Point) optimizee.Point {
				g := p.Gradient(x)
				next := x.Sub(g.Scale(size.At(p, x, g))).Add(x.Sub(prev).Scale(beta))
				prev = x
				return next
			}
		}), errors.Join(check.Decay("heavy ball", "β", beta), size.need("heavy ball", p))
	}
}

// NAG is Nesterov's accelerated gradient, x⁺ = y − t∇f(y) with
// y = x + (t_{k−1} − 1)/t_k·(x − x⁻) and t_k = (1 + √(1 + 4t_{k−1}²))/2. It returns x.
// It needs Grad.
func NAG(size StepSize) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return Remember(func(y optimizee.Point) Step {
			t := 1.0
			return func(x optimizee.Point) optimizee.Point {
				g := p.Gradient(y)
				next := y.Sub(g.Scale(size.At(p, y, g)))
				u := (1 + math.Sqrt(1+4*t*t)) / 2
				y, t = next.Add(next.Sub(x).Scale((t-1)/u)), u
				return next
			}
		}), size.need("NAG", p)
	}
}

// Subgradient is the subgradient method with step t/√(k+1). It needs Subgrad, or
// Grad where F is smooth.
func Subgradient(t float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		k := 0.0
		return func(x optimizee.Point) optimizee.Point {
			k++
			return x.Sub(p.Subgradient(x).Scale(t / math.Sqrt(k)))
		}, errors.Join(check.Positive("subgradient", "t", t), p.Need("subgradient", "Subgrad"))
	}
}
