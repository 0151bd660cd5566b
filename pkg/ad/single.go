package ad

import (
	"fmt"
	"sync"

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

// Of reports whether s holds the numbers of v, which [Single.For] asks for.
func (s Single) Of(v Value) bool { return v.R == s.of.R && v.C == s.of.C && v.Same(s.of) }

// Again rounds entries from ≤ i < to once more, where the owner of the value has changed
// them in place, as a step of training does between two runs.
func (s Single) Again(from, to int) { kern.Narrow32(s.data[from:to], s.of.Data[from:to]) }

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
	return s.product("Single.MatMul", x, New(s.of.R, x.C, nil), Value{}, false)
}

// TMatMul returns Sᵀ·x without forming the transpose.
func (s Single) TMatMul(x Value) Value {
	return s.product("Single.TMatMul", x, New(s.of.C, x.C, nil), Value{}, true)
}

// MatMulAdd returns c + S·x.
func (s Single) MatMulAdd(x, c Value) Value {
	return s.product("Single.MatMulAdd", x, c, Value{}, false)
}

// TMatMulAdd returns c + Sᵀ·x.
func (s Single) TMatMulAdd(x, c Value) Value {
	return s.product("Single.TMatMulAdd", x, c, Value{}, true)
}

// TMatMulAddSoft returns the soft threshold of c + Sᵀ·x at t, which is 1×1 and not below 0:
// the layer of an unrolled network as one operation, with the bits of [Single.TMatMulAdd]
// and prox.Soft.
func (s Single) TMatMulAddSoft(x, c, t Value) Value {
	if t.Len() != 1 || !(t.Data[0] >= 0) {
		panic("ad: Single.TMatMulAddSoft: the threshold is " + t.String() + "; it has to be one number that is not below 0")
	}
	return s.product("Single.TMatMulAddSoft", x, c, t, true)
}

// product records c plus the product of S, or of its transpose, and x; of that the soft
// threshold at t, if there is one.
func (s Single) product(op string, x, c, t Value, transposed bool) Value {
	r, k, n := s.of.R, s.of.C, x.C
	forward, back := kern.Gemm32, kern.GemmTN32 // by S and by its transpose
	if transposed {
		r, k, forward, back = k, r, back, forward
	}
	if k != x.R {
		panicShapes(op, s.of, x)
	}
	if c.R != r || c.C != n {
		panic(fmt.Sprintf("ad: %s: a summand %s for a product %d×%d", op, c.Shape(), r, n))
	}
	ins := []Value{s.of, x, c, t}
	tape := TapeOf(ins...)
	x32 := tape.Buffer32(x.Len())
	kern.Narrow32(x32, x.Data)
	out := blank(r, n)
	within(r*n, func(p []float32) {
		forward(r, n, k, s.data, x32, p)
		finish(out.Data, c.Data, p, t.Data)
	})
	return recordSends(out, ins, func(g []float64, to slots) {
		g32 := tape.Buffer32(len(g))
		unfinish(g, out.Data, g32, !t.IsZero(), to)
		send := func(i, size int, product func(d []float32)) {
			if d := to.single(i); d != nil {
				product(d)
				return
			}
			dst, fresh := to.at(i)
			if dst == nil {
				return
			}
			within(size, func(d []float32) {
				product(d)
				if fresh {
					kern.Widen32(dst, d)
				} else {
					kern.AddWide(dst, d)
				}
			})
		}
		send(0, len(s.data), func(ds []float32) {
			if transposed {
				kern.GemmNT32(k, r, n, x32, g32, ds)
			} else {
				kern.GemmNT32(r, k, n, g32, x32, ds)
			}
		})
		send(1, len(x32), func(dx []float32) { back(k, n, r, s.data, g32, dx) })
	})
}

// rooms are where products are made. One that is used again and again stays in the cache.
var rooms = sync.Pool{New: func() any { return new([]float32) }}

// within calls f with n zeros.
func within(n int, f func(p []float32)) {
	room := rooms.Get().(*[]float32)
	defer rooms.Put(room)
	if cap(*room) < n {
		*room = make([]float32, n)
	}
	p := (*room)[:n]
	clear(p)
	f(p)
}

// near is so many numbers that what is done with them one thing after the other stays in the
// first-level cache.
const near = 1024

// finish sets y = c + p, or the soft threshold of that.
func finish(y, c []float64, p []float32, threshold []float64) {
	for i := 0; i < len(y); i += near {
		to := min(i+near, len(y))
		part := y[i:to]
		kern.SumWide(part, c[i:to], p[i:to])
		if threshold != nil {
			kern.Soft64(part, part, threshold[0])
		}
	}
}

// unfinish sends the gradient g of y to the summand and to the threshold, and rounds that of the product.
func unfinish(g, y []float64, g32 []float32, soft bool, to slots) {
	var room, moves [near]float64
	var sum float64
	dc, fresh := to.at(2)
	for i := 0; i < len(g); i += near {
		end := min(i+near, len(g))
		part := g[i:end]
		if soft {
			part = room[:end-i]
			for _, m := range kern.SoftBack64(part, g[i:end], y[i:end], moves[:]) {
				sum += m
			}
		}
		kern.Narrow32(g32[i:], part)
		if fresh {
			copy(dc[i:], part)
		} else if dc != nil {
			kern.Axpy64(1, part, dc[i:])
		}
	}
	if dt, fresh := to.at(3); dt != nil {
		if fresh {
			dt[0] = 0
		}
		dt[0] -= sum
	}
}
