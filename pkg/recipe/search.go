package recipe

import (
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// ParameterSearch is a search for parameters of 1×1, which the ranges name, in the place
// of a training: by the NMSE after so many steps, on the problems of a validation with this
// seed. All other parameters stay as they are drawn.
func ParameterSearch(o learned.Optimizer, fam optimizee.Family, steps, problems int, seed uint64, over ...trace.Range) trace.Search {
	return trace.Search{
		Family: fam,
		Config: trace.Config{
			Problems: problems, Steps: steps, Seed: seed, Measure: trace.NMSE,
			Streams: func(i int) (problem, state *rand.Rand) {
				return optimizee.Stream(seed, 3, uint64(i)), optimizee.Stream(seed, 4, uint64(i)) // as package train keys them
			},
		},
		By: trace.LowestAt(steps), Over: over,
		Rule: func(at []float64) optim.Rule { return o.Rule(Place(o, seed, over, at)) },
	}
}

// Place is the first θ with the values of a search in the parameters that its ranges name.
func Place(o learned.Optimizer, seed uint64, over []trace.Range, at []float64) nn.Params {
	th := nn.NewParams()
	o.Init(th, optimizee.Stream(seed, 0))
	for i, v := range at {
		th.Set(over[i].Name, ad.Scalar(v))
	}
	return th
}
