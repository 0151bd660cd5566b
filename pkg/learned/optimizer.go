package learned

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Optimizer is a rule with parameters: a function θ ↦ rule, and a first θ.
type Optimizer struct {
	Name   string
	Init   func(th nn.Params, rng *rand.Rand)
	Rule   func(th nn.Params) optim.Rule
	Config any // what it was made from, for weights on disk; nil for one of your own
}

// First draws the θ that training begins with.
func (o Optimizer) First(rng *rand.Rand) nn.Params {
	th := nn.NewParams()
	o.Init(th, rng)
	return th
}

// Untrained is the rule with a θ that nobody trained: each run draws its own. What runs
// are compared with it measures what training is worth; of an optimizer that learns while
// it runs, such as mlam.Online, it is the whole method.
func Untrained(o Optimizer) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		if rng == nil {
			return nil, fmt.Errorf("%s, untrained, draws its parameters: give its rule a *rand.Rand", o.Name)
		}
		return o.Rule(o.First(rng))(p, rng)
	}
}
