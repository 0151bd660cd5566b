package train

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The purposes that key the random streams.
const (
	forTheta uint64 = iota
	forProblem
	forState
	forValidation
	forValidationState
)

// parallel calls f(worker, i) for i < n from so many workers at once. It returns the
// error of the first call that had one (instances of one family fail alike), or stops
// early when the context ends.
func parallel(ctx context.Context, workers, n int, f func(worker, i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range min(workers, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				errs[i] = f(w, i)
			}
		})
	}
	wg.Wait()
	return cmp.Or(append(errs, ctx.Err())...)
}

// instance is one problem of a minibatch with the rule that runs on it.
type instance struct {
	problem *optimizee.Problem
	live    nn.Params // what the rule reads; each segment watches θ anew in it
	step    optim.Step
	x       optimizee.Point
	loss    float64
	grad    []float64 // of the segment's loss, in the order of live.Names
}

// draw makes instance i of a minibatch.
func draw(o learned.Optimizer, fam optimizee.Family, theta nn.Params, seed uint64, minibatch, i int) (*instance, error) {
	in := &instance{
		problem: fam.Draw(optimizee.Stream(seed, forProblem, uint64(minibatch), uint64(i))),
		live:    theta.Map(func(_ string, v ad.Value) ad.Value { return v }),
		grad:    make([]float64, theta.Count()),
	}
	var err error
	in.step, err = o.Rule(in.live)(in.problem, optimizee.Stream(seed, forState, uint64(minibatch), uint64(i)))
	in.x = in.problem.Start
	return in, err
}

// segment takes the steps of one segment and leaves its loss, the mean of F over
// the points that the rule stepped to, and its gradient. The tape is the worker's:
// Reset turns the iterate and the rule's memory into constants for the next segment.
func (in *instance) segment(tape *ad.Tape, theta nn.Params, steps int) {
	tape.Reset()
	for _, n := range theta.Names() {
		in.live.Set(n, tape.Watch(theta.At(n)))
	}
	loss := ad.Scalar(0)
	for range steps {
		in.x = in.step(in.x)
		loss = loss.Add(in.problem.Value(in.x))
	}
	loss = loss.Scale(1 / float64(steps))
	in.loss = loss.Item()
	if loss.Recorded() {
		loss.Backward()
	}
	at := 0
	for _, n := range theta.Names() {
		at += copy(in.grad[at:], in.live.At(n).Grad())
	}
	tape.Reset()
}

// validate returns the mean objective over the whole curves of the validation problems.
func validate(ctx context.Context, o learned.Optimizer, fam optimizee.Family, theta nn.Params, c Config) (float64, error) {
	means := make([]float64, c.Validation.Problems)
	err := parallel(ctx, runtime.GOMAXPROCS(0), len(means), func(_, i int) error {
		p := fam.Draw(optimizee.Stream(c.Seed, forValidation, uint64(i)))
		step, err := o.Rule(theta)(p, optimizee.Stream(c.Seed, forValidationState, uint64(i)))
		if err != nil {
			return err
		}
		x := p.Start
		for range c.Iterations {
			x = step(x)
			means[i] += p.Value(x).Item() / float64(c.Iterations)
		}
		return nil
	})
	return mean(means), err
}

func mean(xs []float64) float64 {
	var s float64
	for _, x := range xs {
		s += x
	}
	return s / float64(len(xs))
}

func norm(xs []float64) float64 {
	var s float64
	for _, x := range xs {
		s += x * x
	}
	return math.Sqrt(s)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
