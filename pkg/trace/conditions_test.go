package trace_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

func TestMinimiser(t *testing.T) {
	for seed := range uint64(5) {
		for _, draw := range []optimizee.Family{optimizee.SmallLasso, optimizee.SmallLogistic} {
			p := draw.Draw(optimizee.Stream(seed))
			x, moves, err := trace.Minimiser(p)
			if err != nil {
				t.Fatal(err)
			}
			o, err := trace.Certified(p, 1e-14)
			if err != nil {
				t.Fatal(err)
			}
			if gap := p.Value(x).Item() - o.F; !(gap <= 1e-14*o.F) || !(moves <= 1e-14) {
				t.Errorf("%s %d: F is %.2g above the optimum, and ISTA moves by %.2g", p.Name, seed, gap, moves)
			}
		}
	}
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	if _, _, err := trace.Minimiser(optimizee.WithLipschitz(p, 0.01)); err == nil || !strings.Contains(err.Error(), "diverged") {
		t.Errorf("with a wrong L: %v", err)
	}
	if _, _, err := trace.Minimiser(parabola()); err == nil || !strings.Contains(err.Error(), "Prox") {
		t.Errorf("without a Prox: %v", err)
	}
}

// (FP) and (GC) of rules for which the answer is known.
func TestConditions(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(2))
	star, _, err := trace.Minimiser(p)
	if err != nil {
		t.Fatal(err)
	}
	away := func(r optim.Rule, ks ...int) []float64 {
		t.Helper()
		d, err := trace.FixedPoint(p, r, star, 3, ks...)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	theta := func(o learned.Optimizer) optim.Rule {
		th := nn.NewParams()
		o.Init(th, optimizee.Stream(4))
		return o.Rule(th)
	}
	ks := []int{0, 1, 10, 50}
	for name, r := range map[string]optim.Rule{
		"ISTA": optim.ISTA, "FISTA": optim.FISTA, "too long a step": optim.ProxMomentum(1.9, 0.5),
		"L2O-PA, whatever θ": theta(learned.PA(learned.PAConfig{})),
	} {
		for i, d := range away(r, ks...) {
			if !(d <= 1e-13) {
				t.Errorf("%s moves from x* by %.2g after %d steps", name, d, ks[i])
			}
		}
	}
	for _, o := range []learned.Optimizer{learned.PA(learned.PAConfig{Learn: "PBA12"}), learned.DM(learned.DMConfig{}), learned.RNNprop(learned.RNNpropConfig{})} {
		for i, d := range away(theta(o), ks...) {
			if !(d >= 1e-3) {
				t.Errorf("%s moves from x* by %.2g after %d steps, and nothing in it should keep it there", o.Name, d, ks[i])
			}
		}
	}
	// the subgradient ∇f + λ·sign x at x* is not zero where x* is: the step shrinks as 1/√k
	g := p.Subgradient(star)
	size := math.Sqrt(g.Dot(g))
	for i, d := range away(optim.Subgradient(0.1), ks...) {
		if want := 0.1 * size / math.Sqrt(float64(ks[i]+1)); !(math.Abs(d-want) <= 1e-9) || size < 1e-3 {
			t.Errorf("the subgradient method moves by %.6g after %d steps, want %.6g", d, ks[i], want)
		}
	}

	from, err := trace.Distances(p, optim.ISTA, star, 3, 3000)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 3000 { // ISTA never moves away from a minimiser
		if !(from[k+1] <= from[k]+1e-14) {
			t.Fatalf("step %d of ISTA moves away from x*: %.6g to %.6g", k+1, from[k], from[k+1])
		}
	}
	if !(from[3000] <= 1e-6*from[0]) || from[0] != math.Sqrt(star.Dot(star)) {
		t.Errorf("ISTA goes from %.3g to %.3g", from[0], from[3000])
	}
	for want, f := range map[string]func() error{
		"after -1 steps":      func() error { _, err := trace.FixedPoint(p, optim.ISTA, star, 3, -1); return err },
		"over -1 steps":       func() error { _, err := trace.Distances(p, optim.ISTA, star, 3, -1); return err },
		"needs the Solve":     func() error { _, err := trace.FixedPoint(p, optim.Exact, star, 3, 1); return err },
		"Exact needs the Sol": func() error { _, err := trace.Distances(p, optim.Exact, star, 3, 1); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
