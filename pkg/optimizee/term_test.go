package optimizee_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

func named(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("error %v, want %q", err, w)
		}
	}
}

// TestTermsThatDoNotFit: each says which term it is, and both sizes.
func TestTermsThatDoNotFit(t *testing.T) {
	a, b := linear.Dense(gauss(2, 6, 12)), gauss(7, 6, 1)
	ls, with := optimizee.LeastSquares(a, b), optimizee.LeastSquares(a, b, optimizee.Intercept())
	five := prox.WeightedL1(ad.Full(5, 1, 1))
	bad := prox.L1(1)
	bad.Value = func(x ad.Value) ad.Value { return x.Abs() }
	none := prox.L1(1)
	none.Value = nil
	for _, c := range []struct {
		p    *optimizee.Problem
		want []string
	}{
		{ls.Plus(five), []string{"term " + five.Name, "x, which is 12×1", "5×1"}},
		{ls.Plus(prox.L1(1)).Plus(five), []string{"term " + five.Name, "12×1", "5×1"}},
		{ls.Plus(prox.BoxEach(ad.Full(5, 1, 0), ad.Full(5, 1, 1))), []string{"12×1", "5×1"}},
		{ls.Plus(prox.Group(1, prox.Consecutive(7, 7))), []string{"12×1"}},
		{ls.Plus(prox.TotalVariation(1, 4, 4)), []string{"12×1", "4×4"}},
		{ls.Plus(prox.Nuclear(1, 4, 4)), []string{"12×1", "4×4"}},
		{ls.Plus(prox.L1(1), linear.Difference(5)), []string{"‖Kx‖₁, K = difference", "12×1", "5"}},
		{ls.Plus(five, linear.Difference(12)), []string{"K = difference", "11×1", "5×1"}},
		{with.Plus(prox.WeightedL1(ad.Full(13, 1, 1))), []string{"12 rows of x without the intercept", "13×1"}},
		{with.Plus(prox.L1(1), linear.Difference(13)), []string{"12 rows of x without the intercept", "13"}},
		{ls.Plus(prox.L1(1), linear.Difference(12), linear.Identity(12)), []string{"linear.Compose", "linear.Stack"}},
		{ls.Plus(prox.L1(1), linear.Operator{}), []string{"operator K is empty"}},
		{ls.Plus(bad), []string{"12×1", "1×1"}},
		{ls.Plus(none), []string{"has no Value"}},
		{with.Plus(none), []string{"has no Value"}},
		{ls.Plus(prox.Regulariser{}), []string{"has no Value"}},
	} {
		named(t, c.p.Check(), c.want...)
	}
}

// TestTermWithoutProx: the sum has none, which names the term, and everything else.
func TestTermWithoutProx(t *testing.T) {
	r := prox.Regulariser{Name: "mine", Value: prox.L1(1).Value, Subgrad: prox.L1(1).Subgrad}
	for _, opts := range [][]optimizee.LossOption{nil, {optimizee.Intercept()}} {
		p := optimizee.LeastSquares(linear.Dense(gauss(2, 6, 12)), gauss(7, 6, 1), opts...).Plus(r)
		if err := p.Check(); err != nil || p.Prox != nil || p.Subgrad == nil {
			t.Error(p, err)
		}
		named(t, p.Need("ISTA", "Prox"), "its term mine", "has none")
	}
}

// TestProxAtStart: a Prox that cannot be is told before anything runs.
func TestProxAtStart(t *testing.T) {
	for want, prx := range map[string]func(v, step ad.Value) ad.Value{
		"Prox of block \"x\" is 1×1 and the block 12×1": func(v, _ ad.Value) ad.Value { return v.Sum() },
		"is not finite at Start":                        func(v, _ ad.Value) ad.Value { return v.Div(v.Scale(0)) },
	} {
		r := prox.L1(1)
		r.Prox = prx
		named(t, optimizee.LeastSquares(linear.Dense(gauss(2, 6, 12)), gauss(7, 6, 1)).Plus(r).Check(), want)
	}
}

