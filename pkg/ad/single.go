package ad

import (
	"fmt"
	"slices"

	"github.com/l2olab/l2o/pkg/internal/kern"
)

// A Single is a matrix S whose products compute in float32, the single precision of
// the BLAS, however exact everything around them is. It is rounded once and may enter
// any number of products, on any number of goroutines.
//
// It is for batched problems: one matrix, such as a dictionary or the weights of an
// unrolled network, times the columns of many instances at once. There the products
// take nearly all the time, and single precision halves it. An entry of S·x from k
// terms is off by at most about (k+2)·6e-8 times Σⱼ|Sᵢⱼxⱼ|; the same holds for gradients.
// A summand stays in float64: in x − Wᵀ(Ax − b) only the correction is rounded, not x,
// but a residual Ax − b does not get smaller than the error of Ax. Entries beyond 3.4e38
// become infinite. For gaps below 1e-6 stay with [Value.MatMul] and [Value.TMatMul], which
// compute in float64 like everything else.
type Single struct {
	of   Value
	data []float32
}

// Round32 rounds v to float32. Gradients of the products flow into v.
func Round32(v Value) Single {
	s := Single{v, make([]float32, v.Len())}
	kern.Narrow32(s.data, v.Data)
	return s
}

// For returns s with gradients that flow into v, which holds the numbers that were
// rounded: the same value watched by another tape. So goroutines with a tape each share
// one rounding.
func (s Single) For(v Value) Single {
	if v.R != s.of.R || v.C != s.of.C || v.Len() > 0 && !v.Same(s.of) {
		panic("ad: Single: For: the " + v.Shape() + " value is not the " + s.of.Shape() + " value that was rounded; round it with Round32")
	}
	return Single{v, s.data}
}

// MatMul returns S·x.
func (s Single) MatMul(x Value) Value {
	if s.of.C != x.R {
		panicShapes("Single.MatMul", s.of, x)
	}
	return s.MatMulAdd(x, New(s.of.R, x.C, nil))
}

// TMatMul returns Sᵀ·x without forming the transpose.
func (s Single) TMatMul(x Value) Value {
	if s.of.R != x.R {
		panicShapes("Single.TMatMul", s.of, x)
	}
	return s.TMatMulAdd(x, New(s.of.C, x.C, nil))
}

// MatMulAdd returns c + S·x.
func (s Single) MatMulAdd(x, c Value) Value {
	r, k := s.of.R, s.of.C
	if k != x.R {
		panicShapes("Single.MatMulAdd", s.of, x)
	}
	return s.product("Single.MatMulAdd", x, c, r,
		func(x, y []float32, n int) { kern.Gemm32(r, n, k, s.data, x, y) },
		func(g, dx []float32, n int) { kern.GemmTN32(k, n, r, s.data, g, dx) },
		func(g, x, ds []float32, n int) { kern.GemmNT32(r, k, n, g, x, ds) })
}

// TMatMulAdd returns c + Sᵀ·x.
func (s Single) TMatMulAdd(x, c Value) Value {
	k, r := s.of.R, s.of.C
	if k != x.R {
		panicShapes("Single.TMatMulAdd", s.of, x)
	}
	return s.product("Single.TMatMulAdd", x, c, r,
		func(x, y []float32, n int) { kern.GemmTN32(r, n, k, s.data, x, y) },
		func(g, dx []float32, n int) { kern.Gemm32(k, n, r, s.data, g, dx) },
		func(g, x, ds []float32, n int) { kern.GemmNT32(k, r, n, x, g, ds) })
}

// product records c plus an r-rowed product of s and x. forward adds it to y; toX and
// toS add to the gradients of x and s, given the gradient g. All have n columns.
func (s Single) product(op string, x, c Value, r int, forward func(x, y []float32, n int), toX func(g, dx []float32, n int), toS func(g, x, ds []float32, n int)) Value {
	n := x.C
	if c.R != r || c.C != n {
		panic(fmt.Sprintf("ad: %s: a summand %s for a product %d×%d", op, c.Shape(), r, n))
	}
	ins := []Value{s.of, x, c}
	tape := TapeOf(ins...)
	x32, y32 := tape.Buffer32(x.Len()), tape.Scratch32(r*n)
	kern.Narrow32(x32, x.Data)
	forward(x32, y32, n)
	y := slices.Clone(c.Data)
	kern.AddWide(y, y32)
	return recordSends(New(r, n, y), ins, func(g []float64, to slots) {
		if dc, fresh := to.at(2); fresh {
			copy(dc, g)
		} else {
			axpy(1, g, dc)
		}
		g32 := tape.Buffer32(len(g))
		kern.Narrow32(g32, g)
		send := func(i, size int, product func(d []float32)) {
			dst, fresh := to.at(i)
			if dst == nil {
				return
			}
			d := tape.Scratch32(size)
			product(d)
			if fresh {
				kern.Widen32(dst, d)
			} else {
				kern.AddWide(dst, d)
			}
		}
		send(0, len(s.data), func(ds []float32) { toS(g32, x32, ds, n) })
		send(1, len(x32), func(dx []float32) { toX(g32, dx, n) })
	})
}
