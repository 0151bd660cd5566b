package mlam

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// alternation is the double loop of Algorithm 1 around whatever moves the blocks.
type alternation struct {
	name   string
	blocks []string
	inner  int
	redraw bool
	of     map[string]mover
}

// A mover moves one block, step by step.
type mover interface {
	enter(at optimizee.Point, foreign bool) // an inner loop begins; foreign where the point is not from this run
	move(at optimizee.Point) ad.Value
}

func (a alternation) start(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	if err := a.check(p, rng); err != nil {
		return nil, err
	}
	var last optimizee.Point
	return func(x optimizee.Point) optimizee.Point {
		foreign := a.redraw || !x.Same(last)
		for _, b := range a.blocks {
			if a.redraw {
				x = x.With(b, redrawn(p.Start.At(b), rng))
			}
			a.of[b].enter(x, foreign)
			for range a.inner {
				x = x.With(b, a.of[b].move(x))
			}
		}
		last = x
		return x
	}, nil
}

func (a alternation) check(p *optimizee.Problem, rng *rand.Rand) error {
	var errs []error
	if a.inner < 1 {
		errs = append(errs, fmt.Errorf("%s: %d steps of an inner loop: there has to be one", a.name, a.inner))
	}
	if len(a.blocks) == 0 {
		errs = append(errs, fmt.Errorf("%s: no block to move", a.name))
	}
	have := p.Start.Blocks()
	for i, b := range a.blocks {
		switch {
		case !slices.Contains(have, b):
			errs = append(errs, fmt.Errorf("%s works in blocks %q, and %s has %q: set Blocks", a.name, a.blocks, p.Name, have))
		case slices.Contains(a.blocks[:i], b):
			errs = append(errs, fmt.Errorf("%s: block %q is named twice in %q", a.name, b, a.blocks))
		}
	}
	if a.redraw && rng == nil {
		errs = append(errs, fmt.Errorf("%s draws its variables anew: give its rule a *rand.Rand", a.name))
	}
	return errors.Join(errs...)
}

// redrawn is uniform between the smallest and the largest entry of the first point's
// block: on [0, 1) for the factors of a completion, inside of the box for means, equal
// weights for a mixture.
func redrawn(like ad.Value, rng *rand.Rand) ad.Value {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range like.Data {
		lo, hi = min(lo, x), max(hi, x)
	}
	v := ad.New(like.R, like.C, nil)
	for i := range v.Data {
		v.Data[i] = lo + (hi-lo)*rng.Float64()
	}
	return v
}

// mlamBlock is the LSTM of one block and what it remembers.
type mlamBlock struct {
	Config
	name string
	p    *optimizee.Problem
	net  nn.Recurrent
	th   nn.Params
	rng  *rand.Rand

	state  nn.State
	m, v   ad.Value // moments, of so many gradients
	k      float64
	before ad.Value // x⁻
	l      float64  // L where the inner loop began
}

func (b *mlamBlock) enter(at optimizee.Point, foreign bool) {
	if b.Reset {
		b.state, b.k = nn.State{}, 0
	}
	if foreign {
		b.before = ad.Value{}
	}
	if b.curved() {
		b.l = b.p.Lipschitz(b.name, at.Detach())
	}
}

// gradient is that of the block, or an element of its subdifferential.
func (b *mlamBlock) gradient(at optimizee.Point) ad.Value {
	if b.p.Subgrad != nil {
		return b.p.Subgrad(b.name, at)
	}
	return b.p.Grad(b.name, at)
}

func (b *mlamBlock) move(at optimizee.Point) ad.Value {
	x, from := at.At(b.name), at
	if b.Output == "additive" && !b.Through { // what is seen is used in no other way
		from = at.Detach()
	}
	var d, g ad.Value
	if b.Input == "solve" {
		d = b.p.Solve(b.name, from).Sub(from.At(b.name))
	} else if g = b.gradient(from); b.curved() {
		d = g.Scale(-1 / b.l)
	}
	if b.state.IsZero() {
		b.state = b.First(b.net.LSTM, x.Len(), b.rng)
	}
	o := b.net.Step(b.th, b.seen(d, g), &b.state)
	say := func(i int) ad.Value { return o.Cols(i, i+1).Reshape(x.R, x.C) }
	next := x
	switch b.Output {
	case "additive":
		next = x.AddScaled(b.OutputScale, say(0))
	case "correction":
		next = x.Add(d).AddScaled(b.OutputScale, say(0))
	case "pa":
		next = x.AddMul(say(0).Sigmoid().Scale(2), d)
		if !b.before.IsZero() {
			next = next.AddMul(say(1).Tanh(), x.Sub(b.before))
		}
	}
	b.before = x
	return next
}

// seen is what the network sees, a row for each coordinate.
func (b *mlamBlock) seen(d, g ad.Value) ad.Value {
	if !b.Through {
		d, g = d.Detach(), g.Detach()
	}
	switch b.Input {
	case "solve":
		return learned.Rows(d).Scale(b.InputScale)
	case "curvature":
		return learned.Rows(d).Scale(-b.InputScale)
	case "raw":
		return learned.Rows(g).Scale(b.InputScale)
	}
	g = learned.Rows(g)
	if b.k == 0 {
		b.m, b.v = g.Scale(0), g.Scale(0)
	}
	b.k++
	b.m = b.m.Scale(b.Beta).AddScaled(1-b.Beta, g)
	b.v = b.v.Scale(b.Beta).AddScaled(1-b.Beta, g.Square())
	fix := 1 / (1 - math.Pow(b.Beta, b.k))
	root := b.v.Scale(fix).Shift(1e-16).Sqrt() // a gradient of 0 has a slope of the root too
	return g.Div(root).Beside(b.m.Scale(fix).Div(root)).Scale(b.InputScale)
}
