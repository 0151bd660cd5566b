package optimizee

import (
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// squares is ℓ(z) = ½‖z − b‖².
func squares(b ad.Value) Loss {
	return Loss{
		Name: "least squares", Samples: b.R, Scores: b.C, Curvature: 1, target: b.Detach(), data: "b", shape: b.Shape(),
		Each:  func(z ad.Value) ad.Value { return z.Sub(b).Square().SumRows().Scale(0.5) },
		Slope: func(z ad.Value) ad.Value { return z.Sub(b) },
		Conjugate: func(i int, s []float64) (sum float64) {
			for j, v := range s {
				sum += v*v/2 + v*b.Data[i*b.C+j]
			}
			return sum
		},
		Err:     check.Values("b", b),
		balance: centred,
	}
}

// HuberLoss is Σ h(Ax − b), where h(t) = t²/2 for |t| ≤ δ and δ|t| − δ²/2 beyond (Huber
// 1964): least squares that outliers in b pull at with no more than δ. L = ‖A‖².
func HuberLoss(a linear.Operator, b ad.Value, delta float64, opts ...LossOption) *Problem {
	cut := func(t ad.Value) ad.Value { return prox.Box(-delta, delta).Prox(t, ad.Scalar(1)) }
	p := Of(Loss{
		Name: "Huber loss", Samples: b.R, Scores: b.C, Curvature: 1, data: "b", shape: b.Shape(),
		Each: func(z ad.Value) ad.Value { // with c = t cut off at ±δ, h(t) = c(t − c/2)
			t := z.Sub(b)
			c := cut(t)
			return c.Mul(t.Sub(c.Scale(0.5))).SumRows()
		},
		Slope: func(z ad.Value) ad.Value { return cut(z.Sub(b)) },
		Conjugate: func(i int, s []float64) (sum float64) {
			for j, v := range s {
				if math.Abs(v) > delta*(1+outside) {
					return math.Inf(1)
				}
				sum += v*v/2 + v*b.Data[i*b.C+j]
			}
			return sum
		},
		Err: errors.Join(check.Values("b", b), check.Positive("HuberLoss", "δ", delta)),
	}, a, opts...)
	p.Traits["delta"] = delta
	return p
}

// PoissonLoss is half the mean deviance of counts y ≥ 0 that are Poisson with means e^z,
// z = Ax, a log-linear model:
//
//	(1/m) Σ [e^z − yz + y ln y − y],
//
// which is 0 where e^z = y; 0·ln 0 is 0. The curvature e^z has no bound, so there is no
// Lipschitz constant: take a rule that searches for its steps, optim.FISTABacktracking or
// optim.Backtracking, and optim.LBFGS without an r. [EstimateLipschitz] is local, the
// curvature at one point, and steps made of it may diverge.
func PoissonLoss(a linear.Operator, counts ad.Value, opts ...LossOption) *Problem {
	y := counts
	least := ad.New(y.R, y.C, nil) // of e^z − yz
	for i, v := range y.Data {
		least.Data[i] = v - xlogx(v)
	}
	return Of(Loss{
		Name: "Poisson loss", Samples: y.R, Scores: y.C, Mean: true, Curvature: math.Inf(1), data: "counts", shape: y.Shape(),
		Each:  func(z ad.Value) ad.Value { return z.Exp().Sub(z.Mul(y)).Sub(least).SumRows() },
		Slope: func(z ad.Value) ad.Value { return z.Exp().Sub(y) },
		Conjugate: func(i int, s []float64) (sum float64) {
			for j, v := range s {
				k := i*y.C + j
				if v+y.Data[k] < -outside*max(1, y.Data[k]) {
					return math.Inf(1)
				}
				q := max(v+y.Data[k], 0)
				sum += xlogx(q) - q + least.Data[k]
			}
			return sum
		},
		Err: errors.Join(check.Values("counts", counts), atLeast0(counts)),
	}, a, opts...)
}

// outside is how far rounding may take a slope out of the domain of a conjugate.
const outside = 1e-12

// xlogx is x ln x, 0 for x = 0 and for what rounding takes below it.
func xlogx(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x)
}

