package mixture_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The best of ten runs is at the global minimum as far as the truth tells, k-means++ is
// there more often than random points, and a single run gets stuck.
func TestRestarts(t *testing.T) {
	stuck := map[string]int{}
	const problems = 20
	for i := range uint64(problems) {
		p := mixture.Family{Points: 200, Dim: 2, Components: 4, Box: 50, Sigma: 5}.Draw(optimizee.Stream(2, i))
		truth := p.Value(p.Truth).Item()
		for name, r := range map[string]optim.Rule{
			"start":         mixture.EM,
			"random points": optim.From(mixture.RandomPoints, mixture.EM),
			"k-means++":     optim.From(mixture.KMeansPP, mixture.EM),
			"best of ten":   optim.BestOf(10, optim.From(mixture.KMeansPP, mixture.EM)),
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

// k-means++ takes points, different ones, and one of each far cluster; of equal points
// it takes what there is.
func TestKMeansPP(t *testing.T) {
	x := ad.New(30, 1, nil)
	for i := range x.Data {
		x.Data[i] = 1e3*float64(i%3) + 0.01*float64(i)
	}
	p := mixture.Problem(x, mixture.Config{K: 3, Cov: []ad.Value{ad.Scalar(1)}})
	first := map[float64]bool{}
	for i := range uint64(40) {
		step, err := mixture.KMeansPP(p, optimizee.Stream(i))
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
	same := mixture.Problem(ad.Full(5, 2, 1.5), mixture.Config{K: 3, Cov: []ad.Value{ad.Scalar(1)}})
	if f, last := run(t, same, optim.From(mixture.KMeansPP, mixture.EM), 3); !last.IsFinite() || math.Abs(f[3]-math.Log(2*math.Pi)) > 1e-9 {
		t.Errorf("of equal points: F = %g at %v", f[3], last)
	}
}

// Where components overlap, longer steps bring EM to its fixed point sooner.
func TestRelaxedEM(t *testing.T) {
	p := mixture.Family{Points: 100, Dim: 2, Components: 3, Box: 1, Sigma: 1}.Draw(optimizee.Stream(7))
	plain, _ := run(t, p, mixture.EM, 2000)
	short, _ := run(t, p, mixture.EM, 100)
	long, _ := run(t, p, optim.Relax(1.8, mixture.EM), 100)
	if low := plain[2000]; !(long[100]-low < 0.01*(short[100]-low)) {
		t.Errorf("after 100 steps F is %g above the end with ω = 1.8, and %g with 1", long[100]-low, short[100]-low)
	}
}

func run(t *testing.T, p *optimizee.Problem, r optim.Rule, n int) ([]float64, optimizee.Point) {
	t.Helper()
	f, x, err := optim.Minimize(p, r, n, optimizee.Stream(8))
	if err != nil {
		t.Fatal(err)
	}
	return f, x
}

func TestStartsRefuse(t *testing.T) {
	q := optimizee.Quadratic(gauss(1, 12, 6), gauss(2, 12, 1))
	for want, r := range map[string]optim.Rule{
		"k-means++ works on a problem whose Data is a mixture.Data": mixture.KMeansPP,
		"BestOf: 0 runs": optim.BestOf(0, mixture.EM),
	} {
		if _, err := r(q, optimizee.Stream(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
