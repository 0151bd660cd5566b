package learned_test

import (
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var (
	factors  = optimizee.CompletionSpec{Rows: 6, Cols: 5, Rank: 2, Observe: 0.6, Lambda: 0.1}.Draw
	mixtures = optimizee.MixtureSpec{Points: 12, Dim: 2, Components: 3, Box: 3, Sigma: 1}.Draw

	mlamNet = learned.Network{Hidden: 4}
	exact   = learned.Network{Hidden: 4, Composed: true}
)

// TestMLAMLaws is the table of learned alternation, at its first parameters.
func TestMLAMLaws(t *testing.T) {
	const (
		states = "the states of its networks"
		first  = "what the networks see carries no derivative"
		bent   = "L is a constant to the tape"
	)
	completion, mixture := factors(optimizee.Stream(1)), mixtures(optimizee.Stream(2))
	means := []string{"pi", "mu"}
	var report problemtest.Report
	for _, c := range []struct {
		optimtest.Case
		o learned.Optimizer
		p *optimizee.Problem
	}{
		{optimtest.Case{Name: "MLAM", Keeps: states, Indirect: first}, learned.MLAM(learned.MLAMConfig{Network: mlamNet, Inner: 2}), completion},
		{optimtest.Case{Name: "MLAM, random states", Random: "first states", Keeps: states, Indirect: first}, learned.MLAM(learned.MLAMConfig{Network: learned.Network{Hidden: 4, StateScale: 1}, Inner: 2}), completion},
		{optimtest.Case{Name: "MLAM, differentiated", Keeps: states}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Through: true}), completion},
		{optimtest.Case{Name: "MLAM, raw", Keeps: states}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Through: true, Input: "raw"}), completion},
		{optimtest.Case{Name: "MLAM, curvature", Keeps: states, Indirect: bent}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Through: true, Input: "curvature"}), completion},
		{optimtest.Case{Name: "MLAM, PA", Keeps: states, Indirect: bent}, learned.MLAM(learned.MLAMConfig{Network: mlamNet, Inner: 2, Output: "pa"}), completion},
		{optimtest.Case{Name: "MLAM, correction", Keeps: states, Indirect: bent}, learned.MLAM(learned.MLAMConfig{Network: mlamNet, Inner: 2, Output: "correction"}), completion},
		{optimtest.Case{Name: "MLAM, states reset"}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Reset: true, Through: true}), completion},
		{optimtest.Case{Name: "MLAM as printed", Random: "variables", Keeps: "its stream of random numbers"}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Input: "raw", OutputScale: 1, Redraw: true, Reset: true, Through: true}), completion},
		{optimtest.Case{Name: "MLAM, EM", Keeps: states}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Blocks: means, Input: "solve", Output: "correction", Through: true}), mixture},
		{optimtest.Case{Name: "MLAM, EM and PA", Keeps: states}, learned.MLAM(learned.MLAMConfig{Network: exact, Inner: 2, Blocks: means, Input: "solve", Output: "pa", Through: true}), mixture},
		{optimtest.Case{Name: "MLAM, row-wise MLP", Memoryless: true, Indirect: first}, learned.MLAMRows(learned.MLAMRowsConfig{P: 2, Inner: 2, Keep: true}), completion},
		{optimtest.Case{Name: "GSO", Random: "variables", Keeps: states, Indirect: first}, learned.GSO(learned.GSOConfig{MLAMConfig: learned.MLAMConfig{Network: mlamNet, Inner: 2}}), completion},
	} {
		c.Rule, c.Called = c.o.Rule(drawn(c.o)), []string{c.o.Name}
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c.Case, c.p)...) })
	}
	small := learned.MLAM(learned.MLAMConfig{Network: mlamNet, Inner: 2})
	for _, c := range []optimtest.Case{
		{Name: "MLAM, both levels", Rule: learned.Ground(small, learned.GroundConfig{Update: 3}).Rule(drawn(small))},
		{Name: "MLAM, ground level", Rule: learned.Alone(small, learned.GroundConfig{Update: 3}), Random: "parameters"},
	} {
		c.Called, c.Keeps, c.Indirect = []string{"MLAM"}, "what it has learned", "it learns from a derivative of its own, and passes none on"
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c, completion)...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws_mlam.txt"), *update, report)
}