// TestNamesOfTerms shows the operator.
func TestNamesOfTerms(t *testing.T) {
	ls := optimizee.LeastSquares(linear.Dense(gauss(2, 6, 12)), gauss(7, 6, 1))
	for want, p := range map[string]*optimizee.Problem{
		"least squares + 2‖Kx‖₁, K = difference":                  ls.Plus(prox.L1(2), linear.Difference(12)),
		"least squares + Kx ≥ 0, K = difference":                  ls.Plus(prox.NonNegative(), linear.Difference(12)),
		"least squares + 1·Huber(2) of Kx, K = difference":        ls.Plus(prox.Huber(1, 2), linear.Difference(12)),
		"least squares + 2‖x‖₁ + 1‖Kx‖₁, K = difference":          ls.Plus(prox.L1(2)).Plus(prox.L1(1), linear.Difference(12)),
		"least squares + 2‖Kx‖₁, K = difference∘identity":         ls.Plus(prox.L1(2), linear.Compose(linear.Difference(12), linear.Identity(12))),
		"least squares + ½‖AKx − b‖² of a 4×11 A, K = difference": ls.Plus(prox.SquaredDistance(linear.Dense(gauss(1, 4, 11)), gauss(2, 4, 1)), linear.Difference(12)),
	} {
		if p.Err != nil || p.Name != want {
			t.Errorf("%q, want %q (%v)", p.Name, want, p.Err)
		}
	}
}

// TestAdjoints: a user's operator whose functions do not belong together is told
// before anything runs, wherever it is.
func TestAdjoints(t *testing.T) {
	diff := linear.Difference(12)
	broken := linear.Func(11, 12, diff.Forward, func(dst, y []float64) {
		diff.Adjoint(dst, y)
		slices.Reverse(dst)
	})
	good := linear.Func(11, 12, diff.Forward, diff.Adjoint)
	b := gauss(7, 11, 1)
	shift := linear.Func(12, 12, func(dst, x []float64) { copy(dst[1:], x) }, func(dst, y []float64) { copy(dst, y[1:]) })
	for name, build := range map[string]func(k linear.Operator) *optimizee.Problem{
		"loss": func(k linear.Operator) *optimizee.Problem { return optimizee.LeastSquares(k, b) },
		"weighted": func(k linear.Operator) *optimizee.Problem {
			return optimizee.HuberLoss(k, b, 1, optimizee.Weights(ad.Full(11, 1, 2)), optimizee.Intercept())
		},
		"scaled": func(k linear.Operator) *optimizee.Problem {
			return optimizee.LeastSquares(k.Scale(2), b).Plus(prox.L1(1))
		},
		"term": func(k linear.Operator) *optimizee.Problem { return optimizee.Zero(gauss(1, 12, 1)).Plus(prox.L1(1), k) },
		"turned": func(k linear.Operator) *optimizee.Problem {
			return optimizee.Zero(b).Plus(prox.None()).Plus(prox.L1(1), k.T())
		},
		"form": func(k linear.Operator) *optimizee.Problem {
			return optimizee.QuadraticForm(linear.Compose(good.T(), k), gauss(1, 12, 1))
		},
	} {
		if err := build(good).Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		named(t, build(broken).Check(), "is not the adjoint of Forward", "linear.Check")
	}
	named(t, optimizee.QuadraticForm(shift, gauss(1, 12, 1)).Check(), "is not symmetric")
}

// TestSteepRemedy: where the curvature has no bound, rules that search come first.
func TestSteepRemedy(t *testing.T) {
	f := optimizee.PoissonLoss(linear.Dense(gauss(2, 6, 12)), ad.Full(6, 1, 3))
	for _, p := range []*optimizee.Problem{f, f.Plus(prox.L1(1))} {
		err := p.Need("FISTA", "Lipschitz")
		named(t, err, "optim.FISTABacktracking", "optim.Backtracking", "EstimateLipschitz is local")
		if text := err.Error(); strings.Index(text, "FISTABacktracking") > strings.Index(text, "EstimateLipschitz") {
			t.Error(text)
		}
	}
}
