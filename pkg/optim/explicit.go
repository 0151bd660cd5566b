package optim

import (
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Explicit is x_{k+1} = x_k − p_k·g_k with g_k ∈ ∂F(x_k) and p_k = step(k), what is left
// of every explicit rule for a non-smooth F near its minimum (L2O-PA, eq. 7 and
// Propositions 1 and 2): unless p_k tends to zero it does not converge from all starts,
// and if it does the steps end up short. The implicit rule (8) is [Scheme18] with a
// constant p on a problem without f. It needs Subgrad, or Grad where F is smooth.
func Explicit(step func(k int) float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		var none error
		if step == nil {
			none = errors.New("optim: Explicit: no step sizes are given: write a func(k int) float64")
		}
		k := 0
		return func(x optimizee.Point) optimizee.Point {
			s := step(k)
			k++
			return x.Sub(p.Subgradient(x).Scale(s))
		}, errors.Join(none, p.Need("Explicit", "Subgrad"))
	}
}

// Told lets r see what change makes of a problem: the step size of a paper, say, where
// the other rules of a race take the true one.
//
//	optim.Told(optimizee.PublishedL, optim.FISTA)
func Told(change func(p *optimizee.Problem) *optimizee.Problem, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) { return r.start(change(p), rng) }
}

// WithStep lets r take steps s times as long as 1/L: it sees the problem with L/s. With
// it a step size is tuned like any other constant, by a trace.Search over WithStep(s, FISTA).
func WithStep(s float64, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if err := check.Positive("WithStep", "s", s); err != nil {
			return nil, err
		}
		q := *p
		if p.Lipschitz != nil {
			q.Lipschitz = func(block string, x optimizee.Point) float64 { return p.Lipschitz(block, x) / s }
		}
		return r.start(&q, rng)
	}
}

// HoldLipschitz asks for L once in each step of r, however often r does: with it
// HoldLipschitz(Repeat(10, r)) is an inner loop of one step size, that of its first point.
func HoldLipschitz(r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		q, known := *p, map[string]float64{}
		if p.Lipschitz != nil {
			q.Lipschitz = func(block string, x optimizee.Point) float64 {
				if _, ok := known[block]; !ok {
					known[block] = p.Lipschitz(block, x)
				}
				return known[block]
			}
		}
		step, err := r.start(&q, rng)
		return func(x optimizee.Point) optimizee.Point {
			clear(known)
			return step(x)
		}, err
	}
}
