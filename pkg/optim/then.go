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
