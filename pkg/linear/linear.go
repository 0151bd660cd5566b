// Package linear holds linear operators: what stands between an unknown x and the numbers
// that were measured, as in f(Ax).
//
// An [Operator] is a pair of functions, x ↦ Ax and y ↦ Aᵀy. Nothing forms a matrix unless
// there is one, so a blur of a photograph costs two Fourier transforms. Operators compose,
// stack and scale, and a tape differentiates through them: the derivative of one of the
// two functions is the other one. [Check] tests a pair that is one's own.
//
// Signals are columns, and an image of h×w pixels is a column of h·w numbers, row after
// row. An operator works on each column of a value by itself.
//
//	matrices    Dense · Triplets, CSR (sparse) · Diagonal · Identity · Mask
//	images      Blur with Gaussian · Wavelet · Difference, Gradient
//	one's own   Func
//	of others   Compose (A after B) · Stack (A above B) · Beside ([A B]) · Scale · T
package linear

import (
	"fmt"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// An Operator is a linear map A from n×k values to m×k values, column by column. Its
// functions may be called from several goroutines at once.
type Operator struct {
	Name       string
	Rows, Cols int // m and n

	Forward func(dst, x []float64) // dst = Ax, for one column: it writes every entry of dst, and none of x
	Adjoint func(dst, y []float64) // dst = Aᵀy

	// Steps are made of Norm: ‖A‖₂ where it is known, to rounding, and otherwise an upper
	// bound at most one per cent above it, because a larger one only costs speed and a
	// smaller one breaks proofs. That bound comes from Lanczos with a random start, and
	// fails with a probability of 1e-10 ([Kuczyński and Woźniakowski 1992]). Nil stands
	// for unknown.
	//
	// [Kuczyński and Woźniakowski 1992]: https://doi.org/10.1137/0613066
	Norm func() float64

	// Bound is an upper bound on ‖A‖₂ with a proof, and at least Norm. It is Norm itself
	// where that is known in closed form, the product of the bounds for Compose and the
	// root of their sum of squares for Stack and Beside, which may be far above the norm.
	// A pair of functions has no such proof: its Bound is Norm, with that probability.
	Bound func() float64

	Matrix ad.Value // A itself where it is stored; gradients flow into it
	Err    error    // why there is no such operator; problems made of it report it

	// A and Aᵀ on whole values, for operators with more to give gradients to than x.
	apply, transpose func(ad.Value) ad.Value
}

// IsZero reports whether a is the zero Operator, which stands for the identity or for
// none.
func (a Operator) IsZero() bool { return a.Forward == nil && a.Err == nil }

// Dense is a matrix as an operator. Norm is exact to about 1e-12; where the shorter side
// is at most 1000, Bound is next to it.
func Dense(a ad.Value) Operator {
	norm := sync.OnceValue(func() float64 { return SpectralNorm(a) })
	return Operator{
		Name: "matrix", Rows: a.R, Cols: a.C, Matrix: a,
		Forward: func(dst, x []float64) { copy(dst, a.Detach().MatMul(ad.New(len(x), 1, x)).Data) },
		Adjoint: func(dst, y []float64) { copy(dst, a.Detach().TMatMul(ad.New(len(y), 1, y)).Data) },
		Norm:    norm,
		Bound:   sync.OnceValue(func() float64 { return denseBound(a.Detach(), norm()) }),
		Err:     check.That(a.R > 0 && a.C > 0, "the matrix is %s: it has to have rows and columns", a.Shape()),
		apply:   a.MatMul, transpose: a.TMatMul,
	}
}

// Apply returns Ax.
func (a Operator) Apply(x ad.Value) ad.Value {
	a.has("applied", x, a.Cols, "column")
	if a.apply != nil {
		return a.apply(x)
	}
	return record(x, a.Rows, a.Forward, a.Adjoint)
}

// Transpose returns Aᵀy.
func (a Operator) Transpose(y ad.Value) ad.Value {
	a.has("transposed and applied", y, a.Rows, "row")
	if a.transpose != nil {
		return a.transpose(y)
	}
	return record(y, a.Cols, a.Adjoint, a.Forward)
}

// has panics unless there is an operator and x has n rows.
func (a Operator) has(how string, x ad.Value, n int, each string) {
	switch {
	case a.Err != nil:
		panic(fmt.Sprintf("linear: no such operator: %v", a.Err))
	case x.R != n:
		panic(fmt.Sprintf("linear: %s of %d×%d %s to a %s value: it needs a row for each %s, %d; an image is a column, Reshape(h·w, 1)", a.Name, a.Rows, a.Cols, how, x.Shape(), each, n))
	}
}

// record applies one of a pair of adjoint functions to the columns of x, and the other one
// to gradients on their way back.
func record(x ad.Value, rows int, forward, adjoint func(dst, src []float64)) ad.Value {
	out := ad.New(rows, x.C, nil)
	columns(out.Data, x.Data, x.C, forward)
	return ad.Record(out, []ad.Value{x}, func(g []float64, acc [][]float64) {
		back := make([]float64, x.Len())
		columns(back, g, x.C, adjoint)
		for i, v := range back {
			acc[0][i] += v
		}
	})
}

// columns applies f to each of k columns.
func columns(dst, src []float64, k int, f func(dst, src []float64)) {
	if k == 1 {
		f(dst, src)
		return
	}
	if k == 0 {
		return
	}
	to, from := make([]float64, len(dst)/k), make([]float64, len(src)/k)
	for j := range k {
		for i := range from {
			from[i] = src[i*k+j]
		}
		f(to, from)
		for i, v := range to {
			dst[i*k+j] = v
		}
	}
}

// exactly fills in a norm that is known.
func (a Operator) exactly(norm float64) Operator {
	a.Norm = func() float64 { return norm }
	a.Bound = a.Norm
	return a
}

// estimated fills in a norm by Lanczos below a proven bound, nil where there is none.
func (a Operator) estimated(bound func() float64) Operator {
	op := a
	if bound != nil {
		a.Bound = sync.OnceValue(bound)
		a.Norm = sync.OnceValue(func() float64 { return estimate(op, a.Bound()) })
		return a
	}
	a.Norm = sync.OnceValue(func() float64 { return estimate(op, inf) })
	a.Bound = a.Norm
	return a
}

// scratch lends slices of n numbers to functions that run at the same time.
type scratch struct{ pool sync.Pool }

func newScratch(n int) *scratch {
	return &scratch{sync.Pool{New: func() any {
		s := make([]float64, n)
		return &s
	}}}
}

func (s *scratch) lend(f func(buf []float64)) {
	buf := s.pool.Get().(*[]float64)
	f(*buf)
	s.pool.Put(buf)
}
