package optim

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// On lets a rule work on one block while the others hold still.
func On(block string, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		at := p.Start
		s, err := r.start(p.On(block, &at), rng)
		return func(x optimizee.Point) optimizee.Point {
			at = x
			return x.With(block, s(optimizee.X(x.At(block))).X())
		}, err
	}
}

// Alternate takes one step of each rule in turn; the whole sweep is one step.
func Alternate(rules ...Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		steps := make([]Step, len(rules))
		for i, r := range rules {
			var err error
			if steps[i], err = r.start(p, rng); err != nil {
				return nil, err
			}
		}
		return func(x optimizee.Point) optimizee.Point {
			for _, s := range steps {
				x = s(x)
			}
			return x
		}, nil
	}
}

// Repeat makes n steps of r count as one. The memory of r goes on from one such
// step to the next; see [Restart].
func Repeat(n int, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if n < 1 {
			return nil, fmt.Errorf("optim: Repeat: %d steps cannot count as one", n)
		}
		s, err := r.start(p, rng)
		return func(x optimizee.Point) optimizee.Point {
			for range n {
				x = s(x)
			}
			return x
		}, err
	}
}

// Restart starts r anew for each step: Restart(Repeat(5, FISTA)) is an inner loop
// that forgets its momentum.
func Restart(r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		first, err := r.start(p, rng)
		fresh := func() Step {
			if s := first; s != nil {
				first = nil
				return s
			}
			s, err := r.start(p, rng)
			if err != nil { // it started before, on the same problem
				panic(err)
			}
			return s
		}
		return func(x optimizee.Point) optimizee.Point { return fresh()(x) }, err
	}
}

// Guard takes the step of r when it lowers F at least as far as the step of safe
// from the same point, and the step of safe otherwise, NaN included. The
// run is monotone where safe is, for any r: ISTA with a Lipschitz constant that is not too
// small, [Backtracking] without one. Each step costs a step of both and two values of F. A
// network that aims at another point than the minimiser of F, such as those for sparse
// recovery, is held back by it.
func Guard(r, safe Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		a, err := r.start(p, rng)
		if err != nil {
			return nil, err
		}
		b, err := safe.start(p, rng)
		return func(x optimizee.Point) optimizee.Point {
			y, z := a(x), b(x)
			if p.Value(y).Item() <= p.Value(z).Item() {
				return y
			}
			return z
		}, err
	}
}

// Resting takes the steps of r until three in a row have moved x by at most 1e-12 of its
// length. There it stays, and asks nothing more, so that a long race counts what a method has
// used and not what it was given. A point from elsewhere starts it again.
func Resting(r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		step, err := r.start(p, rng)
		return Remember(func(optimizee.Point) Step {
			still := 0
			return func(x optimizee.Point) optimizee.Point {
				if still == 3 {
					return x
				}
				next := step(x)
				still++
				if d := next.Sub(x); !(d.Dot(d) <= 1e-24*(1+x.Dot(x))) {
					still = 0
				}
				return next
			}
		}), err
	}
}

// Then takes so many steps of a rule and goes on with another one from there, such as
// FISTA after the layers of an unrolled network (Chen et al. 2022, §4.1.2). A point from
// elsewhere starts with the first rule.
func Then(first Rule, steps int, rest Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if steps < 0 {
			return nil, fmt.Errorf("Then: %d steps of the first rule", steps)
		}
		a, errA := first.start(p, rng)
		b, errB := rest.start(p, rng)
		if err := errors.Join(errA, errB); err != nil {
			return nil, err
		}
		return Remember(func(optimizee.Point) Step {
			k := 0
			return func(x optimizee.Point) optimizee.Point {
				if k++; k > steps {
					return b(x)
				}
				return a(x)
			}
		}), nil
	}
}
