package mlam_test

import (
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var (
	factors  = completion.Family{Rows: 6, Cols: 5, Rank: 2, Observe: 0.6, Lambda: 0.1}
	mixtures = mixture.Family{Points: 12, Dim: 2, Components: 3, Box: 3, Sigma: 1}

	mlamNet = learned.Network{Hidden: 4}
	exact   = learned.Network{Hidden: 4, Composed: true}
)

func smallGSO() mlam.Config {
	c := mlam.GSO
	c.Network, c.Inner = mlamNet, 2
	return c
}

// TestMLAMLaws is the table of learned alternation, at its first parameters.
func TestMLAMLaws(t *testing.T) {
	const (
		states = "the states of its networks"
		first  = "what the networks see carries no derivative"
		bent   = "L is a constant to the tape"
	)
	factorised, clustered := factors.Draw(optimizee.Stream(1)), mixtures.Draw(optimizee.Stream(2))
	means := []string{"pi", "mu"}
	var report problemtest.Report
	for _, c := range []struct {
		optimtest.Case
		o learned.Optimizer
		p *optimizee.Problem
	}{
		{optimtest.Case{Name: "MLAM", Keeps: states, Indirect: first}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, random states", Random: "first states", Keeps: states, Indirect: first}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: learned.Network{Hidden: 4, StateScale: 1}}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, differentiated", Keeps: states}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Through: true}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, raw", Keeps: states}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Through: true, Input: learned.Gradient}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, curvature", Keeps: states, Indirect: bent}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Through: true, Input: learned.Curvature}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, PA", Keeps: states, Indirect: bent}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet, Output: learned.Along}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, correction", Keeps: states, Indirect: bent}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet, Output: learned.Correction}, Inner: 2}), factorised},
		{optimtest.Case{Name: "MLAM, states reset"}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Through: true}, Inner: 2, Reset: true}), factorised},
		{optimtest.Case{Name: "MLAM as printed", Random: "variables", Keeps: "its stream of random numbers"}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Input: learned.Gradient, OutputScale: 1, Through: true}, Inner: 2, Redraw: true, Reset: true}), factorised},
		{optimtest.Case{Name: "MLAM, EM", Keeps: states}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Input: learned.Displacement, Output: learned.Correction, Through: true}, Inner: 2, Blocks: means}), clustered},
		{optimtest.Case{Name: "MLAM, EM and PA", Keeps: states}, mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: exact, Input: learned.Displacement, Output: learned.Along, Through: true}, Inner: 2, Blocks: means}), clustered},
		{optimtest.Case{Name: "MLAM, row-wise MLP", Memoryless: true, Indirect: first}, mlam.Rows(mlam.RowsConfig{P: 2, Inner: 2, Keep: true}), factorised},
		{optimtest.Case{Name: "GSO", Random: "variables", Keeps: states, Indirect: first}, mlam.MLAM(smallGSO()), factorised},
	} {
		c.Rule, c.Called = c.o.Rule(drawn(c.o)), []string{c.o.Name}
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c.Case, c.p)...) })
	}
	small := mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: mlamNet}, Inner: 2})
	for _, c := range []optimtest.Case{
		{Name: "MLAM, trained and online", Rule: mlam.Online(small, mlam.OnlineConfig{Update: 3}).Rule(drawn(small))},
		{Name: "MLAM, online alone", Rule: learned.Untrained(mlam.Online(small, mlam.OnlineConfig{Update: 3})), Random: "parameters"},
	} {
		c.Called, c.Keeps, c.Indirect = []string{"MLAM"}, "what it has learned", "it learns from a derivative of its own, and passes none on"
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c, factorised)...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
