package optimizee_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/prox"
)

// A constructor makes a problem of a matrix and labels 0, 1, 2, ….
type constructor func(a, y ad.Value, opts ...optimizee.LossOption) *optimizee.Problem

func constructors() map[string]constructor {
	op := linear.Dense
	return map[string]constructor{
		"least squares": func(a, y ad.Value, o ...optimizee.LossOption) *optimizee.Problem {
			return optimizee.LeastSquares(op(a), y, o...)
		},
		"Huber": func(a, y ad.Value, o ...optimizee.LossOption) *optimizee.Problem {
			return optimizee.HuberLoss(op(a), y, 0.5, o...)
		},
		"Poisson": func(a, y ad.Value, o ...optimizee.LossOption) *optimizee.Problem {
			return optimizee.PoissonLoss(op(a), y, o...)
		},
		"logistic": func(a, y ad.Value, o ...optimizee.LossOption) *optimizee.Problem {
			return optimizee.LogisticLoss(op(a), y.Sub(ad.Scalar(1)).ReLU(), o...)
		},
		"softmax": func(a, y ad.Value, o ...optimizee.LossOption) *optimizee.Problem {
			return optimizee.SoftmaxLoss(op(a), y, 3, o...)
		},
	}
}

// pick are some rows of v, by number.
func pick(v ad.Value, rows ...int) ad.Value {
	var lists [][]float64
	for _, i := range rows {
		lists = append(lists, v.Data[i*v.C:(i+1)*v.C])
	}
	return ad.FromLists(lists)
}

// A weight of 2 is a row twice and one of 0 none; an intercept is a column of ones.
func TestWeightsAreRowsAndTheInterceptAColumn(t *testing.T) {
	const rows, cols = 8, 3
	a, y := gauss(41, rows, cols), ad.Col(0, 1, 2, 1, 0, 2, 2, 1)
	again := []int{0, 2, 2, 3, 4, 4, 6, 7}
	weights := optimizee.Weights(ad.Col(1, 0, 2, 1, 2, 0, 1, 1))
	for name, of := range constructors() {
		for what, pair := range map[string][2]*optimizee.Problem{
			"weights":   {of(a, y, weights), of(pick(a, again...), pick(y, again...))},
			"intercept": {of(a, y, optimizee.Intercept()), of(a.Beside(ad.Full(rows, 1, 1)), y)},
			"both":      {of(a, y, weights, optimizee.Intercept()), of(pick(a, again...).Beside(ad.Full(rows, 1, 1)), pick(y, again...))},
		} {
			got, want := pair[0], pair[1]
			if err := got.Check(); err != nil {
				t.Fatal(err)
			}
			x := optimizee.X(gauss(42, want.Start.X().R, want.Start.X().C))
			if f, g := got.Value(x).Item(), want.Value(x).Item(); math.Abs(f-g) > 1e-13*math.Abs(g) {
				t.Errorf("%s, %s: F is %.15g, want %.15g", name, what, f, g)
			}
			if d := adtest.Distance(got.Grad("x", x).Data, want.Grad("x", x).Data); d > 1e-13 {
				t.Errorf("%s, %s: the gradient is off by %.2g", name, what, d)
			}
			if want.Lipschitz != nil {
				if l, m := got.Lipschitz("x", x), want.Lipschitz("x", x); math.Abs(l-m) > 1e-10*m {
					t.Errorf("%s, %s: L is %g, want %g", name, what, l, m)
				}
			}
			if what == "weights" {
				continue
			}
			p := got.Plus(prox.L1(0.3)).Plus(prox.NonNegative())
			rest := x.X().Data[cols*x.X().C:]
			for _, term := range p.Terms {
				if v := term.Prox(x.X(), ad.Scalar(0.7)); v.R != cols+1 || !slices.Equal(v.Data[cols*v.C:], rest) {
					t.Errorf("%s: %s moves the intercept", name, term.Name)
				}
			}
			if r := p.Terms[0].Value(x.X()).Item(); math.Abs(r-0.3*ad.New(1, len(x.X().Data)-len(rest), x.X().Data[:len(x.X().Data)-len(rest)]).Norm1().Item()) > 1e-12 {
				t.Errorf("%s: ℓ₁ of all but the intercept is %g", name, r)
			}
		}
	}
	p := optimizee.LeastSquares(linear.Dense(a), y, optimizee.Intercept()).Plus(prox.L1(1), linear.Difference(cols))
	if got := p.Terms[0].At(ad.Col(1, 3, 2, 50)).Item(); got != 3 {
		t.Errorf("the variation of 1, 3, 2 beside an intercept is %g", got)
	}
}

// Losses of one sample against their definitions.
func TestLossDefinitions(t *testing.T) {
	one := linear.Dense(ad.Scalar(1))
	at := func(p *optimizee.Problem, z float64) float64 { return p.Value(optimizee.X(ad.Scalar(z))).Item() }
	for _, z := range []float64{-3, -0.5, 0, 0.25, 2} {
		for _, y := range []float64{0, 1, 4.5} {
			want := math.Exp(z) - y
			if y > 0 { // half the deviance, y·ln(y/µ) − (y − µ)
				want += y * math.Log(y/math.Exp(z))
			}
			if got := at(optimizee.PoissonLoss(one, ad.Scalar(y)), z); math.Abs(got-want) > 1e-12 {
				t.Errorf("Poisson loss of %g for a count of %g: %g, want %g", z, y, got, want)
			}
			want = (z - y) * (z - y) / 2
			if d := math.Abs(z - y); d > 1 {
				want = d - 0.5
			}
			if got := at(optimizee.HuberLoss(one, ad.Scalar(y), 1), z); math.Abs(got-want) > 1e-12 {
				t.Errorf("Huber loss of %g: %g, want %g", z-y, got, want)
			}
		}
	}
	if f := at(optimizee.PoissonLoss(one, ad.Scalar(3)), math.Log(3)); math.Abs(f) > 1e-15 {
		t.Errorf("the deviance of a perfect fit is %g", f)
	}
}

