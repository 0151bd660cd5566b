package train

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// instance is one problem of a minibatch with the rule that runs on it.
type instance struct {
	problem *optimizee.Problem
	live    nn.Params // what the rule reads; each segment watches θ anew in it
	step    optim.Step
	teacher optim.Step // whose steps it learns; nil where it minimises
	x       optimizee.Point
	steps   int // taken
	loss    float64
	grads   []*ad.Gradient // of its share of the mean loss, by each of what the phase trains
}

// drawn is a problem of a family, or says why there is none.
func drawn(fam optimizee.Family, rng *rand.Rand) (*optimizee.Problem, error) {
	p := fam.Draw(rng)
	if err := p.Need("a training"); err != nil {
		return nil, fmt.Errorf("train: a problem of the family %s: %w", fam, err)
	}
	return p, nil
}

// each calls f for each of n items, with the number of a tape that is free, until ctx ends.
func (t *training) each(ctx context.Context, n int, f func(tape, i int) error) error {
	return par.Until(ctx, func() error { return par.Each(ctx, len(t.tapes), n, f) })
}

// draw ends the runs of the minibatch before, and makes the instances of this one. It lets go
// of all problems before it draws the first: a collection of garbage in the meantime would
// find both minibatches alive.
func (t *training) draw(ctx context.Context) error {
	for _, in := range t.batch {
		optim.Finish(in.step)
		*in = instance{grads: in.grads}
	}
	return t.each(ctx, len(t.batch), func(_, i int) (err error) {
		in, m := t.batch[i], uint64(t.Minibatches)
		if in.problem, err = drawn(t.fam, optimizee.Stream(t.c.Seed, forProblem, m, uint64(i))); err != nil {
			return err
		}
		in.live = t.Last.Map(func(_ string, v ad.Value) ad.Value { return v })
		in.step, err = t.o.Rule(in.live)(in.problem, optimizee.Stream(t.c.Seed, forState, m, uint64(i)))
		in.x, in.steps = in.problem.Start, 0
		if err == nil && t.lesson {
			in.teacher, err = t.c.Imitate.rule()(in.problem, optimizee.Stream(t.c.Seed, forTeacher, m, uint64(i)))
		}
		return err
	})
}

// A sum is the gradient of a segment with its squared length.
type sum struct {
	grad    []float64
	squares float64
}

// A tile is some entries of the gradient of a parameter, from so many on; in the sum they are
// part.
type tile struct {
	name, from int
	part       []float64
}

// tileSize is how many entries of a gradient are added at a time. The squared length is the sum
// of those of tiles, in their order: the same for any number of cores.
const tileSize = 1 << 14

// tiles cut the sum of gradients of so many entries each.
func tiles(grad []float64, sizes []int) (all []tile) {
	for name, n := range sizes {
		for from := 0; from < n; from += tileSize {
			k := min(tileSize, n-from)
			all = append(all, tile{name, from, grad[:k]})
			grad = grad[k:]
		}
	}
	return all
}

// near is how many entries at a time stay in the first-level cache.
const near = 1 << 10

// add sets the entries of the tile to the sum over instances, and adds their squares.
func (l tile) add(batch []*instance, squares []float64) {
	for at := 0; at < len(l.part); at += near {
		part := l.part[at:min(at+near, len(l.part))]
		for i, in := range batch {
			if g := in.grads[l.name]; i == 0 {
				g.CopyTo(part, l.from+at)
			} else {
				g.AddTo(part, l.from+at)
			}
		}
		kern.GemvN64(1, len(part), part, part, squares)
	}
}

// segment takes the steps of one segment on all instances. It returns the mean loss and
// its gradient, added in the order of the instances.
func (t *training) segment(ctx context.Context, steps int) (loss float64, s sum, err error) {
	if err := t.each(ctx, len(t.batch), func(w, i int) error {
		return t.advance(ctx, t.batch[i], &t.tapes[w], steps)
	}); err != nil {
		return 0, s, err
	}
	for _, in := range t.batch {
		loss += in.loss
	}
	squares := make([]float64, len(t.tiles))
	err = par.Each(ctx, 0, len(t.tiles), func(_, k int) error {
		t.tiles[k].add(t.batch, squares[k:])
		return nil
	})
	for _, q := range squares {
		s.squares += q
	}
	s.grad = t.sum
	return loss / float64(len(t.batch)), s, err
}

// sole reports whether nobody but this training holds the point from which step k of a segment,
// counted from 0, went on: no step, no oracle and no loss. The first point is the problem's.
func (t *training) sole(in *instance, k int) bool {
	l := t.c.Loss
	switch {
	case in.steps < 2 || l.Path != nil || !optim.KeepsLast(in.step):
		return false
	case optim.Unseen(in.step) && l.Last && k > 0:
		return true
	}
	return l.Of == nil && in.problem.Forgets(in.x.X())
}

// advance takes the steps of one segment and leaves its loss, and the gradient of its share
// of the mean. The tape is the worker's: Reset turns the iterate and the rule's memory into
// constants for the next segment. When the context ends, it goes no further.
func (t *training) advance(ctx context.Context, in *instance, tape *ad.Tape, steps int) error {
	tape.Reset()
	for i, n := range t.names {
		in.live.Set(n, tape.WatchInto(t.Last.At(n), in.grads[i]))
	}
	follow := t.minimise
	if in.teacher != nil {
		follow = t.imitate
	}
	loss, err := follow(ctx, in, steps)
	if err != nil {
		return err
	}
	in.loss = loss.Item()
	if share := loss.Scale(1 / float64(len(t.batch))); share.Recorded() {
		if err := share.BackwardUntil(ctx.Err); err != nil {
			return err
		}
	}
	tape.Reset()
	return nil
}

// minimise takes the steps of one segment and returns their loss.
func (t *training) minimise(ctx context.Context, in *instance, steps int) (ad.Value, error) {
	loss, path := ad.Scalar(0), []optimizee.Point(nil)
	if t.c.Loss.Path != nil {
		path = append(path, in.x)
	}
	for k := range steps {
		if err := ctx.Err(); err != nil {
			return loss, err
		}
		last := in.x
		in.x, in.steps = in.step(last), in.steps+1
		if t.sole(in, k) {
			in.x.Recycle(last)
		}
		if t.c.Loss.Path != nil {
			path = append(path, in.x)
		}
		switch l := t.c.Loss; {
		case !l.Last:
			loss = loss.Add(l.At(in.steps, in.problem, in.x))
		case k+1 == steps:
			loss = l.At(in.steps, in.problem, in.x)
		}
	}
	if of := t.c.Loss.Path; of != nil {
		loss = loss.Add(of(in.problem, path))
	}
	if !t.c.Loss.Last {
		loss = loss.Scale(1 / float64(steps))
	}
	return loss, nil
}
