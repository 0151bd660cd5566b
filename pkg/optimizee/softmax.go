package optimizee

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// SoftmaxLoss is the mean multinomial logistic loss of the scores z = Ax over the m rows of
// A,
//
//	(1/m) Σ_i [ln Σ_c e^{z_ic} − z_{i,y_i}],
//
// for labels y of 0 … classes−1 (m×1); x has a column for each class. L = ‖A‖²/(2m): the
// Hessian of ln Σ eᶻ is diag(q) − qqᵀ with q = softmax(z), whose norm reaches 1/2 where two
// classes share all of q (Böhning 1992); with many classes at equal odds the curvature is
// less.
func SoftmaxLoss(a linear.Operator, y ad.Value, classes int, opts ...LossOption) *Problem {
	p, m := of(multinomial(y, classes), a, opts)
	p.Traits["classes"] = float64(classes)
	if p.Err != nil || m.at.Matrix.IsZero() || !m.root.IsZero() {
		return p
	}
	l := newLogits(m.at.Matrix, y, classes)
	p.Value = func(x Point) ad.Value { f, _ := l.lossGrad(x.X(), false); return f }
	p.Grad = func(_ string, x Point) ad.Value { _, g := l.lossGrad(x.X(), true); return g }
	p.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) { return l.lossGrad(x.X(), true) }
	return p
}

// Softmax is ℓ1-regularised multinomial logistic regression, the mean over the m rows
// w_i of W
//
//	F(x) = (1/m) Σ_i [ln Σ_c e^⟨w_i, x_c⟩ − ⟨w_i, x_{y_i}⟩] + λ‖x‖₁,
//
// with labels y of 0 … classes−1 (m×1). The block "x" is features×classes, column c
// the weights of class c, so coordinate-wise rules see every weight as a coordinate, and
// λ‖x‖₁ sums over all of them. x = 0 is a solution where λ is at least the largest entry
// of |∇f(0)|. Bound is the dual value
//
//	−(1/m) Σ_i Σ_c q_ic ln q_ic   at   q = Y + t(softmax(Wx) − Y),
//
// Y the labels as unit rows, t ≤ 1 such that ‖Wᵀ(q−Y)/m‖∞ ≤ λ.
func Softmax(w, y ad.Value, classes int, lambda float64) *Problem {
	p := SoftmaxLoss(linear.Dense(w), y, classes).Plus(prox.L1(lambda))
	p.Name, p.Data = "softmax", &SoftmaxData{w, y, classes, lambda}
	return p
}

// logits is the mean multinomial logistic loss of linear scores z = Wx.
type logits struct {
	w, hot ad.Value // m×n, and m×k: the labels as unit rows
	label  []int
}

func newLogits(w, y ad.Value, classes int) *logits {
	l := &logits{w, ad.New(w.R, classes, nil), make([]int, w.R)}
	for i, c := range y.Data {
		l.label[i] = int(c)
		l.hot.Data[i*classes+int(c)] = 1
	}
	return l
}

// formulas returns the loss and ∇f = Wᵀ(softmax(z) − Y)/m.
func (l *logits) formulas(x ad.Value) (f, g ad.Value) {
	m := float64(l.w.R)
	z := l.w.MatMul(x)
	lse := z.LogSumExp()
	v := z.Sub(lse).Exp().Sub(l.hot)
	return lse.Sum().Sub(z.Dot(l.hot)).Scale(1 / m), l.w.TMatMul(v).Scale(1 / m)
}

// lossGrad is the loss and, where it is wanted, ∇f. A recorded x takes the formulas.
// Otherwise W is read once, in blocks of rows that stay in the cache from the scores to
// the gradient: reading W takes most of the time.
func (l *logits) lossGrad(x ad.Value, gradient bool) (f, g ad.Value) {
	n, k := l.w.C, l.hot.C
	if x.R != n || x.C != k {
		panic(fmt.Sprintf("optimizee: Softmax: x is %s, want %d features × %d classes", x.Shape(), n, k))
	}
	if ad.TapeOf(x, l.w) != nil {
		return l.formulas(x)
	}
	if gradient {
		g = ad.New(n, k, nil)
	}
	block := min(l.w.R, max(16, 1<<16/n))
	room, loss := make([]float64, block*k), sumOf(l.w.R)
	for from := 0; from < l.w.R; from += block {
		rows := min(block, l.w.R-from)
		w, z := l.w.Data[from*n:(from+rows)*n], room[:rows*k]
		clear(z)
		kern.GemmNN64(rows, k, n, w, x.Data, z)
		loss.add(softmaxRows(z, l.label[from:from+rows], l.w.R))
		if gradient {
			kern.GemmTN64(n, k, rows, w, z, g.Data)
		}
	}
	m := float64(l.w.R)
	floats.Scale(1/m, g.Data)
	return ad.Scalar(loss.value() / m), g
}

// softmaxRows turns scores, a row for each label, into softmax(z) − y and returns the
// sum of the losses, which is a part of one over so many rows.
func softmaxRows(z []float64, label []int, of int) float64 {
	k, loss := len(z)/len(label), sumOf(of)
	row := func(i int) []float64 { return z[i*k : (i+1)*k] }
	for i, c := range label {
		top := slices.Max(row(i))
		loss.add(top - row(i)[c])
		floats.AddConst(-top, row(i))
	}
	kern.Exp64(z, z)
	for i, c := range label {
		sum := floats.Sum(row(i))
		loss.add(logOf(sum, row(i)))
		floats.Scale(1/sum, row(i))
		row(i)[c]--
	}
	return loss.value()
}

// logOf is the logarithm of a sum of exponentials of which the largest is 1.
func logOf(sum float64, exps []float64) float64 {
	if sum > 1.001 {
		return math.Log(sum)
	}
	top, rest := false, 0.
	for _, e := range exps {
		if e == 1 && !top {
			top = true
			continue
		}
		rest += e
	}
	return math.Log1p(rest)
}
