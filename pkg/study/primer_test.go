package study

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

// The quadratics are ‖Wx − y‖², held against the sum, in their units.
func TestUnitQuadratics(t *testing.T) {
	for _, factor := range []float64{1, 100} {
		p := UnitQuadratics(10, factor).Draw(optimizee.Stream(1))
		problemtest.Run(t, p)
		rng := optimizee.Stream(1)
		w, y := optimizee.Uniform(rng, 10, 10), optimizee.Uniform(rng, 10, 1)
		x := optimizee.Gaussian(optimizee.Stream(2), 10, 1)
		want := factor * w.MatMul(x).Sub(y).SumSquares().Item()
		if got := p.Value(optimizee.X(x)).Item(); math.Abs(got-want) > 1e-9*want {
			t.Errorf("factor %g: F = %g, want %g", factor, got, want)
		}
	}
}

// Back-propagation through everything is the gradient of the loss, and both estimates have it
// as their mean where φ is hardly moved.
func TestRolloutGradients(t *testing.T) {
	w := RawDM(3)
	w.Composed, w.Through = true, true
	o := learned.CoordinateWise(w)
	r, th := NewRollout(o, UnitQuadratics(4, 1), 7, 2, 6), o.First(optimizee.Stream(1))
	g := r.Grad(th)
	n := optimizee.Gaussian(optimizee.Stream(3), th.Count(), 1).Data
	const h = 1e-6
	slope := (r.Loss(Along(th, n, h)) - r.Loss(Along(th, n, -h))) / (2 * h)
	if want := ad.Col(g...).Dot(ad.Col(n...)).Item(); math.Abs(slope-want) > 1e-5*math.Abs(want) {
		t.Errorf("slope %g, and by back-propagation %g", slope, want)
	}
	const sigma, pairs = 1e-5, 400
	d := float64(th.Count())
	es := r.Pairs(th, sigma, pairs, optimizee.Stream(4))
	if got, want := Error(MeanOf(es), g), math.Sqrt((d+1)/pairs); math.Abs(got-want) > 0.2*want {
		t.Errorf("error of %d pairs is %g, and √((d+1)/pairs) %g", pairs, got, want)
	}
	if got, want := Variance(es), (d+1)*ad.Col(g...).SumSquares().Item(); math.Abs(got-want) > 0.3*want {
		t.Errorf("variance %g, and (d+1)‖∇L‖² %g", got, want)
	}
	if got := Error(MeanOf(r.Smoothed(th, sigma, 4, optimizee.Stream(5))), g); got > 1e-3 {
		t.Errorf("error of back-propagation nearby %g", got)
	}
	if got, want := Error(MeanOf(r.Singles(th, sigma, pairs, optimizee.Stream(4))), g), 1e3; got < want {
		t.Errorf("without pairs the error is %g, which should be above %g", got, want)
	}
}

// The slope of Waves is that of its loss.
func TestWaves(t *testing.T) {
	for _, steps := range []int{1, 3, 8} {
		w, phi := Waves{steps}, 0.21
		const h = 1e-7
		if got, want := w.Slope(phi), (w.Loss(phi+h)-w.Loss(phi-h))/(2*h); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
			t.Errorf("%d steps: slope %g, and by differences %g", steps, got, want)
		}
	}
	rp, es := Waves{10}.Estimates(0.5, 0.05, 500, optimizee.Stream(1))
	if a, b := Deviation(rp), Deviation(es); a < 100*b {
		t.Errorf("in chaos back-propagation spreads by %g and evolution by %g", a, b)
	}
}

// Variants train and are tried, in small.
func TestDMVariants(t *testing.T) {
	for _, v := range append(DMVariants, DMTricks...) {
		j := v.Job(1)
		if j.Config.Minibatches, j.Config.Batch, j.Config.Validation.Problems = 1, 1, 1; len(j.Config.Phases) > 1 {
			j.Config.Phases = j.Config.Phases[:2]
		}
		if _, err := j.Run(t.Context()); err != nil {
			t.Errorf("%s does not train: %v", v.Name, err)
		}
	}
	grid, err := Dilemma(t.Context(), Clip, 1, 2, []int{2, 4}, []int{1, 3})
	if err != nil || len(grid) != 2 || len(grid[0]) != 2 || !(grid[0][0] > 0) {
		t.Errorf("%v, %v", grid, err)
	}
}
