package recipe

import (
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// adaLISTA is the paper's unrolled baseline on Lasso: 10 layers, grown one by one in
// three phases each at the public code's rates, towards the minimisers. That code
// trains on 32,000 stored problems until validation stalls, with rates that fall by 0.3
// for each layer of age; here problems are fresh in each step, there are fewer of them,
// and the layers share one rate.
func adaLISTA(t task) Recipe {
	const layers, rate = 10, 2e-3
	var phases []train.Phase
	for k := 1; k <= layers; k++ {
		for _, f := range []float64{1, 0.2, 0.02} {
			phases = append(phases, train.Phase{Iterations: k, LR: f * rate})
		}
	}
	return Recipe{
		Name: "adalista-" + t.name, About: "Ada-LISTA, supervised, on " + t.family.String(),
		Optimizer: lista.AdaLISTA(lista.AdaLISTAConfig{Rows: optimizee.PaperLasso.Rows, Layers: layers}),
		Family:    Solved(t.family),
		Train: train.Config{
			Phases: phases, Minibatches: 100, Batch: 64, Loss: learned.Distance.AtEnd(), Seed: train.Paper.Seed,
			Validation: train.Validation{Problems: 256, Every: 20, Patience: 3, Measure: trace.NMSE},
		},
		Limits: "Good for ten layers on problems of this law: further steps repeat the last layer, which need not lead to the minimiser. It fits any number of columns of A, and no other number of rows.",
	}
}

// Solved is the family with the minimiser of each problem for its Truth (see
// [trace.Minimiser]): what training of a network that minimises F by its distance from
// there asks for.
func Solved(fam optimizee.Family) optimizee.Family {
	return optimizee.FamilyFunc(fam.String(), func(rng *rand.Rand) *optimizee.Problem {
		p := *fam.Draw(rng)
		x, _, err := trace.Minimiser(&p)
		if p.Truth = x; err != nil && p.Err == nil {
			p.Err = err
		}
		return &p
	})
}
