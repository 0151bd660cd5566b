package optim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// From lets start move the first point before r takes its first step; from then on it
// is r. A start is a rule like any other, made to be taken once: mixture.KMeansPP
// draws one, and EM from k-means++ is From(mixture.KMeansPP, mixture.EM).
func From(start, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		first, err := start.start(p, rng)
		if err != nil {
			return nil, err
		}
		step, err := r.start(p, rng)
		begun := false
		return func(x optimizee.Point) optimizee.Point {
			if !begun {
				x, begun = first(x), true
			}
			return step(x)
		}, err
	}
}

// Redraw moves to new random numbers, each uniform between the smallest and the largest
// entry of its block in Start: on [0, 1) for the factors of a completion, inside of the
// box for means, equal weights for a mixture. In front of an inner loop, as in
// Alternate(Redraw, Repeat(10, r)), each loop starts anew where Restart would make only
// the memory of r new.
func Redraw(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
	return func(x optimizee.Point) optimizee.Point {
		return x.Map(func(block string, _ ad.Value) ad.Value {
			like := p.Start.At(block)
			lo, hi := math.Inf(1), math.Inf(-1)
			for _, v := range like.Data {
				lo, hi = min(lo, v), max(hi, v)
			}
			v := ad.New(like.R, like.C, nil)
			for i := range v.Data {
				v.Data[i] = lo + (hi-lo)*rng.Float64()
			}
			return v
		})
	}, errors.Join(check.Source("Redraw", "the variables anew", rng), p.Need("Redraw"))
}

// Scatter moves every number by spread·N(0, 1). In front of a rule it makes starts of one:
// BestOf(4, From(Scatter(1), Adam(c))) runs Adam from four points around the start, as many
// as learned.Swarm has particles, and asks F and its gradient as often for each.
func Scatter(spread float64) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		return func(x optimizee.Point) optimizee.Point {
			return x.Map(func(_ string, v ad.Value) ad.Value {
				return v.Add(optimizee.Gaussian(rng, v.R, v.C).Scale(spread))
			})
		}, errors.Join(check.Source("Scatter", "the steps", rng), check.Positive("Scatter", "spread", spread), p.Need("Scatter"))
	}
}

// BestOf runs r n times side by side, each with random numbers of its own, and returns
// the point of the run that is lowest at the time: restarts, when r draws its start. One
// step costs a step of every run and n values of F.
func BestOf(n int, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if n < 1 {
			return nil, fmt.Errorf("optim: BestOf: %d runs have no best", n)
		}
		steps, at := make([]Step, n), make([]optimizee.Point, n)
		for i := range steps {
			own := rng
			if rng != nil {
				own = rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
			}
			var err error
			if steps[i], err = r.start(p, own); err != nil {
				return nil, err
			}
		}
		return Remember(func(x0 optimizee.Point) Step {
			for i := range at {
				at[i] = x0
			}
			return func(optimizee.Point) optimizee.Point {
				best, lowest := 0, 0.0
				for i, step := range steps {
					at[i] = step(at[i])
					if f := p.Value(at[i]).Item(); i == 0 || f < lowest || lowest != lowest {
						best, lowest = i, f
					}
				}
				return at[best]
			}
		}), p.Need("BestOf")
	}
}
