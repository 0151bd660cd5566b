package study

import (
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// A Home is a family of the L2O-PA paper with the weights of L2O-PA that were trained on
// it, and the search for the two constants that are their rival there.
type Home struct {
	Weights   string // see [weights.Load]
	Family    optimizee.Family
	Constants trace.Search
}

// Lasso and Logistic are the homes of notebooks l2opa/03 to 06. Both searches ask for the
// fewest steps to a mean gap of 1e-6.
var (
	Lasso = Home{"l2opa-lasso-250x500", optimizee.PaperLasso, constants(optimizee.PaperLasso, 128, 48,
		trace.Values("p·L", 1.2, 1.3, 1.4, 1.5, 1.6), trace.Values("a", 0.65, 0.7, 0.75, 0.8))}
	Logistic = Home{"l2opa-logistic-1000x50", optimizee.PaperLogistic, constants(optimizee.PaperLogistic, 32, 20,
		trace.Values("p·L", 1, 1.2, 1.4, 1.6, 1.8, 2, 2.2), trace.Values("a", -0.2, -0.1, 0, 0.1, 0.2, 0.3))}
)

// constants searches with a seed of its own.
func constants(fam optimizee.Family, problems, steps int, over ...trace.Range) trace.Search {
	return trace.Search{
		Family: fam, Config: trace.Config{Problems: problems, Steps: steps, Seed: 119},
		By: trace.StepsTo(1e-6), Rule: trace.TwoConstants, Over: over,
	}
}
