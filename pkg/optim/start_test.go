package optim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// BestOf is the lowest of its runs at every step.
func TestBestOf(t *testing.T) {
	p := mixture.Family{Points: 40, Dim: 2, Components: 3, Box: 4, Sigma: 1}.Draw(optimizee.Stream(7))
	em := optim.From(mixture.RandomPoints, mixture.EM)
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

// Scatter adds spread·N(0, 1) to each number, and refuses what is no deviation.
func TestScatter(t *testing.T) {
	p := parabola(1)
	_, x := run(t, p, optim.Scatter(0.5), 1)
	if want := p.Start.X().Item() + 0.5*optimizee.Stream(8).NormFloat64(); x.X().Item() != want {
		t.Errorf("it moves to %g, want %g", x.X().Item(), want)
	}
	for _, spread := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := optim.Scatter(spread)(p, optimizee.Stream(1)); err == nil {
			t.Errorf("a spread of %g is taken", spread)
		}
	}
}
