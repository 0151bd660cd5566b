package optim

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// Then takes so many steps of a rule and goes on with another one from there, such as
// FISTA after the layers of an unrolled network (Chen et al. 2022, §4.1.2). A point from
// elsewhere starts with the first rule.
func Then(first Rule, steps int, rest Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if steps < 0 {
			return nil, fmt.Errorf("Then: %d steps of the first rule", steps)
		}
		a, errA := first(p, rng)
		b, errB := rest(p, rng)
		if err := errors.Join(errA, errB); err != nil {
			return nil, err
		}
		k, last := 0, optimizee.Point{}
		return func(x optimizee.Point) optimizee.Point {
			if !x.Same(last) {
				k = 0
			}
			if k < steps {
				last = a(x)
			} else {
				last = b(x)
			}
			k++
			return last
		}, nil
	}
}
