package optimizee_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/prox"
)

// asFunctions is a matrix as a pair of functions, without the fused operations.
func asFunctions(a ad.Value) linear.Operator {
	return linear.Func(a.R, a.C,
		func(dst, x []float64) { copy(dst, a.MatMul(ad.New(a.C, 1, x)).Data) },
		func(dst, y []float64) { copy(dst, a.TMatMul(ad.New(a.R, 1, y)).Data) })
}

// someWeights are 0, 1, 2, 0.5, 0, 1, …
func someWeights(rows int) ad.Value {
	w := ad.New(rows, 1, nil)
	for i := range w.Data {
		w.Data[i] = []float64{0, 1, 2, 0.5}[i%4]
	}
	return w
}

func counts(rows int) ad.Value {
	y := ad.New(rows, 1, nil)
	for i := range y.Data {
		y.Data[i] = float64(i * i % 5)
	}
	return y
}

// TestLossLaws: every loss with every kind of r, of matrices and of functions, with
// weights and with an intercept.
func TestLossLaws(t *testing.T) {
	const rows, cols = 24, 6
	a, b := gauss(31, rows, cols), gauss(32, rows, 1)
	_, y2 := classes(0, rows, 1)
	y3 := ad.New(rows, 1, nil)
	for i := range y3.Data {
		y3.Data[i] = float64(i % 3)
	}
	dense, functions := linear.Dense(a), asFunctions(a)
	weights, intercept := optimizee.Weights(someWeights(rows)), optimizee.Intercept()
	outliers := ad.New(rows, 1, append([]float64{}, b.Data...)) // no residual of the points comes near ±δ
	for i := range outliers.Data {
		outliers.Data[i] += []float64{0, 0, 300, 0, 0, -300}[i%6]
	}
	definite := linear.Dense(a.TMatMul(a))
	losses := []struct {
		name    string
		problem *optimizee.Problem
		closes  bool // Bound reaches the minimum where there is no r
	}{
		{"least squares", optimizee.LeastSquares(dense, b), true},
		{"least squares of functions, weights", optimizee.LeastSquares(functions, b, weights), false},
		{"least squares, weights, intercept", optimizee.LeastSquares(dense, b, weights, intercept), true},
		{"least squares, three instances", optimizee.LeastSquares(dense, gauss(33, rows, 3)), true},
		{"logistic", optimizee.LogisticLoss(dense, y2), false},
		{"logistic, weights", optimizee.LogisticLoss(dense, y2, weights), false},
		{"logistic of functions, intercept", optimizee.LogisticLoss(functions, y2, intercept), false},
		{"softmax", optimizee.SoftmaxLoss(dense, y3, 3), false},
		{"softmax of functions, weights, intercept", optimizee.SoftmaxLoss(functions, y3, 3, weights, intercept), false},
		{"Huber", optimizee.HuberLoss(dense, outliers, 100), false},
		{"Huber of functions, weights, intercept", optimizee.HuberLoss(functions, outliers, 100, weights, intercept), false},
		{"Poisson, weights, intercept", optimizee.PoissonLoss(dense, counts(rows), weights, intercept), false},
		{"quadratic form", optimizee.QuadraticForm(definite, gauss(34, cols, 1)), true},
		{"linear form", optimizee.QuadraticForm(linear.Operator{}, gauss(35, cols, 1)), false},
	}
	terms := []struct {
		name  string
		r     prox.Regulariser
		often bool // with all of the losses
	}{
		{"none", prox.None(), true},
		{"L1", prox.L1(0.05), true},
		{"elastic net", prox.ElasticNet(0.03, 0.1), false},
		{"weighted L1", prox.WeightedL1(ad.Col(0.1, 0.2, 0.05, 0.1, 0.02, 0.1)), false},
		{"group", prox.Group(0.1, prox.Consecutive(1, 2, 3)), true},
		{"L∞", prox.LInf(0.1), false},
		{"non-negative", prox.NonNegative(), true},
		{"box", prox.Box(-0.1, 0.2), true},
		{"ball", prox.L2Ball(0.3), false},
		{"simplex", prox.Simplex(1), false},
		{"nuclear", prox.Nuclear(0.05, 2, 3), false},
	}
	var report problemtest.Report
	for _, l := range losses {
		for _, r := range terms {
			if l.name != "least squares" && l.name != "logistic" && !r.often {
				continue
			}
			p := l.problem
			opts := []problemtest.Option{problemtest.Convex(), problemtest.Loose(20)}
			if l.name == "linear form" {
				opts = append(opts, problemtest.Loose(math.Inf(1)))
			}
			if r.name != "none" {
				p = p.Plus(r.r)
			}
			if r.name == "none" && !l.closes || l.name == "softmax" && r.name == "non-negative" {
				opts = append(opts, problemtest.SlackBound()) // nothing but f ≥ 0
			}
			name := l.name + " + " + r.name
			t.Run(name, func(t *testing.T) {
				report = append(report, problemtest.Run(t, p, append(opts, problemtest.Named(name))...)...)
			})
		}
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws_losses.txt"), *update, report)
}