// oneLess is (1−q) ln(1−q).
func oneLess(q float64) float64 {
	if q >= 1 {
		return 0
	}
	return (1 - q) * math.Log1p(-q)
}

func atLeast0(counts ad.Value) error {
	for i, v := range counts.Data {
		if v < 0 {
			return fmt.Errorf("count %d is %g: counts have to be at least 0", i, v)
		}
	}
	return nil
}

// crossEntropy is ℓ(z) = ln(1 + eᶻ) − yz for a label y of 0 or 1.
func crossEntropy(y ad.Value) Loss {
	side := y.Scale(-2).Shift(1) // −1 for a label of 1: ℓ(z) = ln(1 + e^(side·z)), which keeps its digits where it is small
	return Loss{
		Name: "logistic loss", Samples: y.R, Scores: y.C, Mean: true, Curvature: 1. / 4, data: "y", shape: y.Shape(),
		Each:  func(z ad.Value) ad.Value { return z.Mul(side).Softplus() },
		Slope: func(z ad.Value) ad.Value { return z.Mul(side).Sigmoid().Mul(side) },
		Conjugate: func(i int, s []float64) float64 {
			q := s[0] * side.Data[i]
			if q < -outside || q > 1+outside {
				return math.Inf(1)
			}
			return xlogx(q) + oneLess(q)
		},
		Err: errors.Join(check.That(y.C == 1, "y is %s: it has to be one column", y.Shape()), labels(y)),
	}
}

// labels checks that every label is 0 or 1.
func labels(y ad.Value) error {
	for i, v := range y.Data {
		if v != 0 && v != 1 {
			return fmt.Errorf("label %d is %g: labels have to be 0 or 1", i, v)
		}
	}
	return nil
}

// multinomial is ℓ(z) = ln Σ_c e^{z_c} − z_y for a label y of 0 … classes−1.
func multinomial(y ad.Value, classes int) Loss {
	err := errors.Join(
		check.That(y.C == 1, "y is %s: it has to be one column", y.Shape()),
		check.That(classes >= 2, "%d classes: there have to be at least 2", classes), classLabels(y, classes))
	if err != nil {
		return Loss{Name: "softmax loss", Samples: y.R, Scores: max(1, classes), data: "y", shape: y.Shape(), Err: err}
	}
	hot, own := ad.New(y.R, classes, nil), ad.New(y.R, classes, nil)
	for i, c := range y.Data {
		hot.Data[i*classes+int(c)], own.Data[i*classes+int(c)] = 1, math.Inf(-1)
	}
	return Loss{
		Name: "softmax loss", Samples: y.R, Scores: classes, Mean: true, Curvature: 1. / 2, data: "y", shape: y.Shape(),
		Each: func(z ad.Value) ad.Value { // ln(1 + Σ_{c≠y} e^(z_c − z_y)), which keeps its digits where it is small
			return z.Sub(z.Mul(hot).SumRows()).Add(own).LogSumExp().Softplus()
		},
		Slope: func(z ad.Value) ad.Value { return z.Sub(z.LogSumExp()).Exp().Sub(hot) },
		Conjugate: func(i int, s []float64) (sum float64) {
			for c, v := range s {
				switch label := hot.Data[i*classes+c] == 1; {
				case label && v > -1:
					sum += oneLess(-v)
				case label && v < -1-outside, !label && v < -outside:
					return math.Inf(1)
				case !label:
					sum += xlogx(v)
				}
			}
			return sum
		},
		balance: func(s, _ ad.Value) ad.Value { return stationary(s, y) },
	}
}

// classLabels checks that every label is a whole number from 0 to classes−1.
func classLabels(y ad.Value, classes int) error {
	for i, v := range y.Data {
		if v != math.Trunc(v) || v < 0 || v >= float64(classes) {
			return fmt.Errorf("label %d is %g: labels have to be whole numbers from 0 to %d", i, v, classes-1)
		}
	}
	return nil
}