// A user's loss, the squared hinge, obeys the laws; without a conjugate it has no
// certificate.
func TestOwnLoss(t *testing.T) {
	w, y := classes(43, 20, 4)
	sign := y.Scale(2).Shift(-1)
	hinge := func(z ad.Value) ad.Value { return z.Mul(sign).Neg().Shift(1).ReLU() }
	p := optimizee.Of(optimizee.Loss{
		Name: "squared hinge", Samples: 20, Scores: 1, Curvature: 1,
		Each:  func(z ad.Value) ad.Value { return hinge(z).Square().Scale(0.5) },
		Slope: func(z ad.Value) ad.Value { return hinge(z).Mul(sign).Neg() },
	}, linear.Dense(w.Scale(0.1)), optimizee.Intercept())
	if p.Bound != nil || p.Plus(prox.L1(1)).Bound != nil {
		t.Error("a Bound without a conjugate")
	}
	for _, p := range []*optimizee.Problem{p, p.Plus(prox.ElasticNet(0.1, 0.1))} {
		x := optimizee.X(gauss(44, 5, 1).Scale(0.1)) // no hinge is near its kink
		problemtest.Run(t, p, problemtest.At(x, x.Scale(0.5)), problemtest.Convex())
	}
}

func TestLossesRefuse(t *testing.T) {
	a, b := linear.Dense(gauss(45, 4, 2)), gauss(46, 4, 1)
	q := linear.Dense(ad.New(2, 2, []float64{1, 2, 3, 4}))
	for says, p := range map[string]*optimizee.Problem{
		"A is 4×2 and b is 3×1":                     optimizee.LeastSquares(a, gauss(1, 3, 1)),
		"A is 4×2 and the loss is 3×1":              optimizee.Of(optimizee.Loss{Samples: 3, Scores: 1}, a),
		"weights are 3×1":                           optimizee.LeastSquares(a, b, optimizee.Weights(ad.Col(1, 2, 3))),
		"weight 1 is -1":                            optimizee.LeastSquares(a, b, optimizee.Weights(ad.Col(1, -1, 0, 0))),
		"weight 2 is NaN":                           optimizee.HuberLoss(a, b, 1, optimizee.Weights(ad.Col(1, 1, math.NaN(), 0))),
		"all weights are 0":                         optimizee.PoissonLoss(a, b.Abs(), optimizee.Weights(ad.New(4, 1, nil))),
		"count 0 is -1":                             optimizee.PoissonLoss(a, ad.Col(-1, 0, 0, 0)),
		"HuberLoss: δ is 0":                         optimizee.HuberLoss(a, b, 0),
		"y is 4×2: it has to be one column":         optimizee.LogisticLoss(a, ad.New(4, 2, nil)),
		"b holds NaN":                               optimizee.LeastSquares(a, ad.Col(1, 2, math.NaN(), 4)),
		"Q is not symmetric":                        optimizee.QuadraticForm(q, ad.Col(1, 2)),
		"Q is 2×2 and c is 3×1":                     optimizee.QuadraticForm(q, ad.Col(1, 2, 3)),
		"Q is 4×2 and c is 4×1: Q has to be square": optimizee.QuadraticForm(a, b),
		"λ = -1":                                    optimizee.LeastSquares(a, b).Plus(prox.L1(-1)),
	} {
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v does not mention %q", err, says)
		}
	}
}

// A quadratic program with its solution, a linear program, and an indefinite matrix.
func TestQuadraticForm(t *testing.T) {
	q, c := linear.Dense(ad.New(2, 2, []float64{2, 1, 1, 2})), ad.Col(-3, 1)
	p := optimizee.QuadraticForm(q, c).Plus(prox.Box(0, 1)) // x = (1, 0): the gradient is (−1, 2)
	if f, b := p.Value(optimizee.X(ad.Col(1, 0))).Item(), p.Bound(optimizee.X(ad.Col(1, 0))); f != -2 || math.Abs(b+2) > 1e-15 {
		t.Errorf("F is %g and Bound %g at the solution, want −2", f, b)
	}
	lp := optimizee.QuadraticForm(linear.Operator{}, ad.Col(1, -2)).Plus(prox.Box(-1, 3))
	_, x, err := optim.Minimize(lp, optim.ISTA, 20, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{-1, 3}; !slices.Equal(x.X().Data, want) || lp.Bound(lp.Start) != -7 {
		t.Errorf("the linear program ends at %v with Bound %g, want %v and −7", x.X().Data, lp.Bound(lp.Start), want)
	}
	saddle := optimizee.QuadraticForm(linear.Dense(ad.New(2, 2, []float64{1, 0, 0, -1})), c)
	for _, p := range []*optimizee.Problem{saddle, saddle.Plus(prox.Box(0, 1))} {
		if b := p.Bound(p.Start); !math.IsInf(b, -1) {
			t.Errorf("%s: an indefinite form has Bound %g", p.Name, b)
		}
	}
}
