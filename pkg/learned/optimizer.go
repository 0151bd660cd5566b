package learned

import (
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
)

// An Optimizer is a rule with parameters: a function θ ↦ rule, and a first θ.
type Optimizer struct {
	Name   string
	Init   func(th nn.Params, rng *rand.Rand)
	Rule   func(th nn.Params) optim.Rule
	Config any // what it was made from, for weights on disk; nil for one of your own
}
