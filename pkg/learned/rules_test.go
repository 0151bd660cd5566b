package learned_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

// at returns a learned rule at a random θ.
func at(o learned.Optimizer) optim.Rule {
	th := o.First(optimizee.Stream(11))
	return o.Rule(th)
}

// TestLaws is the table of learned rules; a new one is one more row.
func TestLaws(t *testing.T) {
	const (
		sees   = "what the network sees is a constant to the tape"
		states = "initial states"
		hidden = "its hidden state"
	)
	all := []*optimizee.Problem{optimizee.Quadratic(gauss(1, 12, 6), gauss(2, 12, 1)), lasso(), logistic()}
	zero := learned.Network{ZeroState: true}
	rows := []optimtest.Case{
		{Name: "L2O-DM", Rule: at(learned.DM(learned.DMConfig{})), Random: states, Keeps: hidden, Indirect: sees},
		{Name: "L2O-DM (2016)", Rule: at(learned.OriginalDM(learned.OriginalDMConfig{})), Keeps: hidden, Indirect: sees},
		{Name: "L2O-DM (2016), raw", Called: []string{"L2O-DM (2016)"}, Rule: at(learned.OriginalDM(learned.OriginalDMConfig{Raw: true, OutputScale: 0.1})), Keeps: hidden, Indirect: sees},
		{Name: "RNNprop", Rule: at(learned.RNNprop(learned.RNNpropConfig{})), Random: states, Keeps: hidden, Indirect: sees},
		{Name: "L2O-Swarm", Rule: swarm(learned.SwarmConfig{}), Random: "particles", Indirect: sees},
		{Name: "L2O-Swarm, far apart", Called: []string{"L2O-Swarm"}, Rule: swarm(learned.SwarmConfig{Particles: 3, Spread: 1, OutputScale: 0.1}), Random: "particles", Indirect: sees},
		{Name: "along the gradient", Rule: at(learned.CoordinateWise(learned.Wiring{Name: "along the gradient", Network: zero, Output: learned.Along})), Keeps: hidden, Indirect: sees},
		{Name: "corrected gradient", Rule: at(learned.CoordinateWise(learned.Wiring{
			Name: "corrected gradient", Network: learned.Network{Hidden: 4, ZeroState: true, Composed: true},
			Input: learned.Curvature, Output: learned.Correction, Through: true,
		})), Keeps: hidden},
		{Name: "L2O-PA from zero states", Called: []string{"L2O-PA"}, Rule: at(learned.PA(learned.PAConfig{Network: zero})), Keeps: hidden, Indirect: sees},
		{Name: "L2O-PA through x", Called: []string{"L2O-PA"}, Rule: at(learned.PA(learned.PAConfig{ReturnX: true})), Random: states, Keeps: hidden, Indirect: sees},
		{Name: "L2O-PA for logistic regression", Called: []string{"L2O-PA"}, Rule: at(learned.PA(learned.LogisticPA)), Random: states, Keeps: hidden, Indirect: sees},
		{Name: "Guard(L2O-PA, ISTA)", Called: []string{"L2O-PA", "ISTA"}, Rule: optim.Guard(at(learned.PA(learned.PAConfig{})), optim.ISTA), Random: states, Keeps: hidden, Indirect: sees, Monotone: true},
	}
	const rates = "first learning rates"
	rows = append(rows,
		optimtest.Case{Name: "L2O-Scale", Rule: at(learned.Scale(learned.ScaleConfig{})), Random: rates, Keeps: "hidden states and rates", Indirect: sees},
		optimtest.Case{Name: "L2O-Scale from one rate", Called: []string{"L2O-Scale"}, Rule: at(learned.Scale(learned.ScaleConfig{MinRate: 1e-2})), Keeps: "hidden states and rates", Indirect: sees},
	)
	for _, v := range learned.Variants() {
		rows = append(rows, optimtest.Case{Name: "L2O-" + v, Rule: at(learned.PA(learned.PAConfig{Learn: v})), Random: states, Keeps: hidden, Indirect: sees})
	}
	var report problemtest.Report
	for _, r := range rows {
		t.Run(r.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, r, all...)...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
