package optimizee_test

import (
	"flag"
	"math"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

// ridge is the problem of the package documentation: what a user writes first.
func ridge(a, b ad.Value, mu float64) *optimizee.Problem {
	res := func(x optimizee.Point) ad.Value { return a.MatMul(x.X()).Sub(b) }
	return &optimizee.Problem{
		Name:  "ridge",
		Start: optimizee.X(ad.New(a.C, 1, nil)),
		Value: func(x optimizee.Point) ad.Value {
			return res(x).SumSquares().Add(x.X().SumSquares().Scale(mu)).Scale(0.5)
		},
		Grad: func(_ string, x optimizee.Point) ad.Value {
			return a.TMatMul(res(x)).Add(x.X().Scale(mu))
		},
	}
}

// classes draws a matrix and labels for logistic regression.
func classes(seed uint64, rows, cols int) (w, y ad.Value) {
	w, y = gauss(seed, rows, cols), ad.New(rows, 1, nil)
	for i := range y.Data {
		y.Data[i] = float64(i % 2)
	}
	return w, y
}

// kinds draws a matrix and labels of k classes.
func kinds(seed uint64, rows, cols, k int) (w, y ad.Value) {
	w, y = gauss(seed, rows, cols), ad.New(rows, 1, nil)
	for i := range y.Data {
		y.Data[i] = float64(i * i % k)
	}
	return w, y
}

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

func norm1(lambda float64) problemtest.Option {
	return problemtest.Term(func(x optimizee.Point) ad.Value { return x.X().Norm1().Scale(lambda) })
}

// TestLaws is the table of problems; a new problem is one more row.
func TestLaws(t *testing.T) {
	tall, wide := gauss(1, 12, 6), gauss(2, 6, 12)
	w, y := classes(3, 40, 5)
	w3, y3 := kinds(11, 40, 5, 3)
	draw := func(f optimizee.Family) *optimizee.Problem { return f.Draw(optimizee.Stream(7)) }
	estimated := func(p *optimizee.Problem) *optimizee.Problem {
		p.Lipschitz = nil
		return optimizee.EstimateLipschitz(p)
	}
	convex := problemtest.Convex()
	nonconvex := []problemtest.Option{problemtest.NotConvex(), problemtest.SlackBound()}
	var report problemtest.Report
	for _, c := range []struct {
		name    string
		problem *optimizee.Problem
		opts    []problemtest.Option
	}{
		{"quadratic, tall", optimizee.Quadratic(tall, gauss(4, 12, 1)), nil},
		{"quadratic, wide", optimizee.Quadratic(wide, gauss(5, 6, 1)), nil},
		{"quadratic, three instances", optimizee.Quadratic(tall, gauss(6, 12, 3)), nil},
		{"lasso", optimizee.Lasso(wide, gauss(7, 6, 1), 0.3), []problemtest.Option{norm1(0.3)}},
		{"lasso, r not told", optimizee.Lasso(wide, gauss(7, 6, 1), 0.3), nil},
		{"lasso, three instances", optimizee.Lasso(wide, gauss(8, 6, 3), 0.2), []problemtest.Option{norm1(0.2)}},
		{"lasso, λ = 0", optimizee.Lasso(wide, gauss(9, 6, 1), 0), nil},
		{"logistic", optimizee.Logistic(w, y, 0.05), []problemtest.Option{norm1(0.05)}},
		{"logistic, r not told", optimizee.Logistic(w, y, 0.05), nil},
		{"logistic, λ = 0", optimizee.Logistic(w, y, 0), []problemtest.Option{problemtest.SlackBound()}},
		{"family of lassos", draw(optimizee.SmallLasso), []problemtest.Option{norm1(0.1)}},
		{"family of logistics", draw(optimizee.SmallLogistic), []problemtest.Option{norm1(0.02)}},
		{"family of quadratics", draw(optimizee.QuadraticSpec{Rows: 15, Cols: 10}), nil},
		{"logistic, published L", draw(optimizee.SmallLogistic.Published()), []problemtest.Option{norm1(0.02), problemtest.Loose(100)}},
		{"softmax", optimizee.Softmax(w3, y3, 3, 0.02), []problemtest.Option{norm1(0.02), problemtest.Loose(3)}},
		{"softmax, r not told", optimizee.Softmax(w3, y3, 3, 0.02), []problemtest.Option{problemtest.Loose(3)}},
		{"softmax, λ = 0", optimizee.Softmax(w3, y3, 3, 0), []problemtest.Option{problemtest.Loose(3), problemtest.SlackBound()}},
		{"softmax, two classes", optimizee.Softmax(w, y, 2, 0.05), []problemtest.Option{norm1(0.05)}},
		{"lasso in units of 10", optimizee.InUnits(optimizee.Lasso(wide, gauss(7, 6, 1), 0.3), 10), []problemtest.Option{norm1(0.03)}},
		{"quadratic in units of 10", optimizee.InUnits(optimizee.Quadratic(tall, gauss(4, 12, 1)), 10), nil},
		{"ten times a lasso", optimizee.Times(optimizee.Lasso(wide, gauss(7, 6, 1), 0.3), 10), []problemtest.Option{norm1(3)}},
		{"ten times a logistic", optimizee.Times(optimizee.Logistic(w, y, 0.05), 10), []problemtest.Option{norm1(0.5)}},
		{"logistics, correlated", draw(optimizee.LogisticSpec{Rows: 100, Cols: 20, Nonzeros: 8, Lambda: 0.02, Correlation: 0.5}), []problemtest.Option{norm1(0.02)}},
		{"1-norm", draw(optimizee.Norm1Spec{N: 1}), []problemtest.Option{norm1(1), problemtest.Loose(math.Inf(1)), problemtest.SlackBound()}},
		{"Rastrigin", draw(optimizee.RastriginSpec{N: 4}), nonconvex},
		{"Rastrigin, solved", draw(optimizee.RastriginSpec{N: 2}), nonconvex},
		{"squared cosine", draw(optimizee.SquareCosSpec{N: 3}), nonconvex},
		{"uniform quadratic", draw(optimizee.UniformQuadraticSpec{N: 10}), nil},
		{"quadratic in random units", draw(optimizee.RandomScaling(optimizee.QuadraticSpec{Rows: 15, Cols: 10}, 1)), []problemtest.Option{problemtest.Loose(math.Exp(2))}},
		{"lasso in random units", draw(optimizee.RandomScaling(optimizee.SmallLasso, 1)), []problemtest.Option{problemtest.SlackBound()}},
		{"Rastrigin in random units", draw(optimizee.RandomScaling(optimizee.RastriginSpec{N: 2}, 1)), nonconvex},
		{"quadratic with an add-on", draw(optimizee.ConvexAddOn(optimizee.QuadraticSpec{Rows: 15, Cols: 10}, 1)), nonconvex},
		{"lasso with an add-on", draw(optimizee.ConvexAddOn(optimizee.SmallLasso, 1)), nonconvex},
		{"population of Rastrigin", optimizee.Population(draw(optimizee.RastriginSpec{N: 2}), gauss(12, 2, 3)), nonconvex},
		{"population of quadratics", optimizee.Population(optimizee.Quadratic(tall, gauss(4, 12, 1)), gauss(13, 6, 3)), nil},
		{"ridge of a user", ridge(tall, gauss(10, 12, 1), 0.1), nil},
		{"ridge, declared smooth", optimizee.Smooth(ridge(tall, gauss(10, 12, 1), 0.1)), nil},
		{"lasso with the published L", optimizee.WithLipschitz(optimizee.Lasso(wide, gauss(7, 6, 1), 0.3), 200), []problemtest.Option{problemtest.Loose(100)}},
		{"lasso with L estimated", estimated(optimizee.Lasso(wide, gauss(7, 6, 1), 0.3)), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := append([]problemtest.Option{problemtest.Named(c.name), convex, problemtest.Loose(1.5)}, c.opts...)
			report = append(report, problemtest.Run(t, c.problem, opts...)...)
		})
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
