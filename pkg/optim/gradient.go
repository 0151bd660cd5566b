package optim

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/closure"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A StepSize chooses t for the step x − t·g. Write your own by setting At.
type StepSize struct {
	At    func(p *optimizee.Problem, x, g optimizee.Point) float64 // given the gradient g at x
	Needs []string                                                 // the oracles that At asks, besides Value and Grad
	err   error                                                    // why the setting makes no step size
	known closure.ID                                               // an At of this package, which keeps nothing of what it is shown
	begin func() sizer                                             // what takes the place of At where a run remembers something; nil for nothing
}

type sizer func(p *optimizee.Problem, x, g optimizee.Point) float64

// run is the step size of one run.
func (s StepSize) run() sizer {
	if s.begin != nil {
		return s.begin()
	}
	return s.At
}

// knowing is s with an At that is known to keep nothing.
func (s StepSize) knowing() StepSize {
	s.known = closure.Of(&s.At)
	return s
}

// forgets reports whether nothing of what a run shows to the step size is kept.
func (s StepSize) forgets() bool {
	return s.begin != nil || s.known != nil && s.known == closure.Of(&s.At)
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
		return cmp.Or(p.NeedOne(rule, append([]string{"Grad"}, s.Needs...)...), p.NeedSmooth(rule))
	}
	return p.NeedSmooth(rule)
}

// Fixed is the same step size always.
func Fixed(t float64) StepSize {
	return StepSize{
		At:  func(*optimizee.Problem, optimizee.Point, optimizee.Point) float64 { return t },
		err: sized(t),
	}.knowing()
}

// InverseLipschitz is the step size 1/L of a one-block problem. It needs Lipschitz.
var InverseLipschitz = StepSize{
	At:    func(p *optimizee.Problem, x, _ optimizee.Point) float64 { return 1 / p.Lipschitz("x", x) },
	Needs: []string{"Lipschitz"},
}.knowing()

// LineSearch halves the step until Armijo's condition F(x − tg) ≤ F(x) − ½t‖g‖² holds, for
// as long as the step moves x. The first search of a run begins at t0, or at a thousand times
// that, a million times, … where the slope along such a step is the same up to a thousandth:
// so t0 may be in another unit. Each next search begins at twice the step that the last one found. Where both sides agree to ten digits, the difference is lost in
// rounding, and the slope decides: the step may not go beyond the lowest point along g,
// ⟨∇f(x − tg), g⟩ ≥ 0, which on a quadratic is the same condition (the approximate one of
// Hager and Zhang 2005, eq. 4.1, with δ = ½).
func LineSearch(t0 float64) StepSize {
	begin := func() sizer {
		t, first := t0, true
		return func(p *optimizee.Problem, x, g optimizee.Point) float64 {
			if first {
				t, first = lengthened(p, x, g, t0), false
			}
			found := search(p, x, g, t)
			if t = found; g.Dot(g) > 0 {
				t = min(2*found, math.MaxFloat64)
			}
			return found
		}
	}
	return StepSize{err: sized(t0), begin: begin, At: func(p *optimizee.Problem, x, g optimizee.Point) float64 {
		return search(p, x, g, t0)
	}}
}

func search(p *optimizee.Problem, x, g optimizee.Point, t float64) float64 {
	f, gg := p.Value(x).Item(), g.Dot(g)
	for halved := 0; t > 1e-300; t /= 2 {
		step := g.Scale(t)
		y := x.Sub(step)
		y.Recycle(step)
		if halved >= 60 && (!check.IsFinite(f) || y.Sub(x).Dot(y.Sub(x)) == 0) {
			break
		}
		next := p.Value(y).Item()
		if check.IsFinite(next) || !check.IsFinite(f) {
			halved++
		}
		down := next <= f-t/2*gg
		if gg > 0 && max(math.Abs(next-f), t/2*gg) <= 1e-10*math.Abs(f) {
			h := p.Gradient(y)
			down = h.Dot(g) >= 0
			p.Recycle(x.X(), h.X())
		}
		if p.Recycle(x.X(), y.X()); down {
			break
		}
	}
	return t
}

// lengthened is t0 times the power of 1000 that a first step can take without a change of its
// slope by more than a thousandth. F is all but linear along a shorter one.
func lengthened(p *optimizee.Problem, x, g optimizee.Point, t0 float64) float64 {
	gg := g.Dot(g)
	if !(gg > 0) {
		return t0
	}
	for t := t0; t < 1e300; t *= 1000 {
		slope := p.Gradient(x.Sub(g.Scale(t))).Dot(g)
		if !(math.Abs(slope-gg) <= 1e-3*gg) {
			return t
		}
	}
	return t0
}

// A descent is what the gradient rules have in common.
type descent struct {
	p       *optimizee.Problem
	at      sizer
	forgets bool // the sizer does
}

func (s StepSize) descent(p *optimizee.Problem) descent { return descent{p, s.run(), s.forgets()} }

// step is x − t∇f(x).
func (d descent) step(x optimizee.Point) optimizee.Point {
	g := d.p.Gradient(x)
	move := g.Scale(d.at(d.p, x, g))
	next := x.Sub(move)
	if next.Recycle(move); d.forgets {
		d.p.Recycle(next.X(), g.X())
	}
	return next
}

// add is x + s·d, for a d that nobody has seen.
func add(x optimizee.Point, s float64, d optimizee.Point) optimizee.Point {
	by := d.Scale(s)
	sum := x.Add(by)
	sum.Recycle(d, by)
	return sum
}

func sized(t float64) error {
	if t > 0 && !math.IsInf(t, 1) {
		return nil
	}
	return fmt.Errorf("the step size is %g; it has to be positive and finite", t)
}

// GD is gradient descent in all blocks at once, x⁺ = x − t∇f(x). It needs Grad, and an
// F without a part r.
func GD(size StepSize) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return Remember(func(optimizee.Point) Step {
			return size.descent(p).step
		}), size.need("GD", p)
	}
}

// HeavyBall is gradient descent with momentum, x⁺ = x − t∇f(x) + β(x − x⁻)
// (Polyak 1964). It needs Grad, and an F without a part r.
func HeavyBall(size StepSize, beta float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return Remember(func(prev optimizee.Point) Step {
			d := size.descent(p)
			return func(x optimizee.Point) optimizee.Point {
				down := d.step(x)
				next := add(down, beta, x.Sub(prev))
				next.Recycle(down)
				prev = x
				return next
			}
		}), errors.Join(check.Decay("heavy ball", "β", beta), size.need("heavy ball", p))
	}
}

// NAG is Nesterov's accelerated gradient, x⁺ = y − t∇f(y) with
// y = x + (t_{k−1} − 1)/t_k·(x − x⁻) and t_k = (1 + √(1 + 4t_{k−1}²))/2. It returns x.
// It needs Grad, and an F without a part r.
func NAG(size StepSize) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return Remember(func(y optimizee.Point) Step {
			d, t, mine := size.descent(p), 1.0, false // the first y is the caller's
			return func(x optimizee.Point) optimizee.Point {
				next := d.step(y)
				u := (1 + math.Sqrt(1+4*t*t)) / 2
				if mine && d.forgets {
					p.Recycle(next.X(), y.X())
				}
				y, t, mine = add(next, (t-1)/u, next.Sub(x)), u, true
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
			g := p.Subgradient(x)
			move := g.Scale(t / math.Sqrt(k))
			next := x.Sub(move)
			next.Recycle(move)
			p.Recycle(next.X(), g.X())
			return next
		}, errors.Join(check.Positive("subgradient", "t", t), p.Need("subgradient", "Subgrad"))
	}
}
