package optim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"

	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Step maps an iterate to the next. What it remembers lives in its closure.
type Step func(x optimizee.Point) optimizee.Point

// A Rule starts a Step for a problem, or says by name which oracle it misses.
type Rule func(p *optimizee.Problem, rng *rand.Rand) (Step, error)

// start starts a rule that another one is made of.
func (r Rule) start(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
	if r == nil {
		return nil, errors.New("optim: a rule is made of a rule that is nil")
	}
	return r(p, rng)
}

// Remember makes a Step with a memory of its path: begin is told the point at which a path
// starts, sets what is remembered to its first values, and returns the step of that path.
// The point that was returned last continues it, any other starts a new one.
func Remember(begin func(x0 optimizee.Point) Step) Step {
	var last optimizee.Point
	var step Step
	return func(x optimizee.Point) optimizee.Point {
		if !x.Same(last) {
			step = begin(x)
		}
		last = step(x)
		return last
	}
}

// Steps yields x⁰, x¹, … for as long as the loop goes on: break is the stopping rule.
func Steps(s Step, x optimizee.Point) iter.Seq2[int, optimizee.Point] {
	return func(yield func(int, optimizee.Point) bool) {
		for k := 0; yield(k, x); k++ {
			x = s(x)
		}
	}
}

// Minimize takes n steps of a rule from p.Start and returns F(x⁰)…F(xⁿ) and xⁿ. It is
// [MinimizeContext] without an end.
func Minimize(p *optimizee.Problem, r Rule, n int, rng *rand.Rand) ([]float64, optimizee.Point, error) {
	return MinimizeContext(context.Background(), p, r, n, rng)
}

// MinimizeContext takes n steps from p.Start and returns F(x⁰)…F(xⁿ) and xⁿ, or what there
// is of them with the error of ctx where that ends: a step that lasts longer is left to end
// by itself. It checks the problem first; a run that diverges is no error, its values say so.
func MinimizeContext(ctx context.Context, p *optimizee.Problem, r Rule, n int, rng *rand.Rand) ([]float64, optimizee.Point, error) {
	switch {
	case p == nil || r == nil:
		return nil, optimizee.Point{}, errors.New("optim: Minimize needs a problem and a rule, and one of them is nil")
	case n < 0:
		return nil, optimizee.Point{}, fmt.Errorf("optim: Minimize: %d steps", n)
	}
	var lock sync.Mutex // a step may go on after this returns
	values, last := make([]float64, 0, min(n, 1<<20)+1), p.Start
	err := par.Until(ctx, func() error {
		if err := p.Check(); err != nil {
			return err
		}
		step, err := r(p, rng)
		if err != nil {
			return err
		}
		for k, x := range Steps(step, p.Start) {
			f := p.Value(x).Item()
			lock.Lock()
			values, last = append(values, f), x
			lock.Unlock()
			if err := ctx.Err(); err != nil || k == n {
				return err
			}
		}
		return nil
	})
	lock.Lock()
	defer lock.Unlock()
	if len(values) == 0 {
		return nil, optimizee.Point{}, err
	}
	return values[:len(values):len(values)], last, err
}
