package learned

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// EntropyConfig is how [SwarmLoss] tells what is known of the minimiser. The zero value is
// the published setting.
type EntropyConfig struct {
	Weight  float64 // λ; default 0.001, optimizee.Nought for the objectives alone
	Length  float64 // ℓ of the kernel; default 1
	Jitter  float64 // τ on its diagonal; default 2.1
	Samples int     // default 1,000
	Spread  float64 // deviation of the samples around 0; default 0.01
	Floor   float64 // added to what the posterior is proportional to; default 1e-4
	Seed    uint64  // of the samples, which are the same everywhere
}

func (c EntropyConfig) filled() EntropyConfig {
	return EntropyConfig{
		cmp.Or(c.Weight, 1e-3), cmp.Or(c.Length, 1), cmp.Or(c.Jitter, 2.1), cmp.Or(c.Samples, 1000),
		cmp.Or(c.Spread, 0.01), cmp.Or(c.Floor, 1e-4), c.Seed,
	}
}

func (c EntropyConfig) check() error {
	return errors.Join(
		check.Positive("the entropy of a swarm", "Weight, Length, Jitter, Spread, Floor", c.Weight, c.Length, c.Jitter, c.Spread, c.Floor),
		check.That(c.Samples > 1, "the entropy of a swarm from %d samples: there have to be two", c.Samples))
}

// SwarmLoss is what L2O-Swarm is trained for (Cao et al. 2019): the sum of F over all
// particles and steps, plus λ·h for each segment, where h is how uncertain one is of the
// place of the minimiser after the N points of the segment,
//
//	μ(s) = k(s, X)(k(X, X) + τI)⁻¹F(X)    k(x, y) = exp(−‖x − y‖²/2ℓ)
//	π(s) ∝ exp(−ρμ(s)), made at most 1, plus the floor
//	h    = −Σ_s π(s) ln π(s)              ρ = exp(√N/h′)
//
// with the samples s around 0. The entropy h′ before is taken twice: n·ln 5 gives a first h,
// which is h′ for the second. The problems are those of [SwarmConfig.Family]; the engine
// divides the whole by the steps of a segment.
//
// The public code has samples within 0.01 of 0, between which μ hardly differs: h is 6.2 to
// 6.9 on Rastrigin, where ln 1000 is 6.9, so that λh is 0.007 beside a sum of F of some
// hundreds or thousands, and the objectives alone decide. It also draws samples anew each
// time, and adds a penalty of 1e-4·½‖θ‖², which is left out here.
func SwarmLoss(c EntropyConfig) Loss {
	c = c.filled()
	l := Loss{Name: fmt.Sprintf("objective of all particles + %g·entropy %v", c.Weight, c)}
	l.Needs = func(p *optimizee.Problem) error {
		if _, ok := p.Data.(*optimizee.PopulationData); !ok {
			return fmt.Errorf("%s has one point, and this loss is one of particles: train on SwarmConfig.Family", p.Name)
		}
		return c.check()
	}
	if c.Weight != optimizee.Nought {
		l.Path = func(p *optimizee.Problem, xs []optimizee.Point) ad.Value { return c.entropyOf(p, xs).Scale(c.Weight) }
	}
	return l
}

func (c EntropyConfig) entropyOf(p *optimizee.Problem, xs []optimizee.Point) ad.Value {
	d, ok := p.Data.(*optimizee.PopulationData)
	if !ok {
		panic("learned: SwarmLoss of " + p.Name + ", which has no particles")
	}
	x, f := xs[0].X(), d.Each(xs[0])
	for _, next := range xs[1:] {
		x, f = x.Beside(next.X()), f.Beside(d.Each(next))
	}
	return c.Entropy(x.T(), f.T())
}

// Entropy is h of [SwarmLoss] for F at the rows of x, a column.
func (c EntropyConfig) Entropy(x, f ad.Value) ad.Value {
	c = c.filled()
	if f.R != x.R || f.C != 1 {
		panic(fmt.Sprintf("learned: the entropy of points %s with values %s: one value for each row", x.Shape(), f.Shape()))
	}
	return c.entropy(c.samples(x.C), x, f)
}

