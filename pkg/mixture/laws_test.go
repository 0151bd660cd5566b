package mixture_test

import (
	"flag"
	"fmt"
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

type subject struct {
	name    string
	problem *optimizee.Problem
	opts    []problemtest.Option
}

// estimated is a problem in three blocks. Its covariances are asked for around those of
// the points.
func estimated(c mixture.Covariance) subject {
	p := mixture.Problem(lumps(71, 40, corners), mixture.Config{K: 3, Seed: 4, Covariance: c, Floor: 1e-9})
	var at []optimizee.Point
	for i := range uint64(3) {
		pi, mu := gauss(72+i, 3, 1).Abs().Shift(0.1), corners.Add(gauss(75+i, 3, 2))
		at = append(at, p.Start.With("pi", pi).With("mu", mu).With("cov", p.Start.At("cov").Scale(0.5+float64(i))))
	}
	return subject{fmt.Sprintf("%v covariances", c), p, []problemtest.Option{
		problemtest.NotConvex(), problemtest.Majorant(), problemtest.Untrained(), problemtest.At(at...),
	}}
}

// TestLaws is the table of problems and rules of this package.
func TestLaws(t *testing.T) {
	full, atFull := mixtureOf(mixture.Config{Cov: tilted(7, 3, 2)})
	softmax, atSoftmax := mixtureOf(mixture.Config{Cov: []ad.Value{ad.Row(0.5, 2)}, Softmax: true, FixMu: []int{1}})
	var report problemtest.Report
	for _, c := range []subject{
		{"Gaussian mixture", full, atFull},
		{"mixture by softmax", softmax, atSoftmax},
		estimated(mixture.Full), estimated(mixture.Tied), estimated(mixture.Diagonal), estimated(mixture.Spherical),
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
		{Name: "EM", Rule: mixture.EM, Rounds: true, Memoryless: true, Monotone: true},
		{Name: "Relax(1.5, EM)", Called: []string{"EM"}, Rule: optim.Relax(1.5, mixture.EM), Rounds: true, Memoryless: true},
		{Name: "From(KMeansPP, EM)", Called: []string{"EM", "k-means++"}, Rule: optim.From(mixture.KMeansPP, mixture.EM), Random: "its start", Keeps: begun, Indirect: starts},
		{Name: "best of 3 EM, random points", Called: []string{"EM", "random points"}, Rule: optim.BestOf(3, optim.From(mixture.RandomPoints, mixture.EM)), Random: "its starts", Keeps: begun, Indirect: starts},
	} {
		t.Run(c.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, c, mixtures())...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
