package linear

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
)

// unit is the largest relative error of one rounding.
const unit = 0x1p-53

// denseBound returns a proven upper bound on ‖A‖₂ that is at least norm, the estimate of
// it. For matrices with a side of at most 1000 it is next to norm.
func denseBound(a ad.Value, norm float64) float64 {
	size := largestEntry(a)
	switch {
	case size == 0 || math.IsNaN(size) || math.IsInf(size, 1):
		return size
	case size < 1e-70 || size > 1e70:
		return size * denseBound(a.Scale(1/size), norm/size)
	}
	if min(a.R, a.C) <= 1000 {
		if b, ok := choleskyBound(a, norm); ok {
			return b
		}
	}
	abs := a.Abs()
	bound := min(frobenius(a.Data), collatz(a.R, a.C,
		func(dst, x []float64) { copy(dst, abs.MatMul(ad.New(len(x), 1, x)).Data) },
		func(dst, y []float64) { copy(dst, abs.TMatMul(ad.New(len(y), 1, y)).Data) }))
	return max(norm, bound)
}

// choleskyBound proves a bound next to norm: where a Cholesky factorisation of θI − AᵀA
// comes to its end, θ is above the largest eigenvalue of AᵀA up to what rounding can have
// done. That is at most γ·trace in the factorisation ([Rump 2006]), and
// γ‖A‖²_F in the product, γ = ku/(1−ku) for sums of k terms.
//
// [Rump 2006]: https://doi.org/10.1007/s10543-006-0056-1
func choleskyBound(a ad.Value, norm float64) (bound float64, ok bool) {
	n, k := min(a.R, a.C), max(a.R, a.C)
	gram := a.TMatMul
	if a.R < a.C {
		gram = a.MatMulT
	}
	g := gram(a).Data
	gamma := func(k int) float64 { return float64(k) * unit / (1 - float64(k)*unit) }
	f := frobenius(a.Data)
	for _, slack := range []float64{1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2} {
		theta := norm * norm * (1 + slack)
		m := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				m.SetSym(i, j, -g[i*n+j])
			}
			m.SetSym(i, i, theta-g[i*n+i])
		}
		var c mat.Cholesky
		if c.Factorize(m) {
			rounding := gamma(n+2)*float64(n)*theta + gamma(k+2)*f*f
			return max(norm, math.Sqrt(theta+rounding)*(1+4*unit)), true
		}
	}
	return 0, false
}

// frobenius is √Σaᵢⱼ², rounded up.
func frobenius(entries []float64) float64 {
	return floats.Norm(entries, 2) * (1 + float64(len(entries)+4)*unit)
}

// collatz bounds ‖A‖₂ by that of |A|, whose square is the spectral radius of B = |A|ᵀ|A|,
// at most maxᵢ (Bx)ᵢ/xᵢ for any x > 0 (Collatz and Wielandt; theorem 8.1.26 of [Horn and
// Johnson 2013]). With x = 1 this is at most √(‖A‖₁‖A‖∞), and powers of B make it better.
// The functions are those of |A|, rows×cols.
//
// [Horn and Johnson 2013]: https://doi.org/10.1017/CBO9781139020411
func collatz(rows, cols int, forward, adjoint func(dst, x []float64)) float64 {
	x, y, bx := make([]float64, cols), make([]float64, rows), make([]float64, cols)
	for i := range x {
		x[i] = 1
	}
	best := inf
	for range 10 {
		forward(y, x)
		adjoint(bx, y)
		var top float64
		for i, v := range bx {
			if x[i] > 0 { // a column of zeros leaves after the first power
				top = max(top, v/x[i])
			}
		}
		best = min(best, top)
		size := floats.Max(bx)
		if !(size > 0) {
			break
		}
		for i, v := range bx {
			if x[i] = v / size; v > 0 {
				x[i] = max(x[i], 1e-100)
			}
		}
	}
	if best < 1e-280 { // squares left the range
		return inf
	}
	return math.Sqrt(best * (1 + 2*float64(rows+cols+4)*unit))
}
