package learned

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// SwarmConfig configures L2O-Swarm. But for Dim the zero value is the published setting.
type SwarmConfig struct {
	Network     // shared by all particles; starts from zero states
	Dim     int // numbers of a point; the attention over features belongs to it, and so does θ

	Particles   int     // default 4
	Spread      float64 // deviation of the other particles from the first in each number, at the start; default 0.01
	Units       int     // of the attention over features; default 10
	Momentum    float64 // β before the gradient of the step before; default 0.9, optimizee.Nought for none
	OutputScale float64 // s of the update; default 1
}

const (
	swarm    = "L2O-Swarm"
	features = 4 // of a particle
)

func (c SwarmConfig) filled() SwarmConfig {
	c.Network = c.Network.filled()
	c.ZeroState = true
	c.Particles, c.Units = cmp.Or(c.Particles, 4), cmp.Or(c.Units, 10)
	c.Spread, c.Momentum, c.OutputScale = cmp.Or(c.Spread, 0.01), cmp.Or(c.Momentum, 0.9), cmp.Or(c.OutputScale, 1)
	return c
}

func (c SwarmConfig) check() error {
	return errors.Join(c.Network.check(swarm, nil),
		check.That(c.Dim > 0, "%s: Dim is %d: set it to how many numbers a point has", swarm, c.Dim),
		check.That(c.Particles > 0 && c.Units > 0, "%s: %d particles and %d units of attention: both have to be positive", swarm, c.Particles, c.Units),
		check.Positive(swarm, "Spread, OutputScale", c.Spread, c.OutputScale), check.Decay(swarm, "Momentum", c.Momentum))
}

// Swarm is L2O-Swarm (Cao et al. 2019): particles x₁ … x_P that one network moves, and that
// look at each other. With F and its gradient g at all of them, particle i has the features
//
//	gᵢ    β·gᵢ of the step before    xᵢ − bestᵢ    Σⱼ wᵢⱼ(xᵢ − xⱼ)
//
// where bestᵢ is the lowest point on its own way, and w the softmax of −‖xᵢ − xⱼ‖² over
// those that are lower than i. Attention over features, then across particles, makes of them what
// an LSTM sees, coordinate by coordinate:
//
//	cᵢ = Σ_r softmax_r(1ᵀtanh(W[s_ir; Δᵢ of the step before] + b_r))·s_ir
//	E  = C + softmax(CCᵀ)·softmax(−½‖xᵢ − xⱼ‖²)·C/P
//	xᵢ⁺ = xᵢ + Δᵢ,  Δᵢ = s·linear(LSTM(eᵢ))
//
// A run starts with the first particle at the point that it is given and the others around
// it, and a step returns the particle that is lowest at the time, so that it is a rule as any
// other. Each particle costs a value and a gradient in every step, and one of each at the
// start: optim.BestOf(4, …) of rules that ask for a gradient is compared at as many calls.
// On an [optimizee.Population] the point is the whole population, which neither is drawn
// nor counted: that is what it is trained on, because a loss sees points ([SwarmConfig.Family],
// [SwarmLoss]). Gradients are constants in training, points are not.
//
// The public code computes something else: in it the gradient of the step before and the
// last Δ stay at noise that is drawn once, bestᵢ, which is meant to be where the sum of F
// over all particles was lowest, is xᵢ, attraction is to those that are not lower, attention
// across particles comes first and its distances are xᵢ·(xᵢ − xⱼ), and the softmax over
// features runs over particles, on one vector of all 128 problems, whose gradients are those
// of their mean. It needs Subgrad, or Grad where F is smooth.
func Swarm(c SwarmConfig) Optimizer {
	c = c.filled()
	net := c.build(1, dense{"linear", 1})
	return Optimizer{
		Name:   swarm,
		Config: c,
		Init: func(th nn.Params, rng *rand.Rand) {
			a := th.Sub("attention")
			a.Set("weight", nn.Normal(rng, c.Units, 2*c.Dim, 1))
			a.Set("bias", nn.Normal(rng, c.Units, features, 1))
			net.Init(th, rng)
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				r := &swarmRun{SwarmConfig: c, th: th, net: net, one: p}
				if err := errors.Join(c.check(), p.NeedOne(swarm)); err != nil {
					return nil, err
				}
				at := p.Start.X()
				n := at.Len()
				if d, ok := p.Data.(*optimizee.PopulationData); ok {
					r.whole, r.one, n, r.Particles = true, d.Of, at.R, at.C
				}
				if err := errors.Join(r.one.NeedOne(swarm, "Subgrad"), check.That(n == c.Dim, "%s is for points of %d numbers, and those of %s have %d: train one with this Dim", swarm, c.Dim, p.Name, n)); err != nil {
					return nil, err
				}
				if !r.whole {
					if err := check.Source(swarm, "particles", rng); err != nil {
						return nil, err
					}
					r.apart = c.apart(rng)
				}
				return optim.Remember(r.begin), nil
			}
		},
	}
}

