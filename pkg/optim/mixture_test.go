package optim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The best of ten runs is at the global minimum as far as the truth tells, k-means++ is
// there more often than random points, and a single run gets stuck.
func TestRestarts(t *testing.T) {
	stuck := map[string]int{}
	const problems = 20
	for i := range uint64(problems) {
		p := optimizee.MixtureSpec{Points: 200, Dim: 2, Components: 4, Box: 50, Sigma: 5}.Draw(optimizee.Stream(2, i))
		truth := p.Value(p.Data.(*optimizee.Mixture).Config.Truth).Item()
		for name, r := range map[string]optim.Rule{
			"start":         optim.EM,
			"random points": optim.From(optim.RandomPoints, optim.EM),
			"k-means++":     optim.From(optim.KMeansPP, optim.EM),
			"best of ten":   optim.BestOf(10, optim.From(optim.KMeansPP, optim.EM)),
		} {
			f, _ := run(t, p, r, 60)
			if f[60] > truth {
				stuck[name]++
			}
		}
	}
	t.Logf("above the truth after 60 steps, of %d problems: %v", problems, stuck)
	if stuck["best of ten"] > 0 || stuck["k-means++"] >= stuck["random points"] || stuck["start"] < 3 {
		t.Errorf("above the truth after 60 steps, of %d problems: %v", problems, stuck)
	}
}

// BestOf is the lowest of its runs at every step.
func TestBestOf(t *testing.T) {
	p := mixture()
	em := optim.From(optim.RandomPoints, optim.EM)
	best, _ := run(t, p, optim.BestOf(3, em), 8)
	rng := optimizee.Stream(8) // as in run
	lowest := make([]float64, 9)
	for i := range 3 {
		f, _, err := optim.Minimize(p, em, 8, rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range f {
			if i == 0 || v < lowest[k] {
				lowest[k] = v
			}
		}
	}
	for k := range best {
		if best[k] != lowest[k] {
			t.Errorf("step %d: F is %g, that of the lowest run %g", k, best[k], lowest[k])
		}
	}
	// a run that diverges never wins
	wild := 0
	r := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		wild++
		s := []float64{math.NaN(), 0.5, math.Inf(1)}[wild-1]
		return func(x optimizee.Point) optimizee.Point { return x.Scale(s) }, nil
	}
	if f, _ := run(t, parabola(1), optim.BestOf(3, r), 3); f[3] != 0.5/64 {
		t.Errorf("among NaN and Inf the best is %g", f[3])
	}
}

// From moves the first point alone.
func TestFrom(t *testing.T) {
	to := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		return func(optimizee.Point) optimizee.Point { return optimizee.X(ad.Scalar(8)) }, nil
	}
	step, err := optim.From(to, optim.GD(optim.Fixed(0.5)))(parabola(1), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := step(optimizee.X(ad.Scalar(1)))
	if a, b, c := x.X().Item(), step(x).X().Item(), step(optimizee.X(ad.Scalar(1))).X().Item(); a != 4 || b != 2 || c != 0.5 {
		t.Errorf("from 8: %g, %g, and from 1 after that %g; want 4, 2, 0.5", a, b, c)
	}
}

// k-means++ takes points, different ones, and one of each far cluster; of equal points
// it takes what there is.
func TestKMeansPP(t *testing.T) {
	x := ad.New(30, 1, nil)
	for i := range x.Data {
		x.Data[i] = 1e3*float64(i%3) + 0.01*float64(i)
	}
	p := optimizee.GaussianMixture(x, optimizee.MixtureConfig{K: 3, Cov: []ad.Value{ad.Scalar(1)}})
	first := map[float64]bool{}
	for i := range uint64(40) {
		step, err := optim.KMeansPP(p, optimizee.Stream(i))
		if err != nil {
			t.Fatal(err)
		}
		at := step(p.Start)
		seen := map[float64]bool{}
		for _, v := range at.At("mu").Data {
			seen[math.Round(v/1e3)] = true
		}
		first[at.At("mu").Data[0]] = true
		if len(seen) != 3 || at.At("pi").Data[2] != 1.0/3 {
			t.Errorf("starts at %v", at)
		}
	}
	if len(first) < 15 {
		t.Errorf("the first point is one of only %d in 40 draws", len(first))
	}
	same := optimizee.GaussianMixture(ad.Full(5, 2, 1.5), optimizee.MixtureConfig{K: 3, Cov: []ad.Value{ad.Scalar(1)}})
	if f, last := run(t, same, optim.From(optim.KMeansPP, optim.EM), 3); !last.IsFinite() || math.Abs(f[3]-math.Log(2*math.Pi)) > 1e-9 {
		t.Errorf("of equal points: F = %g at %v", f[3], last)
	}
}
