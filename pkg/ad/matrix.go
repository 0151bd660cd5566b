package ad

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// general shows a value's data to BLAS as an r×c matrix.
func general(r, c int, data []float64) blas64.General {
	return blas64.General{Rows: r, Cols: c, Stride: max(1, c), Data: data}
}

// gemm adds op(a)·op(b) to dst; a single column is a matrix–vector product.
func gemm(ta, tb blas.Transpose, a, b, dst blas64.General) {
	if a.Rows == 0 || a.Cols == 0 || b.Rows == 0 || b.Cols == 0 {
		return
	}
	if b.Cols == 1 && tb == blas.NoTrans {
		blas64.Gemv(ta, 1, a, blas64.Vector{N: b.Rows, Inc: 1, Data: b.Data}, 1, blas64.Vector{N: dst.Rows, Inc: 1, Data: dst.Data})
		return
	}
	blas64.Gemm(ta, tb, 1, a, b, 1, dst)
}

// MatMul returns the matrix product v·b.
func (v Value) MatMul(b Value) Value {
	if v.C != b.R {
		panicShapes("MatMul", v, b)
	}
	out := New(v.R, b.C, nil)
	A, B := general(v.R, v.C, v.Data), general(b.R, b.C, b.Data)
	gemm(blas.NoTrans, blas.NoTrans, A, B, general(out.R, out.C, out.Data))
	return Record(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		G := general(out.R, out.C, g)
		if acc[0] != nil {
			gemm(blas.NoTrans, blas.Trans, G, B, general(v.R, v.C, acc[0]))
		}
		if acc[1] != nil {
			gemm(blas.Trans, blas.NoTrans, A, G, general(b.R, b.C, acc[1]))
		}
	})
}

// TMatMul returns vᵀ·b without forming the transpose.
func (v Value) TMatMul(b Value) Value {
	if v.R != b.R {
		panicShapes("TMatMul", v, b)
	}
	out := New(v.C, b.C, nil)
	A, B := general(v.R, v.C, v.Data), general(b.R, b.C, b.Data)
	gemm(blas.Trans, blas.NoTrans, A, B, general(out.R, out.C, out.Data))
	return Record(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		G := general(out.R, out.C, g)
		if acc[0] != nil {
			gemm(blas.NoTrans, blas.Trans, B, G, general(v.R, v.C, acc[0]))
		}
		if acc[1] != nil {
			gemm(blas.NoTrans, blas.NoTrans, A, G, general(b.R, b.C, acc[1]))
		}
	})
}

// MatMulT returns v·bᵀ without forming the transpose.
func (v Value) MatMulT(b Value) Value {
	if v.C != b.C {
		panicShapes("MatMulT", v, b)
	}
	out := New(v.R, b.R, nil)
	A, B := general(v.R, v.C, v.Data), general(b.R, b.C, b.Data)
	gemm(blas.NoTrans, blas.Trans, A, B, general(out.R, out.C, out.Data))
	return Record(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		G := general(out.R, out.C, g)
		if acc[0] != nil {
			gemm(blas.NoTrans, blas.NoTrans, G, B, general(v.R, v.C, acc[0]))
		}
		if acc[1] != nil {
			gemm(blas.Trans, blas.NoTrans, G, A, general(b.R, b.C, acc[1]))
		}
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
	return Record(Value{R: r, C: c, Data: v.Data}, []Value{v}, func(g []float64, acc [][]float64) { axpy(1, g, acc[0]) })
}

// Cols returns columns from ≤ j < to.
func (v Value) Cols(from, to int) Value {
	if from < 0 || to < from || to > v.C {
		panic(fmt.Sprintf("ad: Cols: columns %d to %d of a %s value", from, to, v.Shape()))
	}
	w := to - from
	out := New(v.R, w, nil)
	for i := range v.R {
		copy(out.Data[i*w:(i+1)*w], v.Data[i*v.C+from:])
	}
	return Record(out, []Value{v}, func(g []float64, acc [][]float64) {
		for i := range v.R {
			axpy(1, g[i*w:(i+1)*w], acc[0][i*v.C+from:])
		}
	})
}

// Beside returns the columns of v followed by those of b.
func (v Value) Beside(b Value) Value {
	if v.R != b.R {
		panicShapes("Beside", v, b)
	}
	c := v.C + b.C
	out := New(v.R, c, nil)
	for i := range v.R {
		copy(out.Data[i*c:], v.Data[i*v.C:(i+1)*v.C])
		copy(out.Data[i*c+v.C:], b.Data[i*b.C:(i+1)*b.C])
	}
	return Record(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		for i := range v.R {
			if acc[0] != nil {
				axpy(1, g[i*c:i*c+v.C], acc[0][i*v.C:])
			}
			if acc[1] != nil {
				axpy(1, g[i*c+v.C:(i+1)*c], acc[1][i*b.C:])
			}
		}
	})
}
