package optimizee

import (
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/linear"
)

// fit is ½‖Ax − b‖². For one column x of a stored matrix it takes the value, the residual
// r = Ax − b and the gradient g = Aᵀr from one pass over A: reading A takes most of the
// time. Several columns are matrix products, and other operators are asked twice.
type fit struct {
	op   linear.Operator
	a, b ad.Value // a is the matrix of op, zero where it has none
	last atomic.Pointer[asked]
}

// asked is f and ∇f at a recorded point. Training asks for f where a step ended and
// for ∇f where the next one begins, which is the same point.
type asked struct {
	x, f, g ad.Value
	given   bool // g was
}

// in puts a in the place of what was asked last. A gradient that nobody got, and which no
// tape needs any more, is recycled. The tape is asked first: goroutines that share the problem
// have one each, and what the other did with old is seen once its tape has gone on.
func (a *asked) in(place *atomic.Pointer[asked]) *asked {
	if old := place.Swap(a); old != nil && !old.f.Recorded() && !old.given {
		old.given = true
		ad.Recycle(a.f, old.g)
	}
	return a
}

// gradient is g: itself once, and copies from then on, because the first who got it may
// recycle it.
func (a *asked) gradient() ad.Value {
	if a.given {
		return a.g.Copy()
	}
	a.given = true
	return a.g
}

func newFit(op linear.Operator, b ad.Value) *fit {
	return &fit{op: op, a: op.Matrix, b: b}
}

// column reports whether the fused operations apply to x. Wrong shapes are
// treated like several columns, where the product panics with both of them.
func (l *fit) column(x ad.Value) bool {
	return !l.a.IsZero() && x.C == 1 && l.b.C == 1 && x.R == l.a.C && l.a.R == l.b.R
}

func (l *fit) residual(x ad.Value) ad.Value { return l.op.Apply(x).Sub(l.b) }

func (l *fit) value(x ad.Value) ad.Value {
	switch {
	case !l.column(x):
		return l.half(l.residual(x))
	case ad.TapeOf(l.a, l.b, x) != nil:
		return l.recorded(x).f
	}
	r, f := spare.Zeros(l.a.R), sumOf(l.a.R)
	defer spare.Give(r)
	kern.GemvN64(l.a.R, l.a.C, l.a.Data, x.Data, r)
	for i, bi := range l.b.Data {
		r[i] -= bi
		f.add(r[i] * r[i])
	}
	return ad.Scalar(f.value() / 2)
}

func (l *fit) grad(x ad.Value) ad.Value {
	if l.column(x) && ad.TapeOf(l.a, l.b, x) != nil {
		return l.recorded(x).gradient()
	}
	if !l.column(x) {
		return l.op.Transpose(l.residual(x))
	}
	_, g := l.pass(x)
	return g
}

func (l *fit) valueGrad(x ad.Value) (f, g ad.Value) {
	switch {
	case !l.column(x):
		r := l.residual(x)
		return l.half(r), l.op.Transpose(r)
	case ad.TapeOf(l.a, l.b, x) != nil:
		both := l.recorded(x)
		return both.f, both.gradient()
	}
	half, g := l.pass(x)
	return ad.Scalar(half), g
}

// pass is ½‖Ax − b‖² and its gradient for one column of constants.
func (l *fit) pass(x ad.Value) (half float64, g ad.Value) {
	r := spare.Take(l.a.R)
	defer spare.Give(r)
	g = blank(l.a.C)
	return l.once(x, r, g.Data), g
}

// blank is a column of n numbers that may be anything.
func blank(n int) ad.Value { return ad.New(n, 1, spare.Take(n)) }

// once is ½‖Ax − b‖² with r = Ax − b and g = Aᵀr.
func (l *fit) once(x ad.Value, r, g []float64) float64 {
	half := kern.LeastSquares64(l.a.R, l.a.C, l.a.Data, x.Data, l.b.Data, r, g)
	if l.a.R > many {
		return halfSquares(r)
	}
	return half
}

// half is ½‖r‖².
func (l *fit) half(r ad.Value) ad.Value {
	if r.R > many && !r.Recorded() {
		return ad.Scalar(halfSquares(r.Data))
	}
	return r.SumSquares().Scale(0.5)
}

func halfSquares(r []float64) float64 {
	sum := sumOf(len(r))
	for _, v := range r {
		sum.add(v * v)
	}
	return sum.value() / 2
}

// recorded returns f and ∇f at x, those of the last call if that asked for the same
// point.
func (l *fit) recorded(x ad.Value) *asked {
	if last := l.last.Load(); last != nil && last.x.Is(x) {
		return last
	}
	f, g := l.record(x)
	return (&asked{x: x, f: f, g: g}).in(&l.last)
}

// record computes f and ∇f as recorded operations of A, b and x. With adjoints f̄ and
// ḡ and t = Aḡ they send
//
//	to x  f̄g + Aᵀt    to b  −f̄r − t    to A  f̄rxᵀ + rḡᵀ + txᵀ
func (l *fit) record(x ad.Value) (f, g ad.Value) {
	ins := []ad.Value{l.a, l.b, x}
	tape := ad.TapeOf(ins...)
	r := tape.Scratch(l.a.R)
	g = blank(l.a.C)
	half, slope, at := l.once(x, r, g.Data), g.Data, x.Data
	f = ad.Record(ad.Scalar(half), ins, func(bar []float64, acc [][]float64) {
		addOuter(acc[0], bar[0], r, at)
		addScaled(acc[1], -bar[0], r)
		addScaled(acc[2], bar[0], slope)
	})
	g = ad.Record(g, ins, func(bar []float64, acc [][]float64) {
		a := l.a
		t, back := tape.Scratch(a.R), tape.Scratch(a.C)
		kern.LeastSquares64(a.R, a.C, a.Data, bar, nil, t, back)
		addOuter(acc[0], 1, r, bar)
		addOuter(acc[0], 1, t, at)
		addScaled(acc[1], -1, t)
		addScaled(acc[2], 1, back)
	})
	return f, g
}

// addScaled adds s·x to dst, addOuter s·uvᵀ. A nil dst takes nothing.
func addScaled(dst []float64, s float64, x []float64) {
	if dst != nil {
		kern.Axpy64(s, x, dst)
	}
}

func addOuter(dst []float64, s float64, u, v []float64) {
	if dst == nil {
		return
	}
	for i, ui := range u {
		kern.Axpy64(s*ui, v, dst[i*len(v):])
	}
}
