package neural

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Activation is what the hidden units of a network do.
type Activation string

// The activations.
const (
	Sigmoid Activation = "sigmoid"
	ReLU    Activation = "relu"
)

// An MLP is a perceptron with the given units in each layer, inputs first and classes last:
// layer l makes z = h·W_l + b_l of the layer before it, and every layer but the last
// h = a(z). In the column x W_1 comes first, row after row of inputs×units, then b_1, W_2,
// b_2 and so on.
type MLP struct {
	Sizes      []int
	Activation Activation
}

// PaperMLP is the network of Andrychowicz et al. (2016, §3.2), with 15,910 weights; the
// other one is what they test on beside it.
var (
	PaperMLP     = MLP{Sizes: []int{784, 20, 10}, Activation: Sigmoid}
	PaperMLPReLU = MLP{Sizes: []int{784, 20, 10}, Activation: ReLU}
)

// Weights is how many numbers x holds.
func (m MLP) Weights() (n int) {
	for l := range m.layers() {
		n += (m.Sizes[l] + 1) * m.Sizes[l+1]
	}
	return n
}

// Tensors are the lengths of W_1, b_1, W_2, b_2 and so on, which make up x in that order:
// learned.Scale has a network of its own for each.
func (m MLP) Tensors() (lengths []int) {
	for l := range m.layers() {
		lengths = append(lengths, m.Sizes[l]*m.Sizes[l+1], m.Sizes[l+1])
	}
	return lengths
}

// String writes the network as 784-20-10, sigmoid.
func (m MLP) String() string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(m.Sizes), "[]"), " ", "-") + ", " + string(m.Activation)
}

func (m MLP) layers() int { return len(m.Sizes) - 1 }

func (m MLP) check() error {
	errs := []error{check.That(len(m.Sizes) >= 2, "layers of %d units: there have to be inputs and classes", m.Sizes), check.OneOf("MLP", "Activation", m.Activation, Sigmoid, ReLU)}
	for _, n := range m.Sizes {
		errs = append(errs, check.That(n > 0, "a layer of %d units", n))
	}
	if n := len(m.Sizes); n >= 2 {
		errs = append(errs, check.That(m.Sizes[n-1] >= 2, "%d classes: there have to be at least 2", m.Sizes[n-1]))
	}
	return errors.Join(errs...)
}

// Data is what a problem was made from.
type Data struct {
	MLP
	Samples, Labels ad.Value
}

// Problem is the mean cross-entropy of the network on samples w (m×inputs) with labels y of
// 0 … classes−1 (m×1). Grad is the formula of back-propagation, so that first-order tapes
// differentiate through it. F and ∇f of the point that was asked for last are remembered:
// a rule asks for the gradient where a training has just asked for F. It has no Lipschitz
// constant.
func (m MLP) Problem(start, w, y ad.Value) *optimizee.Problem {
	p := &optimizee.Problem{Name: "MLP " + m.String(), Start: optimizee.X(start), Data: &Data{m, w, y}}
	if p.Err = m.check(); p.Err != nil {
		return p
	}
	n, classes := m.Weights(), m.Sizes[m.layers()]
	p.Traits = map[string]float64{"rows": float64(w.R), "weights": float64(n), "classes": float64(classes)}
	p.Err = errors.Join(
		check.That(start.R == n && start.C == 1, "Start is %s, and the network has %d weights in one column", start.Shape(), n),
		check.That(w.R > 0 && w.C == m.Sizes[0], "the samples are %s: there has to be one, and the network has %d inputs", w.Shape(), m.Sizes[0]),
		check.That(y.R == w.R && y.C == 1, "the samples are %s and y is %s: it has to be one column with a label for each of them", w.Shape(), y.Shape()),
		check.Values("the samples", w), labels(y, classes))
	if p.Err != nil {
		return p
	}
	l := &loss{MLP: m, w: w, hot: ad.New(w.R, classes, nil)}
	for i, c := range y.Data {
		l.hot.Data[i*classes+int(c)] = 1
	}
	p.Value = func(x optimizee.Point) ad.Value { return l.value(x.X()) }
	p.Grad = func(_ string, x optimizee.Point) ad.Value {
		_, g := l.both(x.X())
		return g
	}
	p.ValueGrad = func(_ string, x optimizee.Point) (F, grad ad.Value) { return l.both(x.X()) }
	return p
}

