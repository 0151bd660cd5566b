package mlam

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// OnlineConfig says how θ goes on learning on the problem that it solves. Zero fields take the defaults;
// optimizee.Nought is a 0.
type OnlineConfig struct {
	Update int          // t_out, outer steps between two updates of θ; default 10
	LR     float64      // α of Adam, for all networks alike; default 1e-2: at the papers' 1e-3 nothing is learned in the hundred steps that one problem has
	Clip   float64      // a meta-gradient of larger norm is rescaled to it; default 1. One that is not finite is skipped
	Loss   learned.Loss // of an outer step; default learned.LogObjective
}

func (c OnlineConfig) filled() OnlineConfig {
	c.Update, c.LR, c.Clip = cmp.Or(c.Update, 10), cmp.Or(c.LR, 1e-2), cmp.Or(c.Clip, 1)
	if c.Loss.IsZero() {
		c.Loss = learned.LogObjective
	}
	return c
}

func (c OnlineConfig) check(name string) error {
	loss := c.Loss.Check()
	if loss != nil {
		loss = fmt.Errorf("%s: %w", name, loss)
	}
	return errors.Join(check.That(c.Update > 0, "%s: an update every %d outer steps: Update has to be positive", name, c.Update),
		check.That(c.Loss.Path == nil, "%s: the loss %q is one of whole segments, and this one adds up steps", name, c.Loss.Name),
		check.Positive(name, "LR", c.LR), check.Positive(name, "Clip", c.Clip), loss)
}

// Online is a rule that runs o and trains it on the way, the ground level of MLAM (Section
// III-A): online learning, on the one problem to solve. After every t_out steps it takes
// the gradient of the loss that they accumulated and makes one step of Adam,
//
//	θ^{s+1} = θ^s + α·Adam(∇_θ L^s)                                   (eq. 10, 11)
//
// which the next steps are made with. It starts from the θ that it is given, which it
// does not change: from one that was trained across problems it is both levels, as
// Algorithm 1 solves a problem; learned.Untrained(Online(o, c)) is the ground level alone,
// which draws θ anew for every run. It passes no gradient on, so train o itself. It asks F
// once in every step, and what o asks; o is started from the same rng.
func Online(o learned.Optimizer, c OnlineConfig) learned.Optimizer {
	c = c.filled()
	name := o.Name + ", online"
	return learned.Optimizer{
		Name: name,
		Init: o.Init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				live := th.Clone()
				step, err := o.Rule(live)(p, rng)
				if err := errors.Join(c.check(name), err); err != nil {
					return nil, err
				}
				r := &online{OnlineConfig: c, p: p, live: live, step: step, adam: nn.NewAdam(live, live.Names())}
				return optim.Remember(func(x0 optimizee.Point) optim.Step {
					r.x = x0.Detach()
					return r.next
				}), nil
			}
		},
	}
}

// online is a run that learns. Its points lie on its own tape for up to t_out steps; what
// it returns are constants.
type online struct {
	OnlineConfig
	p    *optimizee.Problem
	live nn.Params // what the rule reads: leaves of the tape
	step optim.Step
	tape ad.Tape
	adam *nn.Adam
	x    optimizee.Point // the last point, on the tape
	loss ad.Value
	t    int
}

func (r *online) next(optimizee.Point) optimizee.Point {
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
	return r.x.Detach()
}

// learn updates θ. Reset makes constants of the point and of the networks' states.
func (r *online) learn() {
	if r.loss.Recorded() {
		r.loss.Backward()
	}
	var grad []float64
	for _, n := range r.live.Names() {
		grad = append(grad, r.live.At(n).Grad()...)
	}
	if norm := math.Sqrt(kern.ShortDot(grad, grad)); check.IsFinite(norm) {
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
