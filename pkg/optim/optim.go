package optim

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Step maps an iterate to the next. What it remembers lives in its closure.
type Step func(x optimizee.Point) optimizee.Point

// A Rule starts a Step for a problem, or says by name which oracle it misses.
type Rule func(p *optimizee.Problem, rng *rand.Rand) (Step, error)

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

// Minimize takes n steps from p.Start and returns F(x⁰)…F(xⁿ) and xⁿ. It checks the
// problem first; a run that diverges is no error, its values say so.
func Minimize(p *optimizee.Problem, r Rule, n int, rng *rand.Rand) ([]float64, optimizee.Point, error) {
	if n < 0 {
		return nil, optimizee.Point{}, fmt.Errorf("optim: Minimize: %d steps", n)
	}
	if err := p.Check(); err != nil {
		return nil, optimizee.Point{}, err
	}
	step, err := r(p, rng)
	if err != nil {
		return nil, optimizee.Point{}, err
	}
	values, last := make([]float64, 0, n+1), p.Start
	for k, x := range Steps(step, p.Start) {
		values, last = append(values, p.Value(x).Item()), x
		if k == n {
			break
		}
	}
	return values, last, nil
}