// labels checks that every label is a class.
func labels(y ad.Value, classes int) error {
	for i, c := range y.Data {
		if c != math.Trunc(c) || c < 0 || c >= float64(classes) {
			return fmt.Errorf("label %d is %g: labels have to be whole numbers from 0 to %d", i, c, classes-1)
		}
	}
	return nil
}

// loss is the cross-entropy on a minibatch.
type loss struct {
	MLP
	w, hot ad.Value // hot holds the labels as unit rows
	last   atomic.Pointer[answers]
}

// answers are F and ∇f at x.
type answers struct{ x, f, g ad.Value }

// value is F. Where x is recorded, one node holds all of it: its way back is ∇f.
func (l *loss) value(x ad.Value) ad.Value {
	if !x.Recorded() {
		if a := l.last.Load(); a != nil && a.x.Same(x) {
			return a.f
		}
		f, _, _ := l.forward(x)
		return f
	}
	f, g := l.both(x.Detach())
	return ad.Record(f, []ad.Value{x}, func(out []float64, acc [][]float64) {
		for i, d := range g.Data {
			acc[0][i] += out[0] * d
		}
	})
}

// both is F and ∇f.
func (l *loss) both(x ad.Value) (f, g ad.Value) {
	if x.Recorded() {
		return l.formulas(x)
	}
	if a := l.last.Load(); a != nil && a.x.Same(x) {
		return a.f, a.g
	}
	f, g = l.formulas(x)
	l.last.Store(&answers{x, f, g})
	return f, g
}

// layer returns W_l and b_l, which begin at from, and where the next layer does.
func (l *loss) layer(x ad.Value, i, from int) (w, b ad.Value, next int) {
	in, out := l.Sizes[i], l.Sizes[i+1]
	mid := from + in*out
	row := x.Reshape(1, x.Len())
	return row.Cols(from, mid).Reshape(in, out), row.Cols(mid, mid+out), mid + out
}

// forward is F, what each layer sees, and ∂F/∂z of the last one.
func (l *loss) forward(x ad.Value) (f ad.Value, seen []ad.Value, d ad.Value) {
	if x.R != l.Weights() || x.C != 1 {
		panic(fmt.Sprintf("neural: MLP %s: x is %s, want %d×1", l.MLP, x.Shape(), l.Weights()))
	}
	h, from, share := l.w, 0, 1/float64(l.w.R)
	for i := range l.layers() {
		var w, b ad.Value
		w, b, from = l.layer(x, i, from)
		seen = append(seen, h)
		switch z := h.MatMul(w).Add(b); {
		case i+1 == l.layers():
			h = z
		case l.Activation == ReLU:
			h = z.ReLU()
		default:
			h = z.Sigmoid()
		}
	}
	lse := h.LogSumExp()
	return lse.Sum().Sub(h.Dot(l.hot)).Scale(share), seen, h.Sub(lse).Exp().Sub(l.hot).Scale(share)
}

// formulas is back-propagation:
//
//	∂F/∂W_l = h_lᵀδ_l    ∂F/∂b_l = 1ᵀδ_l    δ_{l−1} = δ_l·W_lᵀ ⊙ a′(z_{l−1})
func (l *loss) formulas(x ad.Value) (f, g ad.Value) {
	f, seen, d := l.forward(x)
	ones, parts := ad.Full(1, l.w.R, 1), make([]ad.Value, l.layers())
	for i, end := l.layers()-1, x.R; i >= 0; i-- {
		h, from := seen[i], end-(l.Sizes[i]+1)*l.Sizes[i+1]
		dw := h.TMatMul(d)
		parts[i] = dw.Reshape(1, dw.Len()).Beside(ones.MatMul(d))
		if i > 0 {
			w, _, _ := l.layer(x, i, from)
			d = d.MatMulT(w).Mul(l.slope(h))
		}
		end = from
	}
	g = parts[0]
	for _, part := range parts[1:] {
		g = g.Beside(part)
	}
	return f, g.Reshape(x.R, 1)
}

// slope is a′ where a(z) = h.
func (l *loss) slope(h ad.Value) ad.Value {
	if l.Activation == ReLU {
		return h.Sign() // 0 or 1, as h ≥ 0
	}
	return h.SubMul(h, h)
}
