package optim

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Bound says how the bound µ of a [Safeguard] follows from the residuals r = ‖x − T(x)‖ of
// the points that it accepted. After one was accepted, µ becomes
type Bound string

// The bounds.
const (
	GeometricBound Bound = "geometric"      // θµ, whatever r is
	RecentTerm     Bound = "recent term"    // r
	MovingAverage  Bound = "moving average" // θr + (1 − θ)µ
	AverageBound   Bound = "average"        // the mean of the first bound and of all residuals: at worst it falls like k^−(1−α), so take α small
	RecentMax      Bound = "recent max"     // the largest of the last Window residuals
)

// SafeguardConfig are the settings of a [Safeguard].
type SafeguardConfig struct {
	Bound  Bound   // default MovingAverage, which the authors advise
	Alpha  float64 // default 0.99; α below 1: accepted residuals have to be at most αµ
	Theta  float64 // default 0.5; θ of GeometricBound and MovingAverage, between 0 and 1
	Window int     // default 5; residuals of RecentMax

	Accepted func(bool) // told after each step whether it was that of the learned rule; nil for nobody
}

// Safeguard takes the step y of r where its residual with respect to the rule T is small,
// ‖y − T(y)‖ ≤ αµ, and T(x) where it is not, NaN included (Heaton, Chen, Wang and Yin 2020,
// Algorithm 1; Chen et al. 2022, §3.4.1). µ begins with the residual of the start and shrinks
// with those that were accepted, as the [Bound] says; where T is averaged, such as
// gradient and proximal steps of at most 1/L, residuals go to zero for any r whatever.
//
// It needs no value of F, and F may rise: [Guard] is the one that is monotone. A step costs
// one of r, and one of T where the step before was accepted, two where it was not. T should
// have no memory of its path, as ISTA has none.
func Safeguard(r, t Rule, c SafeguardConfig) Rule {
	c.Bound, c.Alpha, c.Theta, c.Window = cmp.Or(c.Bound, MovingAverage), cmp.Or(c.Alpha, 0.99), cmp.Or(c.Theta, 0.5), cmp.Or(c.Window, 5)
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		learned, errR := r.start(p, rng)
		safe, errT := t.start(p, rng)
		if err := errors.Join(errR, errT,
			check.OneOf("Safeguard", "Bound", c.Bound, GeometricBound, RecentTerm, MovingAverage, AverageBound, RecentMax),
			check.Inside("Safeguard", "Alpha, Theta", c.Alpha, c.Theta),
			check.That(c.Window > 0, "Safeguard: a window of %d residuals: there has to be one", c.Window)); err != nil {
			return nil, err
		}
		return Remember(func(x0 optimizee.Point) Step {
			fallback := safe(x0) // T(x)
			b := bound{SafeguardConfig: c, mu: x0.Sub(fallback).Norm(), n: 1}
			return func(x optimizee.Point) optimizee.Point {
				if fallback.IsZero() {
					fallback = safe(x)
				}
				y := learned(x)
				next := safe(y)
				residual := y.Sub(next).Norm()
				ok := residual <= c.Alpha*b.mu
				if ok {
					b.accept(residual)
					fallback = next
				} else {
					y, fallback = fallback, optimizee.Point{}
				}
				if c.Accepted != nil {
					c.Accepted(ok)
				}
				return y
			}
		}), nil
	}
}

// bound is µ of a run, made of n residuals.
type bound struct {
	SafeguardConfig
	mu, n  float64
	recent []float64 // residuals
}

// accept takes in the residual of an accepted point.
func (b *bound) accept(r float64) {
	switch b.Bound {
	case GeometricBound:
		b.mu *= b.Theta
	case RecentTerm:
		b.mu = r
	case MovingAverage:
		b.mu = b.Theta*r + (1-b.Theta)*b.mu
	case AverageBound:
		b.mu, b.n = (r+b.n*b.mu)/(b.n+1), b.n+1
	case RecentMax:
		b.recent = append(b.recent, r)
		b.recent = b.recent[max(0, len(b.recent)-b.Window):]
		b.mu = slices.Max(b.recent)
	}
}
