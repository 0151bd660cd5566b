package optimizee

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// fit is ½‖Ax − b‖² + λ‖x‖₁. For one column x it takes the objective, the residual
// r = Ax − b and the gradient g = Aᵀr from one pass over A: reading A takes
// most of the time. Several columns are matrix products.
type fit struct {
	a, b   ad.Value
	lambda float64
	rooms  *sync.Pool // of residuals that are not kept, *[]float64 of a.R numbers
	last   atomic.Pointer[asked]
}

// asked is F and ∇f at a recorded point. Training asks for F where a step ended and
// for ∇f where the next one begins, which is the same point.
type asked struct{ x, f, g ad.Value }

func newFit(a, b ad.Value, lambda float64) *fit {
	return &fit{a: a, b: b, lambda: lambda, rooms: &sync.Pool{New: func() any { r := make([]float64, a.R); return &r }}}
}

// column reports whether the fused operations apply to x. Wrong shapes are
// treated like several columns, where the product panics with both of them.
func (l *fit) column(x ad.Value) bool {
	return x.C == 1 && l.b.C == 1 && x.R == l.a.C && l.a.R == l.b.R
}

func (l *fit) residual(x ad.Value) ad.Value { return l.a.MatMul(x).Sub(l.b) }

// objective is F from the residual, for several columns.
func (l *fit) objective(x, r ad.Value) ad.Value {
	f := r.SumSquares().Scale(0.5)
	if l.lambda == 0 {
		return f
	}
	return f.Add(x.Norm1().Scale(l.lambda))
}

func (l *fit) value(x ad.Value) ad.Value {
	switch {
	case !l.column(x):
		return l.objective(x, l.residual(x))
	case ad.TapeOf(l.a, l.b, x) != nil:
		f, _ := l.recorded(x)
		return f
	}
	room := l.rooms.Get().(*[]float64)
	defer l.rooms.Put(room)
	r, f := *room, 0.0
	clear(r)
	kern.GemvN64(l.a.R, l.a.C, l.a.Data, x.Data, r)
	for i, bi := range l.b.Data {
		r[i] -= bi
		f += r[i] * r[i]
	}
	return ad.Scalar(f/2 + l.penalty(x))
}

func (l *fit) grad(x ad.Value) ad.Value {
	if l.column(x) && ad.TapeOf(l.a, l.b, x) != nil {
		_, g := l.recorded(x)
		return g
	}
	if !l.column(x) {
		return l.a.TMatMul(l.residual(x))
	}
	_, g := l.pass(x)
	return g
}

func (l *fit) valueGrad(x ad.Value) (f, g ad.Value) {
	switch {
	case !l.column(x):
		r := l.residual(x)
		return l.objective(x, r), l.a.TMatMul(r)
	case ad.TapeOf(l.a, l.b, x) != nil:
		return l.recorded(x)
	}
	half, g := l.pass(x)
	return ad.Scalar(half + l.penalty(x)), g
}

// pass is ½‖Ax − b‖² and its gradient for one column of constants.
func (l *fit) pass(x ad.Value) (half float64, g ad.Value) {
	room := l.rooms.Get().(*[]float64)
	defer l.rooms.Put(room)
	g = ad.New(l.a.C, 1, nil)
	return kern.LeastSquares64(l.a.R, l.a.C, l.a.Data, x.Data, l.b.Data, *room, g.Data), g
}

// recorded returns F and ∇f at x, those of the last call if that asked for the same
// point.
func (l *fit) recorded(x ad.Value) (f, g ad.Value) {
	if last := l.last.Load(); last != nil && last.x.Is(x) {
		return last.f, last.g
	}
	f, g = l.record(x)
	l.last.Store(&asked{x, f, g})
	return f, g
}

// record computes F and ∇f as recorded operations of A, b and x. With adjoints f̄ and
// ḡ and t = Aḡ they send
//
//	to x  f̄(g + λ sign x) + Aᵀt    to b  −f̄r − t    to A  f̄rxᵀ + rḡᵀ + txᵀ
func (l *fit) record(x ad.Value) (f, g ad.Value) {
	a, b, ins := l.a, l.b, []ad.Value{l.a, l.b, x}
	tape := ad.TapeOf(ins...)
	r := tape.Scratch(a.R)
	g = ad.New(a.C, 1, nil)
	half, slope := kern.LeastSquares64(a.R, a.C, a.Data, x.Data, b.Data, r, g.Data), g.Data
	f = ad.Record(ad.Scalar(half+l.penalty(x)), ins, func(bar []float64, acc [][]float64) {
		addOuter(acc[0], bar[0], r, x.Data)
		addScaled(acc[1], -bar[0], r)
		addScaled(acc[2], bar[0], slope)
		for i := range acc[2] {
			acc[2][i] += bar[0] * l.lambda * sign(x.Data[i])
		}
	})
	g = ad.Record(g, ins, func(bar []float64, acc [][]float64) {
		t, back := tape.Scratch(a.R), tape.Scratch(a.C)
		kern.LeastSquares64(a.R, a.C, a.Data, bar, nil, t, back)
		addOuter(acc[0], 1, r, bar)
		addOuter(acc[0], 1, t, x.Data)
		addScaled(acc[1], -1, t)
		addScaled(acc[2], 1, back)
	})
	return f, g
}

// penalty is λ‖x‖₁.
func (l *fit) penalty(x ad.Value) float64 {
	if l.lambda == 0 {
		return 0
	}
	var s float64
	for _, v := range x.Data {
		s += math.Abs(v)
	}
	return l.lambda * s
}

// sign is −1, 0 or 1, and NaN for NaN.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
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
