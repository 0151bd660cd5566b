package recipe

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

const mlamLimits = "Trained for 50 outer steps on matrices of one size, law, rank and λ, without noise. Elsewhere it is slower or may diverge, and ALS with λ lowered is better even where it was trained: race the two."

// alternating is the training of learned alternating minimisation on completions, by
// train.DefaultAlternate.
func alternating(name, about string, o learned.Optimizer, fam optimizee.CompletionSpec) Recipe {
	d := train.DefaultAlternate
	return Recipe{
		Name: name, About: about, Optimizer: o, Family: fam.Draw, Words: fam.String(),
		Train: d.Config, Loss: &d.Loss, Limits: mlamLimits,
	}
}

// mlam lists the trainings of MLAM and GSO on matrix completion.
func mlam() []Recipe {
	at := func(rank int, lambda float64) optimizee.CompletionSpec {
		s := optimizee.PaperCompletion
		s.Rank, s.Lambda = rank, lambda
		return s
	}
	rule := learned.MLAM(learned.MLAMConfig{})
	var all []Recipe
	for _, lambda := range []float64{0.1, 1e-3} {
		r := alternating(fmt.Sprintf("mlam-rank5-lambda%g", lambda), fmt.Sprintf("MLAM on completions of rank 5, λ = %g", lambda), rule, at(5, lambda))
		all = append(all, r, r.seeded(2), r.seeded(3))
	}
	return append(all, alternating("mlam-rank40-lambda1", "MLAM on completions of rank 40, λ = 1", rule, at(40, 1)))
}
