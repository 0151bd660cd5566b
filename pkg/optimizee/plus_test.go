package optimizee_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/prox"
)

// TestUnitsOfParts: in other units and at another price, the terms are those of the new F.
func TestUnitsOfParts(t *testing.T) {
	ls := optimizee.LeastSquares(linear.Dense(gauss(2, 6, 12)), gauss(7, 6, 1))
	for _, p := range []*optimizee.Problem{
		ls.Plus(prox.L1(0.3)), ls.Plus(prox.NonNegative()), ls.Plus(prox.L1(0.3), linear.Dense(gauss(3, 4, 12))).Plus(prox.NonNegative()),
	} {
		for name, q := range map[string]*optimizee.Problem{"units of 10": optimizee.InUnits(p, 10), "ten times": optimizee.Times(p, 10)} {
			t.Run(name, func(t *testing.T) { problemtest.Run(t, q, problemtest.Convex()) })
		}
	}
}

// TestConstrained: a constraint has no subgradient, which a rule that needs one is told by
// its name; and F with terms is not smooth.
func TestConstrained(t *testing.T) {
	ls := optimizee.LeastSquares(linear.Dense(gauss(2, 6, 12)), gauss(7, 6, 1))
	p := ls.Plus(prox.L1(0.3)).Plus(prox.NonNegative())
	if ls.Plus(prox.L1(0.3)).Constrained() || !p.Constrained() {
		t.Error("what is a constraint?")
	}
	for oracle, want := range map[string]string{
		"Subgrad": "its term x ≥ 0 is a constraint and has no subgradient",
		"Prox":    "only F with a single term without an operator has one",
	} {
		if err := p.Need("a rule", oracle); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := optimizee.Smooth(p).Check(); err == nil || !strings.Contains(err.Error(), "it has terms") {
		t.Errorf("declared smooth: %v", err)
	}
	equations := p.Plus(prox.Equal(gauss(8, 6, 1)), linear.Dense(gauss(2, 6, 12)))
	if err := equations.Check(); err != nil {
		t.Errorf("a Start that equations of a term exclude, which rules that split F need not satisfy: %v", err)
	}
	more := optimizee.Lasso(gauss(2, 6, 12), gauss(7, 6, 1), 0.3).Plus(prox.NonNegative())
	if _, err := optimizee.DataOf[optimizee.LassoData](more, "LISTA"); err == nil {
		t.Error("a Lasso with a constraint passes for one without")
	}
	at := p.Start
	if err := p.On("x", &at).Need("a rule", "Subgrad"); err == nil {
		t.Error("a view takes Grad for a subgradient of F with its terms")
	}
}

// TestTraitsOfParts: a Lasso made of its parts says what Lasso does.
func TestTraitsOfParts(t *testing.T) {
	a, b := gauss(2, 6, 12), gauss(7, 6, 1)
	whole, parts := optimizee.Lasso(a, b, 0.3), optimizee.LeastSquares(linear.Dense(a), b).Plus(prox.L1(0.3))
	if !maps.Equal(whole.Traits, parts.Traits) {
		t.Errorf("%v, and of parts %v", whole.Traits, parts.Traits)
	}
}
