package learned_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// least is ½‖Ax − b‖², the smooth part of the problems here.
func least() *optimizee.Problem {
	return optimizee.LeastSquares(linear.Dense(gauss(3, 8, 14)), gauss(4, 8, 1))
}

// TestOneStep: where the proximal map takes one step for all entries, the variants that
// learn p say so at their start, and the variant "A" runs.
func TestOneStep(t *testing.T) {
	rotated := optimizee.Norm1Spec{N: 6}.Draw(optimizee.Stream(1))
	start := func(o learned.Optimizer) (optim.Step, error) {
		return o.Rule(o.First(optimizee.Stream(2)))(rotated, optimizee.Stream(3))
	}
	for _, v := range learned.Variants() {
		o := learned.PA(learned.PAConfig{Learn: v})
		step, err := start(o)
		if v == "A" {
			if err != nil || !step(rotated.Start).IsFinite() {
				t.Errorf("A on one step: %v", err)
			}
			continue
		}
		for _, want := range []string{"L2O-" + v, "ProxEach", "1-norm", "one step for all entries", `PAConfig{Learn: "A"}`} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q", v, err, want)
			}
		}
	}
	said := learned.Say(learned.PA(learned.PAConfig{}), map[string]func(int) float64{"p": func(int) float64 { return 1 }})
	if _, err := start(said); err != nil {
		t.Errorf("a p that is said is one number: %v", err)
	}
}

// TestConstraint: the points of L2O-PA are feasible where a term is a constraint, which
// rules that go along subgradients refuse by its name.
func TestConstraint(t *testing.T) {
	p := least().Plus(prox.NonNegative())
	through := learned.PAConfig{ReturnX: true}
	o := learned.PA(learned.PAConfig{})
	th := theta(o, 1.5) // p and a near 2: y_k would leave the constraint
	xs := points(t, o.Rule(th), p, p.Start, 20)
	equal(t, "x_k", 0, xs, points(t, learned.PA(through).Rule(th), p, p.Start, 20))
	for k, x := range xs {
		if f := p.Value(optimizee.X(ad.New(14, 1, x))).Item(); math.IsInf(f, 1) {
			t.Errorf("F is infinite at step %d", k+1)
		}
	}
	g, err := learned.GradientOf(o, th, p, optimizee.Stream(1), 5)
	if err != nil || ad.Col(g...).SumSquares().Item() == 0 || !ad.Col(g...).IsFinite() {
		t.Errorf("the gradient of a training: %v, %v", g, err)
	}
	for _, o := range []learned.Optimizer{learned.DM(learned.DMConfig{}), learned.RNNprop(learned.RNNpropConfig{}), learned.CoordinateWise(learned.Wiring{})} {
		_, err := o.Rule(o.First(optimizee.Stream(1)))(p, optimizee.Stream(2))
		for _, want := range []string{o.Name, "needs the Subgrad oracle", "x ≥ 0 is a constraint"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q", o.Name, err, want)
			}
		}
	}
}

// TestSameOnParts: a Lasso put together from its parts gives every learned rule what the
// Lasso gives it.
func TestSameOnParts(t *testing.T) {
	a, b := gauss(3, 8, 14), gauss(4, 8, 2)
	whole, parts := optimizee.Lasso(a, b, 0.3), optimizee.LeastSquares(linear.Dense(a), b).Plus(prox.L1(0.3))
	for _, o := range []learned.Optimizer{
		learned.PA(learned.PAConfig{Learn: "PBA12"}), learned.DM(learned.DMConfig{}), learned.RNNprop(learned.RNNpropConfig{}), learned.CoordinateWise(learned.Wiring{Output: learned.Along}),
	} {
		th := o.First(optimizee.Stream(1))
		equal(t, o.Name, 1e-6, points(t, o.Rule(th), parts, parts.Start, 10), points(t, o.Rule(th), whole, whole.Start, 10))
	}
}