// apart is how far the particles of a run are from the first one, a row for each.
func (c SwarmConfig) apart(rng *rand.Rand) ad.Value {
	v := nn.Normal(rng, c.Particles, c.Dim, c.Spread)
	clear(v.Data[:c.Dim])
	return v
}

// Family is what L2O-Swarm is trained on: the problems of fam, each as an
// [optimizee.Population] that starts as a run does.
func (c SwarmConfig) Family(fam optimizee.Family) optimizee.Family {
	c = c.filled()
	return optimizee.FamilyFunc(fmt.Sprintf("%s, %d particles within %g", fam, c.Particles, c.Spread), func(rng *rand.Rand) *optimizee.Problem {
		p := fam.Draw(rng)
		if err := errors.Join(c.check(), p.NeedOne(swarm)); err != nil {
			return &optimizee.Problem{Name: p.Name, Err: err}
		}
		if n := p.Start.X().Len(); n != c.Dim {
			return &optimizee.Problem{Name: p.Name, Err: fmt.Errorf("%s for points of %d numbers, and these have %d", swarm, c.Dim, n)}
		}
		return optimizee.Population(p, c.apart(rng).T().Add(p.Start.X()))
	})
}

// swarmRun is a run. Its matrices have a row for each particle.
type swarmRun struct {
	SwarmConfig
	th    nn.Params
	net   nn.Recurrent
	one   *optimizee.Problem
	whole bool     // points are populations
	apart ad.Value // of the first particles, where they are not

	state   nn.State
	like    ad.Value // a point of the problem, for its shape
	x, move ad.Value // where the particles are, and Δ
	f       []float64
	g, past ad.Value // gradients, and those of the step before
	best    ad.Value
	lowest  []float64
}

func (r *swarmRun) begin(x0 optimizee.Point) optim.Step {
	r.like, r.x = x0.X(), x0.X().T()
	if !r.whole {
		r.x = r.apart.Add(r.like.Reshape(1, r.Dim))
	}
	none := ad.New(r.Particles, r.Dim, nil)
	r.state = r.first(r.net.LSTM, r.x.Len(), nil)
	r.move, r.g, r.best, r.lowest = none, none, r.x.Detach(), make([]float64, r.Particles)
	for i := range r.lowest {
		r.lowest[i] = math.Inf(1)
	}
	r.look()
	return r.step
}

// look asks for F and its gradient where the particles are.
func (r *swarmRun) look() {
	r.past, r.f = r.g, make([]float64, r.Particles)
	r.g = ad.New(r.Particles, r.Dim, nil)
	for i := range r.f {
		at := ad.New(r.like.R, r.Dim/r.like.R, nil)
		copy(at.Data, r.x.Data[i*r.Dim:])
		x := optimizee.X(at)
		r.f[i] = r.one.Value(x).Item()
		copy(r.g.Data[i*r.Dim:], r.one.Subgradient(x).X().Data)
	}
}

func (r *swarmRun) step(optimizee.Point) optimizee.Point {
	distance := squaredDistances(r.x)
	c := r.overFeatures(r.g, r.past.Scale(r.Momentum), r.fromBest(), r.attraction(distance))
	e := c.AddScaled(1/float64(r.Particles), softmaxRows(c.MatMulT(c)).MatMul(softmaxRows(distance.Scale(-0.5)).MatMul(c)))
	r.move = r.net.Step(r.th, rows(e), &r.state).Scale(r.OutputScale).Reshape(r.Particles, r.Dim)
	r.x = r.x.Add(r.move)
	r.look()
	if r.whole {
		return optimizee.X(r.x.T())
	}
	low := 0
	for i, f := range r.f {
		if f < r.f[low] || math.IsNaN(r.f[low]) {
			low = i
		}
	}
	return optimizee.X(r.x.T().Cols(low, low+1).Reshape(r.like.R, r.like.C))
}