func (c EntropyConfig) entropy(samples, x, f ad.Value) ad.Value {
	n, dim := float64(x.R), float64(x.C)
	k := squaredDistances(x).Scale(-0.5 / c.Length).Exp().Add(ad.Eye(x.R).Scale(c.Jitter))
	mean := c.mean(samples, x, solve(k, f))
	h := ad.Scalar(dim * math.Log(5))
	for range 2 {
		h = c.spread(mean, ad.Scalar(math.Sqrt(n)).Div(h).Exp())
	}
	return h
}

// samples are the places at which the posterior is asked for, a row for each.
func (c EntropyConfig) samples(dim int) ad.Value {
	return nn.Normal(optimizee.Stream(c.Seed, uint64(dim)), c.Samples, dim, c.Spread)
}

// mean is μ = k(s, X)·a. It is one operation, because k has an entry for each sample and each
// point, and everything else is small.
func (c EntropyConfig) mean(samples, x, a ad.Value) ad.Value {
	dim, k := x.C, make([]float64, samples.R*x.R)
	out := ad.New(samples.R, 1, nil)
	for i := range samples.R {
		s := samples.Data[i*dim : (i+1)*dim]
		for j := range x.R {
			var d float64
			for l, s := range s {
				u := s - x.Data[j*dim+l]
				d += u * u
			}
			e := math.Exp(-0.5 * d / c.Length)
			k[i*x.R+j] = e
			out.Data[i] += e * a.Data[j]
		}
	}
	return ad.Record(out, []ad.Value{x, a}, func(g []float64, acc [][]float64) {
		for i, g := range g {
			s := samples.Data[i*dim : (i+1)*dim]
			for j := range x.R {
				e := g * k[i*x.R+j]
				if acc[1] != nil {
					acc[1][j] += e
				}
				if e *= a.Data[j] / c.Length; acc[0] != nil {
					for l, s := range s {
						acc[0][j*dim+l] += e * (s - x.Data[j*dim+l])
					}
				}
			}
		}
	})
}

// spread is the entropy of π with this ρ.
func (c EntropyConfig) spread(mean, rho ad.Value) ad.Value {
	at := mean.Mul(rho).Neg()
	e := at.Sub(highest(at)).Exp().Shift(c.Floor)
	pi := e.Div(e.Sum())
	return pi.Dot(pi.Log()).Neg()
}

// highest is the largest entry of a column.
func highest(v ad.Value) ad.Value {
	most := 0
	for i, x := range v.Data {
		if x > v.Data[most] {
			most = i
		}
	}
	out := ad.Scalar(v.Data[most])
	return ad.Record(out, []ad.Value{v}, func(g []float64, acc [][]float64) { acc[0][most] += g[0] })
}

// solve is a⁻¹b for a symmetric positive definite a and a column b. Where a has another
// value than that, such as NaN, it is NaN.
func solve(a, b ad.Value) ad.Value {
	var chol mat.Cholesky
	with := func(b []float64) []float64 {
		x := mat.NewVecDense(len(b), nil)
		if chol.SolveVecTo(x, mat.NewVecDense(len(b), b)) != nil {
			for i := range b {
				x.SetVec(i, math.NaN())
			}
		}
		return x.RawVector().Data
	}
	if !a.IsFinite() || !chol.Factorize(mat.NewSymDense(a.R, a.Copy().Data)) {
		return ad.Full(b.R, 1, math.NaN())
	}
	x := with(b.Data)
	return ad.Record(ad.New(b.R, 1, x), []ad.Value{a, b}, func(g []float64, acc [][]float64) {
		w := with(g)
		for i, w := range w {
			if acc[1] != nil {
				acc[1][i] += w
			}
			if acc[0] != nil {
				for j, x := range x {
					acc[0][i*a.R+j] -= w * x
				}
			}
		}
	})
}
