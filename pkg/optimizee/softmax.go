package optimizee

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/prox"
)

// Softmax is ℓ1-regularised multinomial logistic regression, the mean over the m rows
// w_i of W
//
//	F(x) = (1/m) Σ_i [ln Σ_c e^⟨w_i, x_c⟩ − ⟨w_i, x_{y_i}⟩] + λ‖x‖₁,
//
// with labels y of 0 … classes−1 (m×1). The block "x" is features×classes, column c
// the weights of class c, so coordinate-wise rules see every weight as a coordinate, and
// λ‖x‖₁ sums over all of them. x = 0 is a solution where λ is at least the largest entry
// of |∇f(0)|.
//
// L = ‖W‖₂²/(2m): the Hessian of ln Σ eᶻ is diag(q) − qqᵀ with q = softmax(z), whose
// norm reaches 1/2 where two classes share all of q (Böhning 1992); with many classes at
// equal odds the curvature is less. Bound is the dual value
//
//	−(1/m) Σ_i Σ_c q_ic ln q_ic   at   q = Y + s(softmax(Wx) − Y),
//
// Y the labels as unit rows, s ≤ 1 such that ‖Wᵀ(q−Y)/m‖∞ ≤ λ.
func Softmax(w, y ad.Value, classes int, lambda float64) *Problem {
	m := float64(w.R)
	norm := sync.OnceValue(func() float64 { return SpectralNorm(w) })
	p := &Problem{
		Name:      "softmax",
		Start:     X(ad.New(w.C, max(1, classes), nil)),
		Lipschitz: func(string, Point) float64 { return norm() * norm() / (2 * m) },
		Traits:    map[string]float64{"rows": m, "cols": float64(w.C), "classes": float64(classes), "lambda": lambda},
		Data:      &SoftmaxData{w, y, classes, lambda},
		Err: errors.Join(
			check.That(w.R > 0 && w.C > 0, "W is %s: it has to have rows and columns", w.Shape()),
			check.That(y.R == w.R && y.C == 1, "W is %s and y is %s: y has to be one column with a label for each row of W", w.Shape(), y.Shape()),
			check.That(classes >= 2, "%d classes: there have to be at least 2", classes),
			check.Values("W", w), classLabels(y, classes), check.Weight(lambda)),
	}
	if p.Err != nil {
		return p
	}
	l := newLogits(w, y, classes)
	p.Value = func(x Point) ad.Value {
		f, _ := l.lossGrad(x.X(), false)
		return f.Add(x.X().Norm1().Scale(lambda))
	}
	p.Grad = func(_ string, x Point) ad.Value {
		_, g := l.lossGrad(x.X(), true)
		return g
	}
	p.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) {
		f, g := l.lossGrad(x.X(), true)
		return f.Add(x.X().Norm1().Scale(lambda)), g
	}
	p.Subgrad = func(_ string, x Point) ad.Value { return p.Grad("x", x).Add(x.X().Sign().Scale(lambda)) }
	p.Prox = func(_ string, v, step ad.Value) ad.Value { return prox.Soft(v, step.Scale(lambda)) }
	p.Bound = func(x Point) float64 {
		_, v, g := l.formulas(x.X().Detach())
		s := 1.0
		for _, c := range g.Data {
			if top := math.Abs(c); top > lambda { // never 0/0
				s = min(s, lambda/top)
			}
		}
		var bound float64
		for i, d := range v.Data {
			bound -= xlogx(l.hot.Data[i] + s*d)
		}
		return bound / m
	}
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

// formulas returns the loss, v = softmax(z) − Y and ∇f = Wᵀv/m.
func (l *logits) formulas(x ad.Value) (f, v, g ad.Value) {
	m := float64(l.w.R)
	z := l.w.MatMul(x)
	lse := z.LogSumExp()
	v = z.Sub(lse).Exp().Sub(l.hot)
	return lse.Sum().Sub(z.Dot(l.hot)).Scale(1 / m), v, l.w.TMatMul(v).Scale(1 / m)
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
		f, _, g = l.formulas(x)
		return f, g
	}
	if gradient {
		g = ad.New(n, k, nil)
	}
	block := min(l.w.R, max(16, 1<<16/n))
	room, loss := make([]float64, block*k), 0.0
	for from := 0; from < l.w.R; from += block {
		rows := min(block, l.w.R-from)
		w, z := l.w.Data[from*n:(from+rows)*n], room[:rows*k]
		clear(z)
		kern.GemmNN64(rows, k, n, w, x.Data, z)
		loss += softmaxRows(z, l.label[from:from+rows])
		if gradient {
			kern.GemmTN64(n, k, rows, w, z, g.Data)
		}
	}
	m := float64(l.w.R)
	floats.Scale(1/m, g.Data)
	return ad.Scalar(loss / m), g
}

// softmaxRows turns scores, a row for each label, into softmax(z) − y and returns the
// sum of the losses.
func softmaxRows(z []float64, label []int) (loss float64) {
	k := len(z) / len(label)
	row := func(i int) []float64 { return z[i*k : (i+1)*k] }
	for i, c := range label {
		top := slices.Max(row(i))
		loss += top - row(i)[c]
		floats.AddConst(-top, row(i))
	}
	kern.Exp64(z, z)
	for i, c := range label {
		sum := floats.Sum(row(i))
		loss += math.Log(sum)
		floats.Scale(1/sum, row(i))
		row(i)[c]--
	}
	return loss
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
