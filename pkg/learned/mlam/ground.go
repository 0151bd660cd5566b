package mlam

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// GroundConfig says how θ goes on learning on the problem that it solves.
type GroundConfig struct {
	Update int          // t_out, outer steps between two updates of θ; default 10
	LR     float64      // α of Adam, for all networks alike; default 1e-2: at the papers' 1e-3 nothing is learned in the hundred steps that one problem has
	Clip   float64      // a meta-gradient of larger norm is rescaled to it; default 1. One that is not finite is skipped
	Loss   learned.Loss // of an outer step; default learned.LogObjective
}

func (c GroundConfig) filled() GroundConfig {
	if c.Update == 0 {
		c.Update = 10
	}
	if c.LR == 0 {
		c.LR = 1e-2
	}
	if c.Clip == 0 {
		c.Clip = 1
	}
	if c.Loss.IsZero() {
		c.Loss = learned.LogObjective
	}
	return c
}

func (c GroundConfig) check(name string) error {
	var update error
	if c.Update < 1 {
		update = fmt.Errorf("%s: an update every %d outer steps: Update has to be positive", name, c.Update)
	}
	loss := c.Loss.Check()
	if loss != nil {
		loss = fmt.Errorf("%s: %w", name, loss)
	}
	return errors.Join(update, check.Positive(name, "LR", c.LR), check.Positive(name, "Clip", c.Clip), loss)
}

// Ground is the ground level of MLAM (Section III-A): a rule that runs o and trains it
// on the way. After every t_out steps it takes the gradient of the loss that they
// accumulated and makes one step of Adam,
//
//	θ^{s+1} = θ^s + α·Adam(∇_θ L^s)                                   (eq. 10, 11)
//
// which the next steps are made with. It starts from the θ that it is given, which it
// does not change: from one that was trained across problems it is both levels, as
// Algorithm 1 solves a problem. It passes no gradient on, so train o itself. It asks F
// once in every step, and what o asks; o is started from the same rng.
func Ground(o learned.Optimizer, c GroundConfig) learned.Optimizer {
	return learned.Optimizer{
		Name: o.Name + ", ground level",
		Init: o.Init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) { return ground(o, c, th, p, rng) }
		},
	}
}

// Alone is the ground level without any training before: θ is drawn anew for every run,
// and whatever it learns, it learns from the one problem that it is to solve.
func Alone(o learned.Optimizer, c GroundConfig) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		if rng == nil {
			return nil, fmt.Errorf("%s, ground level alone, draws its parameters: give its rule a *rand.Rand", o.Name)
		}
		th := nn.NewParams()
		o.Init(th, rng)
		return ground(o, c, th, p, rng)
	}
}

// groundRun is a run that learns. Its points lie on its own tape for up to t_out steps;
// what it returns are constants.
type groundRun struct {
	GroundConfig
	p      *optimizee.Problem
	live   nn.Params // what the rule reads: leaves of the tape
	step   optim.Step
	tape   ad.Tape
	adam   *nn.Adam
	x, out optimizee.Point // the last point, on the tape and as it was returned
	loss   ad.Value
	t      int
}

func ground(o learned.Optimizer, c GroundConfig, th nn.Params, p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	c = c.filled()
	live := th.Clone()
	step, err := o.Rule(live)(p, rng)
	if err := errors.Join(c.check(o.Name+", ground level"), err); err != nil {
		return nil, err
	}
	r := &groundRun{GroundConfig: c, p: p, live: live, step: step, adam: nn.NewAdam(live, live.Names())}
	return r.next, nil
}

func (r *groundRun) next(at optimizee.Point) optimizee.Point {
	if !at.Same(r.out) {
		r.x = at.Detach()
	}
	if r.t%r.Update == 0 {
		for _, n := range r.live.Names() {
			r.live.Set(n, r.tape.Watch(r.live.At(n)))
		}
		r.loss = ad.Scalar(0)
	}
	r.x = r.step(r.x)
	r.t++
	if l := r.Loss.At(r.t, r.p, r.x); r.Loss.Last {
		r.loss = l
	} else {
		r.loss = r.loss.Add(l.Scale(1 / float64(r.Update)))
	}
	if r.t%r.Update == 0 {
		r.learn()
	}
	r.out = r.x.Detach()
	return r.out
}

// learn updates θ. Reset makes constants of the point and of the networks' states.
func (r *groundRun) learn() {
	if r.loss.Recorded() {
		r.loss.Backward()
	}
	var grad []float64
	for _, n := range r.live.Names() {
		grad = append(grad, r.live.At(n).Grad()...)
	}
	var norm float64
	for _, g := range grad {
		norm += g * g
	}
	if norm = math.Sqrt(norm); !math.IsNaN(norm) && !math.IsInf(norm, 0) {
		for i := range grad {
			grad[i] *= min(1, r.Clip/norm)
		}
		for _, n := range r.live.Names() {
			v := r.live.At(n)
			r.live.Set(n, ad.New(v.R, v.C, slices.Clone(v.Data))) // the rule may remember the old one
		}
		r.adam.Step(r.live, grad, r.LR)
	}
	r.tape.Reset()
}
