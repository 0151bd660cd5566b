package train

import (
	"context"

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
	x       optimizee.Point
	steps   int // taken
	loss    float64
	grad    []float64 // of its share of the mean loss, by what the phase trains
}

// draw makes the instances of a minibatch.
func (t *training) draw(ctx context.Context) error {
	return par.Each(ctx, len(t.tapes), len(t.batch), func(_, i int) (err error) {
		in, m := t.batch[i], uint64(t.Minibatches)
		in.problem = t.fam.Draw(optimizee.Stream(t.c.Seed, forProblem, m, uint64(i)))
		in.live = t.Last.Map(func(_ string, v ad.Value) ad.Value { return v })
		in.step, err = t.o.Rule(in.live)(in.problem, optimizee.Stream(t.c.Seed, forState, m, uint64(i)))
		in.x, in.steps = in.problem.Start, 0
		return err
	})
}

// segment takes the steps of one segment on all instances. It returns the mean loss and
// its gradient, added in the order of the instances.
func (t *training) segment(ctx context.Context, steps int) (loss float64, grad []float64, err error) {
	if err := par.Each(ctx, len(t.tapes), len(t.batch), func(w, i int) error {
		t.advance(t.batch[i], &t.tapes[w], steps)
		return nil
	}); err != nil {
		return 0, nil, err
	}
	grad = t.batch[0].grad // not needed any more
	for k, in := range t.batch {
		if loss += in.loss; k > 0 {
			kern.Axpy64(1, in.grad, grad)
		}
	}
	return loss / float64(len(t.batch)), grad, nil
}

// advance takes the steps of one segment and leaves its loss, and the gradient of its share
// of the mean. The tape is the worker's: Reset turns the iterate and the rule's memory into
// constants for the next segment.
func (t *training) advance(in *instance, tape *ad.Tape, steps int) {
	tape.Reset()
	for _, n := range t.names {
		in.live.Set(n, tape.Watch(t.Last.At(n)))
	}
	loss := ad.Scalar(0)
	for k := range steps {
		in.x, in.steps = in.step(in.x), in.steps+1
		switch l := t.c.Loss; {
		case !l.Last:
			loss = loss.Add(l.At(in.steps, in.problem, in.x))
		case k+1 == steps:
			loss = l.At(in.steps, in.problem, in.x)
		}
	}
	if !t.c.Loss.Last {
		loss = loss.Scale(1 / float64(steps))
	}
	in.loss = loss.Item()
	if share := loss.Scale(1 / float64(len(t.batch))); share.Recorded() {
		share.Backward()
	}
	at := 0
	for _, n := range t.names {
		at += copy(in.grad[at:], in.live.At(n).Grad())
	}
	tape.Reset()
}
