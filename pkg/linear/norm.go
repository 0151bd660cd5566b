package linear

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
)

var inf = math.Inf(1)

// SpectralNorm returns ‖A‖₂, the largest singular value, to about 1e-12 relative.
// Step sizes are made of it, and an error of two per cent is enough to spoil a
// learned optimizer. It runs Lanczos with full reorthogonalisation on AᵀA or AAᵀ,
// whichever is smaller, which for the sizes here is far cheaper than an SVD. It knows
// large matrices again.
func SpectralNorm(a ad.Value) float64 {
	n := min(a.R, a.C)
	size := largestEntry(a)
	switch {
	case size == 0 || math.IsNaN(size) || math.IsInf(size, 1):
		return size
	case size < 1e-70 || size > 1e70: // squares of squares would leave the range
		return size * SpectralNorm(a.Detach().Scale(1/size))
	}
	apply := func(q []float64) []float64 { return a.TMatMul(a.MatMul(ad.New(n, 1, q))).Data }
	if a.R < a.C {
		apply = func(q []float64) []float64 { return a.MatMul(a.TMatMul(ad.New(n, 1, q))).Data }
	}
	compute := func() float64 {
		top, _, _ := lanczos(n, n, apply, func(_ int, last, top float64) bool { return top-last <= 1e-13*top })
		return math.Sqrt(top)
	}
	if a.Len() < 1<<12 {
		return compute()
	}
	return remember(a, size, compute)
}

// largestEntry is max|aᵢⱼ|, NaN where there is one.
func largestEntry(a ad.Value) float64 {
	var size float64
	for _, x := range a.Data {
		if x = math.Abs(x); x > size {
			size = x
		} else if math.IsNaN(x) {
			return x
		}
	}
	return size
}

// unproven is the probability with which an estimated norm is too small.
const unproven = 1e-10

// estimate returns an upper bound on ‖A‖₂, at most bound, which is one too.
//
// Of the k-th step of Lanczos with a start that is uniform on the sphere, theorem 4.2 of
// Kuczyński and Woźniakowski 1992 says that its value θ ≤ ‖A‖² is below (1−ε)‖A‖² with a
// probability of at most 1.648·√n·exp(−√ε(2k−1)). So it takes about 100 steps to know the
// norm to one per cent; fewer where θ shows that the bound is not further away than that.
// The start is a fixed one: the norm is a function of A alone.
func estimate(a Operator, bound float64) float64 {
	const tol = 0.02 // of ‖A‖²
	n := min(a.Rows, a.Cols)
	there, back, between := a.Forward, a.Adjoint, newScratch(a.Rows)
	if a.Rows < a.Cols {
		there, back, between = a.Adjoint, a.Forward, newScratch(a.Cols)
	}
	apply := func(q []float64) []float64 {
		w := make([]float64, n)
		between.lend(func(t []float64) { there(t, q); back(w, t) })
		return w
	}
	margin := func(k int) float64 {
		return math.Pow(math.Log(1.648*math.Sqrt(float64(n))/unproven)/float64(2*k-1), 2)
	}
	window := max(2, 1<<20/max(n, 1)) // 8 MB
	top, k, whole := lanczos(n, window, apply, func(k int, _, top float64) bool {
		return margin(k) <= tol || top >= (1-tol)*bound*bound
	})
	switch eps := margin(k); {
	case top >= (1-tol)*bound*bound:
		return bound
	case whole: // no step is left: this is the norm to rounding
		return min(bound, math.Sqrt(top/(1-1e-12)))
	default:
		return min(bound, math.Sqrt(top/(1-eps)))
	}
}

// lanczos returns the largest eigenvalue that k steps of Lanczos find of a positive
// semidefinite matrix of n×n, of which apply returns new products: the largest of all if
// the steps went through the whole space or through an invariant part of it. New vectors
// are made orthogonal to the last ones of a window. Every eighth step it asks whether that
// is enough.
func lanczos(n, window int, apply func(q []float64) []float64, enough func(k int, last, top float64) bool) (top float64, k int, whole bool) {
	rng := rand.New(rand.NewPCG(1, 0)) // a fixed start: the norm is a function of A alone
	q := make([]float64, n)
	for i := range q {
		q[i] = rng.NormFloat64()
	}
	floats.Scale(1/floats.Norm(q, 2), q)
	var basis [][]float64
	var alpha, beta []float64
	for len(alpha) < n {
		basis = append(basis[max(0, len(basis)+1-window):], q)
		w := apply(q)
		alpha = append(alpha, floats.Dot(w, q))
		for range 2 { // twice is enough
			for _, b := range basis {
				floats.AddScaled(w, -floats.Dot(w, b), b)
			}
		}
		rest := floats.Norm(w, 2)
		if math.IsNaN(rest) || math.IsInf(rest, 1) {
			return math.NaN(), len(alpha), false
		}
		if k = len(alpha); k%8 == 0 || k == n || rest <= 1e-14*top {
			last := top
			top = largest(alpha, beta)
			if whole = (k == n && window >= n) || rest <= 1e-14*top; whole || enough(k, last, top) {
				return top, k, whole
			}
		}
		beta = append(beta, rest)
		floats.Scale(1/rest, w)
		q = w
	}
	return top, k, false
}

// largest returns the largest eigenvalue of a symmetric tridiagonal matrix.
func largest(diag, off []float64) float64 {
	n := len(diag)
	if size := max(floats.Norm(diag, inf), floats.Norm(off, inf)); size > 0 && (size < 1e-70 || size > 1e70) { // not for LAPACK
		by := math.Ldexp(1, -math.Ilogb(size))
		return largest(floats.ScaleTo(make([]float64, n), by, diag), floats.ScaleTo(make([]float64, len(off)), by, off)) / by
	}
	m := mat.NewSymBandDense(n, min(1, n-1), nil)
	for i, d := range diag {
		m.SetSymBand(i, i, d)
		if i+1 < n {
			m.SetSymBand(i, i+1, off[i])
		}
	}
	var e mat.EigenSym
	if !e.Factorize(m, false) {
		return math.NaN()
	}
	return e.Values(nil)[n-1]
}
