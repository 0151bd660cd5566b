package mixture_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

func mixtures() *optimizee.Problem {
	return mixture.Family{Points: 40, Dim: 2, Components: 3, Box: 4, Sigma: 1}.Draw(optimizee.Stream(7))
}

// TestLaws is the table of problems and rules of this package.
func TestLaws(t *testing.T) {
	full, atFull := mixtureOf(mixture.Config{Cov: tilted(7, 3, 2)})
	softmax, atSoftmax := mixtureOf(mixture.Config{Cov: []ad.Value{ad.Row(0.5, 2)}, Softmax: true, FixMu: []int{1}})
	var report problemtest.Report
	for _, c := range []struct {
		name    string
		problem *optimizee.Problem
		opts    []problemtest.Option
	}{
		{"Gaussian mixture", full, atFull},
		{"mixture by softmax", softmax, atSoftmax},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := append([]problemtest.Option{problemtest.Named(c.name), problemtest.Convex(), problemtest.Loose(1.5)}, c.opts...)
			report = append(report, problemtest.Run(t, c.problem, opts...)...)
		})
	}

	const (
		moments = "the moments are constants to the tape"
		begun   = "that it has begun: only the first point is moved to its start"
		starts  = "it moves the first point to its start"
	)
	for _, c := range []optimtest.Case{
		{Name: "Adam in two blocks", Called: []string{"Adam"}, Rule: optim.Adam(optim.AdamConfig{LR: 0.05}), Keeps: "its moments", Indirect: moments},
		{Name: "EM", Rule: mixture.EM, Memoryless: true, Monotone: true},
		{Name: "Relax(1.5, EM)", Called: []string{"EM"}, Rule: optim.Relax(1.5, mixture.EM), Memoryless: true},
		{Name: "From(KMeansPP, EM)", Called: []string{"EM", "k-means++"}, Rule: optim.From(mixture.KMeansPP, mixture.EM), Random: "its start", Keeps: begun, Indirect: starts},
		{Name: "best of 3 EM, random points", Called: []string{"EM", "random points"}, Rule: optim.BestOf(3, optim.From(mixture.RandomPoints, mixture.EM)), Random: "its starts", Keeps: begun, Indirect: starts},
	} {
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c, mixtures())...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
