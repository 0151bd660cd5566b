package optim

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// A StepSize chooses t for the step x − t·g, given the gradient g at x.
type StepSize func(p *optimizee.Problem, x, g optimizee.Point) float64

// Fixed is the same step size always.
func Fixed(t float64) StepSize {
	return func(*optimizee.Problem, optimizee.Point, optimizee.Point) float64 { return t }
}

// InverseLipschitz is the step size 1/L of a one-block problem.
func InverseLipschitz(p *optimizee.Problem, x, _ optimizee.Point) float64 {
	return 1 / p.Lipschitz("x", x)
}

// LineSearch starts from t0 and halves the step until Armijo's condition
// F(x − tg) ≤ F(x) − ½t‖g‖² holds, at most 60 times.
func LineSearch(t0 float64) StepSize {
	return func(p *optimizee.Problem, x, g optimizee.Point) float64 {
		f, gg, t := p.Value(x).Item(), g.Dot(g), t0
		for range 60 {
			if p.Value(x.Sub(g.Scale(t))).Item() <= f-t/2*gg {
				break
			}
			t /= 2
		}
		return t
	}
}

// GD is gradient descent in all blocks at once, x⁺ = x − t∇f(x). It needs Grad.
func GD(size StepSize) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return func(x optimizee.Point) optimizee.Point {
			g := p.Gradient(x)
			return x.Sub(g.Scale(size(p, x, g)))
		}, p.Need("GD", "Grad")
	}
}

// HeavyBall is gradient descent with momentum, x⁺ = x − t∇f(x) + β(x − x⁻)
// (Polyak 1964). It needs Grad.
func HeavyBall(size StepSize, beta float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		var prev, last optimizee.Point
		return func(x optimizee.Point) optimizee.Point {
			if !x.Same(last) {
				prev = x
			}
			g := p.Gradient(x)
			last, prev = x.Sub(g.Scale(size(p, x, g))).Add(x.Sub(prev).Scale(beta)), x
			return last
		}, p.Need("heavy ball", "Grad")
	}
}

// NAG is Nesterov's accelerated gradient, x⁺ = y − t∇f(y) with
// y = x + (t_{k−1} − 1)/t_k·(x − x⁻) and t_k = (1 + √(1 + 4t_{k−1}²))/2. It returns x.
// It needs Grad.
func NAG(size StepSize) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		var last, y optimizee.Point
		t := 1.0
		return func(x optimizee.Point) optimizee.Point {
			if !x.Same(last) {
				y, t = x, 1
			}
			g := p.Gradient(y)
			next := y.Sub(g.Scale(size(p, y, g)))
			u := (1 + math.Sqrt(1+4*t*t)) / 2
			y, t, last = next.Add(next.Sub(x).Scale((t-1)/u)), u, next
			return next
		}, p.Need("NAG", "Grad")
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
		}, p.Need("subgradient", "Subgrad")
	}
}

// positive checks the hyper-parameters of a rule that have to be.
func positive(rule string, names string, xs ...float64) error {
	for _, x := range xs {
		if !(x > 0) {
			return fmt.Errorf("optim: %s: %s = %v: all have to be positive", rule, names, xs)
		}
	}
	return nil
}
