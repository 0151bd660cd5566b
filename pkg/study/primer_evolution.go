package study

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Rollout is L(φ) of Primer (2) on some problems: the mean of F over so many steps, in
// the mean over the problems. Rules of it have to start from zero states.
type Rollout struct {
	Optimizer learned.Optimizer
	Problems  []*optimizee.Problem
	Steps     int
}

// NewRollout draws its problems.
func NewRollout(o learned.Optimizer, fam optimizee.Family, seed uint64, problems, steps int) Rollout {
	r := Rollout{Optimizer: o, Steps: steps}
	for i := range problems {
		r.Problems = append(r.Problems, fam.Draw(optimizee.Stream(seed, uint64(i))))
	}
	return r
}

// Loss is L(φ), by steps forward alone.
func (r Rollout) Loss(th nn.Params) float64 {
	var sum float64
	for _, p := range r.Problems {
		step, err := r.Optimizer.Rule(th)(p, nil)
		if err != nil {
			panic(err)
		}
		for k, x := range optim.Steps(step, p.Start) {
			if k > 0 {
				sum += p.Value(x).Item()
			}
			if k == r.Steps {
				break
			}
		}
	}
	return sum / float64(r.Steps*len(r.Problems))
}

// Grad is ∇L(φ) by back-propagation, as far as the optimizer lets it through.
func (r Rollout) Grad(th nn.Params) []float64 {
	sum := make([]float64, th.Count())
	for _, p := range r.Problems {
		g, err := learned.GradientOf(r.Optimizer, th, p, nil, r.Steps)
		if err != nil {
			panic(err)
		}
		for i, v := range g {
			sum[i] += v / float64(len(r.Problems))
		}
	}
	return sum
}

// Pairs are estimates of ∇L(φ) by evolution strategies, one for each of so many directions
// n of N(0, I): Primer (4) for φ + σn and φ − σn together,
//
//	(L(φ + σn) − L(φ − σn)) / 2σ · n,
//
// in which L(φ) itself cancels. Their mean is the estimate of that many pairs.
func (r Rollout) Pairs(th nn.Params, sigma float64, pairs int, rng *rand.Rand) [][]float64 {
	return r.sampled(th, sigma, pairs, rng, func(up, down nn.Params, n []float64) []float64 {
		return ad.Col(n...).Scale((r.Loss(up) - r.Loss(down)) / (2 * sigma)).Data
	})
}

// Singles are estimates of single moves, Primer (4) to the letter: L(φ + σn)/σ · n.
func (r Rollout) Singles(th nn.Params, sigma float64, moves int, rng *rand.Rand) [][]float64 {
	out := make([][]float64, moves)
	for i := range out {
		n := optimizee.Gaussian(rng, th.Count(), 1)
		out[i] = n.Scale(r.Loss(Along(th, n.Data, sigma)) / sigma).Data
	}
	return out
}

// Smoothed are estimates by back-propagation, at φ + σn and φ − σn together: Primer (3).
func (r Rollout) Smoothed(th nn.Params, sigma float64, pairs int, rng *rand.Rand) [][]float64 {
	return r.sampled(th, sigma, pairs, rng, func(up, down nn.Params, _ []float64) []float64 {
		return ad.Col(r.Grad(up)...).Add(ad.Col(r.Grad(down)...)).Scale(0.5).Data
	})
}

func (r Rollout) sampled(th nn.Params, sigma float64, pairs int, rng *rand.Rand, of func(up, down nn.Params, n []float64) []float64) [][]float64 {
	out := make([][]float64, pairs)
	for i := range out {
		n := optimizee.Gaussian(rng, th.Count(), 1)
		out[i] = of(Along(th, n.Data, sigma), Along(th, n.Data, -sigma), n.Data)
	}
	return out
}

// Along is θ + t·n.
func Along(th nn.Params, n []float64, t float64) nn.Params {
	flat := th.Flat()
	for i := range flat {
		flat[i] += t * n[i]
	}
	return th.With(flat)
}

// MeanOf is the mean of estimates, entry by entry.
func MeanOf(estimates [][]float64) []float64 {
	sum := make([]float64, len(estimates[0]))
	for _, e := range estimates {
		for i, v := range e {
			sum[i] += v / float64(len(estimates))
		}
	}
	return sum
}

// Variance is that of an estimate, summed over its entries: E‖g − E g‖².
func Variance(estimates [][]float64) float64 {
	mean, sum := MeanOf(estimates), 0.
	for _, e := range estimates {
		sum += ad.Col(e...).Sub(ad.Col(mean...)).SumSquares().Item()
	}
	return sum / float64(len(estimates)-1)
}

// Error is ‖estimate − exact‖ / ‖exact‖.
func Error(estimate, exact []float64) float64 {
	return math.Sqrt(ad.Col(estimate...).Sub(ad.Col(exact...)).SumSquares().Item()) / Norm(exact)
}
