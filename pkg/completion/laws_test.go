package completion_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

func completions(lambda float64) *optimizee.Problem {
	return completion.Family{Rows: 9, Cols: 7, Rank: 4, P: 2, Observe: 0.6, Lambda: lambda}.Draw(optimizee.Stream(6))
}

// TestLaws is the table of problems and rules of this package.
func TestLaws(t *testing.T) {
	var report problemtest.Report
	for _, c := range []struct {
		name    string
		problem *optimizee.Problem
	}{
		{"matrix completion", completion.Family{Rows: 9, Cols: 7, Rank: 2, Observe: 0.5, Lambda: 0.1}.Draw(optimizee.Stream(7))},
		{"completion with a prior", withPrior()},
	} {
		t.Run(c.name, func(t *testing.T) {
			report = append(report, problemtest.Run(t, c.problem, problemtest.Named(c.name), problemtest.Convex(), problemtest.Loose(1.5), problemtest.NotConvex())...)
		})
	}

	const (
		moments = "the moments are constants to the tape"
		solves  = "the regressions of the rows are constants to the tape"
		begun   = "that it has begun: only the first point is moved to its start"
	)
	on, exact := []*optimizee.Problem{completions(0.1), completions(0)}, []string{"Exact"}
	for _, c := range []optimtest.Case{
		{Name: "ALS", Called: exact, Rule: completion.ALS, Indirect: solves, Memoryless: true, Monotone: true},
		{Name: "ALS with λ lowered", Rule: completion.ALSLowered(completion.LoweredConfig{Over: 5}), Indirect: solves},
		{Name: "ALS with λ chosen", Rule: completion.ALSHeldOut(completion.HeldOutConfig{Sweeps: 2, Share: 0.2, Lambdas: []float64{8, 4, 2, 1, 0.5, 0.25, 0.12, 0.06, 0.03}}), Random: "what it holds out", Keeps: "the λ that it chose", Indirect: solves},
		{Name: "constant", Called: []string{"the constant predictor"}, Rule: completion.Constant, Indirect: "it does not look at the point", Memoryless: true},
		{Name: "rank 1", Called: exact, Rule: completion.RankOne, Indirect: solves, Keeps: begun},
		{Name: "deep factors", Rule: completion.DeepFactors(completion.DeepConfig{Adam: optim.AdamConfig{LR: 0.02}}), Keeps: "its moments", Indirect: moments},
		{Name: "unfolded factors", Rule: completion.Unfolded(append(completion.Layers(2, 1.5, 1.5), completion.Layers(1, 1, 1)...)), Indirect: "L is a constant to the tape"},
		{Name: "unfolded factors, 1/L", Called: []string{"unfolded factors"}, Rule: completion.Unfolded(completion.Layers(1, 1, 1)), Indirect: "L is a constant to the tape", Memoryless: true, Monotone: true},
		{Name: "Adam in two blocks", Called: []string{"Adam"}, Rule: optim.Adam(optim.AdamConfig{LR: 0.05}), Keeps: "its moments", Indirect: moments},
	} {
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c, on...)...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
