package recipe

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// PublicStep is a logistic problem with the constant that the public code of the
// L2O-PA paper takes for L: ‖W‖₂ instead of ‖W‖₂²/(4m), about 105 times more on
// 1000×50. Methods that step by 1/L are that much slower on it.
func PublicStep(p *optimizee.Problem) *optimizee.Problem {
	q := *p
	q.Traits = maps.Clone(p.Traits)
	if p.Name != "logistic" {
		q.Err = fmt.Errorf("PublicStep is about logistic problems, this one is %s", p.Name)
		return &q
	}
	q.Traits["public step"] = 1
	q.Lipschitz = func(block string, x optimizee.Point) float64 {
		return math.Sqrt(4 * p.Traits["rows"] * p.Lipschitz(block, x))
	}
	return &q
}

// Solved is a family whose problems come with their minimisers (see [trace.Minimiser]):
// what supervised training of a network that minimises F asks for.
func Solved(fam optimizee.Family) optimizee.Supervised {
	return func(rng *rand.Rand) (*optimizee.Problem, optimizee.Point) {
		p := fam(rng)
		x, _, err := trace.Minimiser(p)
		if err != nil && p.Err == nil {
			q := *p
			q.Err = err
			p = &q
		}
		return p, x
	}
}
