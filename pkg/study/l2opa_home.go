package study

import (
	"strings"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// A Home is a family of the L2O-PA paper with the weights of L2O-PA that were trained on
// it, and the searches for its tuned rivals: two constants, Adam and AdamHD.
type Home struct {
	Weights                 string // see [weights.Load]
	Family                  optimizee.Family
	Constants, Adam, AdamHD trace.Search
}

// Lasso and Logistic are the homes of notebooks l2opa/03 to 06. Two constants are searched
// for the fewest steps to a mean gap of 1e-6, Adam and AdamHD for the lowest after 100.
var (
	Lasso = home("lasso-250x500", optimizee.PaperLasso, 128, 48, 8,
		[]trace.Range{trace.Values("p·L", 1.2, 1.3, 1.4, 1.5, 1.6), trace.Values("a", 0.65, 0.7, 0.75, 0.8)},
		[]trace.Range{trace.Log("lr", 1e-2, 1e-1, 3), trace.Values("β₁", 0.5, 0.9, 0.95), trace.Values("β₂", 0.5, 0.9, 0.99)},
		[]trace.Range{trace.Log("lr", 1e-2, 1, 3), trace.Values("β₁", 0.5, 0.9, 0.95), trace.Log("h", 1e-4, 1e-1, 4)})
	Logistic = home("logistic-1000x50", optimizee.PaperLogistic, 32, 20, 32,
		[]trace.Range{trace.Values("p·L", 1, 1.2, 1.4, 1.6, 1.8, 2, 2.2), trace.Values("a", -0.2, -0.1, 0, 0.1, 0.2, 0.3)},
		[]trace.Range{trace.Log("lr", 1e-3, 3e-2, 4), trace.Values("β₁", 0.5, 0.9, 0.95, 0.99), trace.Values("β₂", 0.5, 0.9, 0.999)},
		[]trace.Range{trace.Log("lr", 1e-3, 3e-2, 4), trace.Values("β₁", 0.5, 0.9, 0.95, 0.99), trace.Log("h", 1e-3, 1e-1, 3)})
)

// Small is the home of the toy setting, for notebooks that train and race while one reads:
// two constants for the lowest gap after 20 steps.
var Small = Home{
	Weights: "l2opa-lasso-20x40", Family: optimizee.SmallLasso,
	Constants: trace.Search{
		Family: optimizee.SmallLasso, Config: trace.Config{Problems: 512, Steps: 20, Seed: seed + 1},
		By: trace.LowestAt(20), Rule: trace.TwoConstants,
		Over: []trace.Range{trace.Lin("p·L", 1, 1.7, 8), trace.Lin("a", 0.6, 0.95, 8)},
	},
}

// seed is that of the notebooks; searches have the next one.
const seed = 118

// home searches two constants on so many problems with so many steps, and the others on
// others problems.
func home(name string, fam optimizee.Family, problems, steps, others int, two, adam, adamHD []trace.Range) Home {
	s := trace.Search{
		Family: fam, Config: trace.Config{Problems: problems, Steps: steps, Seed: seed + 1},
		By: trace.StepsTo(1e-6), Rule: trace.TwoConstants, Over: two,
	}
	h := Home{Weights: "l2opa-" + name, Family: fam, Constants: s}
	s.Config.Problems, s.Config.Steps, s.By = others, 100, trace.LowestAt(100)
	h.Adam, h.AdamHD = s, s
	h.Adam.Rule, h.Adam.Over = trace.TunedAdam, adam
	h.AdamHD.Rule, h.AdamHD.Over = trace.TunedAdamHD, adamHD
	return h
}

// BlackBoxes are the two learned rules without structure, trained at home.
func (h Home) BlackBoxes() []trace.Entry {
	_, name, _ := strings.Cut(h.Weights, "-")
	return []trace.Entry{weights.Entry("L2O-DM", "l2odm-"+name), weights.Entry("RNNprop", "rnnprop-"+name)}
}
