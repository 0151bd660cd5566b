package trace_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
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
		c, err := trace.FixedPoints(t.Context(), optimizee.Only(p), trace.Config{Problems: 1, Seed: 3}, ks, trace.Entry{Name: "r", Rule: r})
		if err != nil {
			t.Fatal(err)
		}
		if c[0].Name != "r" || c[0].Lo != nil || len(c[0].X) != len(ks) || c[0].X[1] != float64(ks[1]) {
			t.Errorf("curve %+v", c[0])
		}
		return c[0].Y
	}
	theta := func(o learned.Optimizer) optim.Rule {
		th := o.First(optimizee.Stream(4))
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

	r, err := trace.Race(p, trace.Config{Steps: 3000, Measure: trace.ToMinimiser}, trace.Entry{Name: "ISTA", Rule: optim.ISTA})
	if err != nil {
		t.Fatal(err)
	}
	if rise := r.Rise("ISTA"); !(rise <= 1e-14) { // ISTA never moves away from a minimiser
		t.Errorf("ISTA moves away from x* by %.2g", rise)
	}
	if from := r.Values("ISTA")[0]; !(from[3000] <= 1e-6*from[0]) || from[0] != math.Sqrt(star.Dot(star)) || r.Optima != nil || r.Runs[0][0].F != nil {
		t.Errorf("ISTA goes from %.3g to %.3g", from[0], from[3000])
	}
	again, err := trace.Race(p, trace.Config{Steps: 10, Measure: trace.DistanceTo(func(*optimizee.Problem) (optimizee.Point, error) { return star, nil })}, trace.Entry{Name: "ISTA", Rule: optim.ISTA})
	if err != nil || again.Mean("ISTA", 10) != r.Mean("ISTA", 10) {
		t.Errorf("to the same point: %v, %v", again, err)
	}
	points := func(c trace.Config, k int, e trace.Entry) error {
		_, err := trace.FixedPoints(t.Context(), optimizee.Only(p), c, []int{k}, e)
		return err
	}
	one, ista, exact := trace.Config{Problems: 1}, trace.Entry{Name: "ISTA", Rule: optim.ISTA}, trace.Entry{Name: "exact", Rule: optim.Exact}
	for want, err := range map[string]error{
		"after -1 steps":   points(one, -1, ista),
		"on 0 problems":    points(trace.Config{}, 1, ista),
		"needs the Solve":  points(one, 1, exact),
		"needs a name and": points(one, 1, trace.Entry{Name: "nobody"}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
