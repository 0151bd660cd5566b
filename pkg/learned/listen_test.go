package learned_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// What is said can be heard, and with the terms of FISTA L2O-PA is FISTA, but for its
// base step.
func TestSayAndListen(t *testing.T) {
	momentum := func(k int) float64 {
		u := 1.0
		for range k {
			u = (1 + math.Sqrt(1+4*u*u)) / 2
		}
		return 2 * (u - 1) / (1 + math.Sqrt(1+4*u*u))
	}
	p, o := lasso(), learned.PA(learned.PAConfig{ReturnX: true})
	said := learned.Say(o, map[string]func(k int) float64{"p": func(int) float64 { return 1 }, "a": momentum})
	th := o.First(optimizee.Stream(3))
	slower := optimizee.WithLipschitz(p, p.Lipschitz("x", p.Start)/0.9999)
	equal(t, "FISTA", 1e-10, points(t, said.Rule(th), p, p.Start, 30), points(t, optim.FISTA, slower, p.Start, 30))

	h, err := learned.Listen(said, th, p, optimizee.Stream(1), 7)
	if err != nil || len(h) != 2 || len(h["a"]) != 7 || h["a"][6][0] != momentum(6) || math.Abs(h["p"][0][0]-0.9999) > 1e-12 {
		t.Errorf("heard %v, error %v", h, err)
	}
	h, err = learned.Listen(o, th, p, optimizee.Stream(1), 3)
	on := h.On([]int{2, 5})
	if err != nil || len(h["p"][2]) != 28 || !slices.Equal(on["p"][2], []float64{h["p"][2][2], h["p"][2][5]}) {
		t.Errorf("heard %v on two coordinates, error %v", on, err)
	}
	for want, o := range map[string]learned.Optimizer{
		`no term is called "c"`:     learned.Say(o, map[string]func(k int) float64{"c": momentum}),
		"RNNprop does not give the": learned.Say(learned.RNNprop(learned.RNNpropConfig{}), nil),
	} {
		if _, err := o.Rule(th)(p, optimizee.Stream(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := learned.Listen(learned.DM(learned.DMConfig{}), th, p, optimizee.Stream(1), 3); err == nil {
		t.Error("L2O-DM has no terms to listen to")
	}
}

// GradientOf agrees with finite differences along a direction, through Flat and With.
func TestGradientOf(t *testing.T) {
	p := optimizee.Quadratic(gauss(1, 12, 6), gauss(2, 12, 1))
	o := learned.CoordinateWise(learned.Wiring{Network: learned.Network{Hidden: 3, Composed: true}, Input: learned.Gradient, Through: true})
	th := o.First(optimizee.Stream(3))
	g, err := learned.GradientOf(o, th, p, optimizee.Stream(4), 5)
	if err != nil || len(g) != th.Count() {
		t.Fatal(len(g), err)
	}
	mean := func(h float64) (sum float64) {
		row := th.Flat()
		for i := range row {
			row[i] += h * g[i]
		}
		f, _, err := optim.Minimize(p, o.Rule(th.With(row)), 5, optimizee.Stream(4))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range f[1:] {
			sum += v / 5
		}
		return sum
	}
	var want float64
	for _, v := range g {
		want += v * v
	}
	h := 1e-5 / math.Sqrt(want)
	if got := (mean(h) - mean(-h)) / (2 * h); !(math.Abs(got-want) <= 1e-5*want) {
		t.Errorf("along the gradient the derivative is %g, by differences %g", want, got)
	}
}

// Untrained draws θ from the run's random numbers, before the states.
func TestUntrained(t *testing.T) {
	p, o, rng := lasso(), learned.DM(learned.DMConfig{}), optimizee.Stream(17)
	step, err := o.Rule(o.First(rng))(p, rng)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{step(p.Start).X().Data}
	equal(t, "untrained", 0, points(t, learned.Untrained(o), p, p.Start, 1), want)
	if _, err := learned.Untrained(o)(p, nil); err == nil || !strings.Contains(err.Error(), "*rand.Rand") {
		t.Error(err)
	}
}
