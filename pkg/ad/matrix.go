package ad

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/internal/kern"
)

// addProduct adds a·b to dst, addTProduct aᵀ·b and addProductT a·bᵀ; r and c are the
// shapes of a and b as they are stored. A nil dst takes nothing.
func addProduct(dst, a, b []float64, ar, ac, bc int) {
	switch {
	case dst == nil:
	case bc == 1:
		kern.GemvN64(ar, ac, a, b, dst)
	default:
		kern.GemmNN64(ar, bc, ac, a, b, dst)
	}
}

func addTProduct(dst, a, b []float64, ar, ac, bc int) {
	switch {
	case dst == nil:
	case bc == 1:
		kern.GemvT64(ar, ac, a, b, dst)
	default:
		kern.GemmTN64(ac, bc, ar, a, b, dst)
	}
}

func addProductT(dst, a, b []float64, ar, ac, br int) {
	if dst != nil {
		kern.GemmNT64(ar, br, ac, a, b, dst)
	}
}

// MatMul returns the matrix product v·b.
func (v Value) MatMul(b Value) Value {
	if v.C != b.R {
		panicShapes("MatMul", v, b)
	}
	out := zeros(v.R, b.C)
	addProduct(out.Data, v.Data, b.Data, v.R, v.C, b.C)
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		addProductT(acc[0], g, b.Data, v.R, b.C, v.C)
		addTProduct(acc[1], v.Data, g, v.R, v.C, b.C)
	})
}

// TMatMul returns vᵀ·b without forming the transpose.
func (v Value) TMatMul(b Value) Value {
	if v.R != b.R {
		panicShapes("TMatMul", v, b)
	}
	out := zeros(v.C, b.C)
	addTProduct(out.Data, v.Data, b.Data, v.R, v.C, b.C)
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		addProductT(acc[0], b.Data, g, v.R, b.C, v.C)
		addProduct(acc[1], v.Data, g, v.R, v.C, b.C)
	})
}

// MatMulT returns v·bᵀ without forming the transpose.
func (v Value) MatMulT(b Value) Value {
	if v.C != b.C {
		panicShapes("MatMulT", v, b)
	}
	out := zeros(v.R, b.R)
	addProductT(out.Data, v.Data, b.Data, v.R, v.C, b.R)
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		addProduct(acc[0], g, b.Data, v.R, b.R, v.C)
		addTProduct(acc[1], g, v.Data, v.R, b.R, v.C)
	})
}

// T returns the transpose.
func (v Value) T() Value {
	out := New(v.C, v.R, nil)
	transpose(out.Data, v.Data, v.R, v.C)
	return Record(out, []Value{v}, func(g []float64, acc [][]float64) { transpose(acc[0], g, v.C, v.R) })
}

// transpose adds the transpose of the r×c matrix src to dst.
func transpose(dst, src []float64, r, c int) {
	for i := range r {
		for j := range c {
			dst[j*r+i] += src[i*c+j]
		}
	}
}

// Reshape returns the same entries, row by row, in another shape.
func (v Value) Reshape(r, c int) Value {
	if r*c != len(v.Data) {
		panic(fmt.Sprintf("ad: Reshape: %s into %d×%d", v.Shape(), r, c))
	}
	out, t := Value{R: r, C: c, Data: v.Data}, v.live()
	if t == nil {
		return out
	}
	return t.push(out, []Value{v}, func(g []float64, acc [][]float64) { axpy(1, g, acc[0]) })
}

// Cols returns columns from ≤ j < to.
func (v Value) Cols(from, to int) Value {
	if from < 0 || to < from || to > v.C {
		panic(fmt.Sprintf("ad: Cols: columns %d to %d of a %s value", from, to, v.Shape()))
	}
	w := to - from
	out := zeros(v.R, w)
	addColumns(out.Data, w, 0, v.Data, v.C, from, v.R, w)
	t := v.live()
	if t == nil {
		return out
	}
	rows, wide := v.R, v.C
	return t.push(out, []Value{v}, func(g []float64, acc [][]float64) { addColumns(acc[0], wide, from, g, w, 0, rows, w) })
}

// Beside returns the columns of v followed by those of b.
func (v Value) Beside(b Value) Value {
	if v.R != b.R {
		panicShapes("Beside", v, b)
	}
	c := v.C + b.C
	out := zeros(v.R, c)
	addColumns(out.Data, c, 0, v.Data, v.C, 0, v.R, v.C)
	addColumns(out.Data, c, v.C, b.Data, b.C, 0, v.R, b.C)
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		if acc[0] != nil {
			addColumns(acc[0], v.C, 0, g, c, 0, v.R, v.C)
		}
		if acc[1] != nil {
			addColumns(acc[1], b.C, 0, g, c, v.C, v.R, b.C)
		}
	})
}

// addColumns adds w columns of src, from column b on, to those of dst from column a
// on. dst has rows of length dc, src of length sc.
func addColumns(dst []float64, dc, a int, src []float64, sc, b, rows, w int) {
	if w == 1 { // of every coordinate-wise network
		for i := range rows {
			dst[i*dc+a] += src[i*sc+b]
		}
		return
	}
	for i := range rows {
		kern.Axpy64(1, src[i*sc+b:][:w], dst[i*dc+a:])
	}
}
