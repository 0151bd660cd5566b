package trace

import (
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Path returns the way of a rule from Start over some steps: every point at which it asks
// for a gradient or a block's solution, inner steps too, and the end. It is what a
// landscape with two coordinates shows.
func Path(p *optimizee.Problem, r optim.Rule, steps int, rng *rand.Rand) ([]optimizee.Point, error) {
	if p == nil || r == nil {
		return nil, errors.New("trace: a path needs a problem and a rule, and one of them is nil")
	}
	var way []optimizee.Point
	note := func(x optimizee.Point) {
		if n := len(way); n == 0 || way[n-1].Sub(x).Norm() != 0 {
			way = append(way, x)
		}
	}
	watch := func(oracle func(string, optimizee.Point) ad.Value) func(string, optimizee.Point) ad.Value {
		if oracle == nil {
			return nil
		}
		return func(block string, x optimizee.Point) ad.Value {
			note(x)
			return oracle(block, x)
		}
	}
	q := *p
	q.Grad, q.Subgrad, q.Solve = watch(p.Grad), watch(p.Subgrad), watch(p.Solve)
	if p.ValueGrad != nil {
		q.ValueGrad = func(block string, x optimizee.Point) (value, grad ad.Value) {
			note(x)
			return p.ValueGrad(block, x)
		}
	}
	if p.SolveAll != nil {
		q.SolveAll = func(x optimizee.Point) optimizee.Point {
			note(x)
			return p.SolveAll(x)
		}
	}
	if err := p.Check(); err != nil { // of p, as it asks at points of its own
		return nil, err
	}
	step, err := r(&q, rng)
	if err != nil {
		return nil, err
	}
	x := p.Start
	note(x)
	for range steps {
		x = step(x)
	}
	note(x)
	return way, nil
}
