package neural

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Data is what a problem was made from.
type Data struct {
	Network
	Samples, Labels ad.Value // of the minibatch; of a stream of them, all that it draws from
	Fresh           bool     // there is a stream of minibatches
}

// Problem is the mean cross-entropy of a network on samples w (m×inputs) with labels y of
// 0 … classes−1 (m×1). Grad is the formula of back-propagation, so that first-order tapes
// differentiate through it and a training of an optimizer never records the graph of the
// network. F and ∇f of the point that was asked for last are remembered: a rule asks for the
// gradient where a training has just asked for F. It has no Lipschitz constant.
func Problem(n Network, start, w, y ad.Value) *optimizee.Problem {
	p := describe(n, start, &Data{Network: n, Samples: w, Labels: y})
	if p.Err != nil {
		return p
	}
	b := newMinibatch(n, w, y)
	return answering(p, n, func(ad.Value, bool) *minibatch { return b })
}

// describe is the problem without oracles, and with the reason where it can have none.
func describe(n Network, start ad.Value, d *Data) *optimizee.Problem {
	w, y := d.Samples, d.Labels
	if n == nil {
		return &optimizee.Problem{Name: "no network", Err: errors.New("there is no Network: take neural.PaperMLP, say")}
	}
	p := &optimizee.Problem{Name: n.String(), Start: optimizee.X(start), Data: d}
	if p.Err = n.Check(); p.Err != nil {
		return p
	}
	p.Traits = map[string]float64{"rows": float64(w.R), "weights": float64(n.Weights()), "classes": float64(n.Classes())}
	p.Err = errors.Join(
		check.That(start.R == n.Weights() && start.C == 1, "Start is %s, and the network has %d weights in one column", start.Shape(), n.Weights()),
		checkSamples(n, w, y))
	if p.Err == nil && !d.Fresh { // of a stream that would be a pass over all samples for each problem
		p.Err = check.Values("the samples", w)
	}
	return p
}

// checkSamples reports samples and labels that are not for a network.
func checkSamples(n Network, w, y ad.Value) error {
	return errors.Join(
		check.That(w.R > 0 && w.C == n.Inputs(), "the samples are %s: there has to be one, and the network has %d inputs", w.Shape(), n.Inputs()),
		check.That(y.R == w.R && y.C == 1, "the samples are %s and y is %s: it has to be one column with a label for each of them", w.Shape(), y.Shape()),
		labels(y, n.Classes()))
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

// minibatch is some samples, with their labels as unit rows.
type minibatch struct{ w, hot ad.Value }

func newMinibatch(n Network, w, y ad.Value) *minibatch {
	hot := ad.New(w.R, n.Classes(), nil)
	for i, c := range y.Data {
		hot.Data[i*hot.C+int(c)] = 1
	}
	return &minibatch{w, hot}
}

// answering is p with the oracles of a network on the minibatch that choose gives for a
// point, which it is told whether a gradient is asked for at.
func answering(p *optimizee.Problem, n Network, choose func(x ad.Value, grad bool) *minibatch) *optimizee.Problem {
	l := &loss{net: n}
	p.Value = func(x optimizee.Point) ad.Value { return l.value(x.X(), choose(x.X(), false)) }
	p.ValueGrad = func(_ string, x optimizee.Point) (F, grad ad.Value) { return l.both(x.X(), choose(x.X(), true)) }
	p.Grad = func(b string, x optimizee.Point) ad.Value {
		_, g := p.ValueGrad(b, x)
		return g
	}
	return p
}

// loss is the cross-entropy on minibatches.
type loss struct {
	net  Network
	last atomic.Pointer[answers]
}

// answers are F and ∇f at x on a minibatch.
type answers struct {
	x  []float64 // a copy: a wrapper that changes units makes x anew for each question
	on *minibatch
	f  ad.Value
	g  func() ad.Value // computed where it is asked for
}

// value is F. Where x is recorded, one node holds all of it: its way back is ∇f.
func (l *loss) value(x ad.Value, b *minibatch) ad.Value {
	if !x.Recorded() {
		return l.at(x, b).f
	}
	f, g := l.both(x.Detach(), b)
	return ad.Record(f, []ad.Value{x}, func(out []float64, acc [][]float64) {
		for i, d := range g.Data {
			acc[0][i] += out[0] * d
		}
	})
}

// both is F and ∇f.
func (l *loss) both(x ad.Value, b *minibatch) (f, g ad.Value) {
	if x.Recorded() {
		f, back := l.forward(x, b)
		return f, back()
	}
	a := l.at(x, b)
	return a.f, a.g()
}

// at answers for a constant x, from memory where it was asked for last.
func (l *loss) at(x ad.Value, b *minibatch) *answers {
	if a := l.last.Load(); a != nil && a.on == b && same(a.x, x.Data) {
		return a
	}
	f, back := l.forward(x, b)
	a := &answers{slices.Clone(x.Data), b, f, sync.OnceValue(back)}
	l.last.Store(a)
	return a
}

// same reports whether two columns have the same bits.
func same(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })
}

// forward is F, and the way back to ∇f.
func (l *loss) forward(x ad.Value, b *minibatch) (f ad.Value, back func() ad.Value) {
	z, through := l.net.Forward(x, b.w)
	return z.CrossEntropy(b.hot), func() ad.Value { return through(z.CrossEntropyGrad(b.hot)) }
}