// fromBest is how far each particle is from the lowest point on its way.
func (r *swarmRun) fromBest() ad.Value {
	is, was := ad.New(r.Particles, 1, nil), ad.New(r.Particles, 1, nil)
	for i, f := range r.f {
		if was.Data[i] = 1; f < r.lowest[i] {
			r.lowest[i], is.Data[i], was.Data[i] = f, 1, 0
		}
	}
	r.best = r.x.Mul(is).Add(r.best.Mul(was))
	return r.x.Sub(r.best)
}

// attraction is Σⱼ wᵢⱼ(xᵢ − xⱼ) over the particles that are lower than i, 0 for the lowest.
func (r *swarmRun) attraction(distance ad.Value) ad.Value {
	lower, some, none := ad.New(r.Particles, r.Particles, nil), ad.New(r.Particles, 1, nil), ad.New(r.Particles, 1, nil)
	least := ad.New(r.Particles, 1, nil) // distance to one of them, so that no weight is lost
	for i, f := range r.f {
		near := math.Inf(1)
		for j, other := range r.f {
			if other < f {
				lower.Data[i*r.Particles+j], some.Data[i] = 1, 1
				near = min(near, distance.At(i, j))
			}
		}
		if none.Data[i] = 1 - some.Data[i]; some.Data[i] == 1 {
			least.Data[i] = near
		}
	}
	w := least.Sub(distance).Mul(lower).Exp().Mul(lower)
	return r.x.Sub(w.MatMul(r.x).Div(w.SumRows().Add(none))).Mul(some)
}

// overFeatures is their mean, weighted by attention.
func (r *swarmRun) overFeatures(s ...ad.Value) ad.Value {
	weight, bias := r.th.At("attention.weight"), r.th.At("attention.bias")
	if weight.R != r.Units || weight.C != 2*r.Dim || bias.R != r.Units || bias.C != features {
		panic(fmt.Sprintf("learned: %s: attention of %s and %s, and %d units for %d numbers need %d×%d and %d×%d", swarm, weight.Shape(), bias.Shape(), r.Units, r.Dim, r.Units, 2*r.Dim, r.Units, features))
	}
	var sum, all ad.Value
	for i, s := range s {
		w := s.Beside(r.move).MatMulT(weight).Add(bias.Cols(i, i+1).Reshape(1, r.Units)).Tanh().SumRows().Exp()
		if i == 0 {
			sum, all = s.Mul(w), w
		} else {
			sum, all = sum.Add(s.Mul(w)), all.Add(w)
		}
	}
	return sum.Div(all)
}

// squaredDistances are ‖xᵢ − xⱼ‖² of the rows, from differences, which lose nothing where
// all points are near each other and far from 0. They are one operation.
func squaredDistances(x ad.Value) ad.Value {
	n, dim := x.R, x.C
	out := ad.New(n, n, nil)
	for i := range n {
		for j := range i {
			var d float64
			for l := range dim {
				u := x.Data[i*dim+l] - x.Data[j*dim+l]
				d += u * u
			}
			out.Data[i*n+j], out.Data[j*n+i] = d, d
		}
	}
	return ad.Record(out, []ad.Value{x}, func(g []float64, acc [][]float64) {
		for i := range n {
			for j := range i {
				s := 2 * (g[i*n+j] + g[j*n+i])
				for l := range dim {
					u := s * (x.Data[i*dim+l] - x.Data[j*dim+l])
					acc[0][i*dim+l] += u
					acc[0][j*dim+l] -= u
				}
			}
		}
	})
}

// softmaxRows is the softmax of each row.
func softmaxRows(v ad.Value) ad.Value {
	most := ad.New(v.R, 1, nil)
	for i := range most.Data {
		most.Data[i] = math.Inf(-1)
		for _, x := range v.Data[i*v.C : (i+1)*v.C] {
			most.Data[i] = max(most.Data[i], x)
		}
	}
	e := v.Sub(most).Exp()
	return e.Div(e.SumRows())
}
