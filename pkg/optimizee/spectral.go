package optimizee

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
)

// SpectralNorm returns ‖A‖₂, the largest singular value, to about 1e-12 relative.
// Step sizes are made of it, and an error of two per cent is enough to spoil a
// learned optimizer. It runs Lanczos with full reorthogonalisation on AᵀA or AAᵀ,
// whichever is smaller, which for the sizes here is far cheaper than an SVD.
func SpectralNorm(a ad.Value) float64 {
	n := min(a.R, a.C)
	var size float64
	for _, x := range a.Data {
		size = max(size, math.Abs(x)) // NaN when there is one
	}
	switch {
	case size == 0 || math.IsNaN(size) || math.IsInf(size, 1):
		return size
	case size < 1e-70 || size > 1e70: // squares of squares would leave the range
		return size * SpectralNorm(a.Detach().Scale(1/size))
	}
	apply := func(v ad.Value) ad.Value { return a.TMatMul(a.MatMul(v)) }
	if a.R < a.C {
		apply = func(v ad.Value) ad.Value { return a.MatMul(a.TMatMul(v)) }
	}
	rng := rand.New(rand.NewPCG(1, 0)) // a fixed start: the norm is a function of A alone
	q := ad.New(n, 1, nil)
	for i := range q.Data {
		q.Data[i] = rng.NormFloat64()
	}
	floats.Scale(1/floats.Norm(q.Data, 2), q.Data)
	var basis []ad.Value
	var alpha, beta []float64
	var top float64
	for len(basis) < n {
		basis = append(basis, q)
		w := apply(q).Data
		alpha = append(alpha, floats.Dot(w, q.Data))
		for range 2 { // twice is enough
			for _, b := range basis {
				floats.AddScaled(w, -floats.Dot(w, b.Data), b.Data)
			}
		}
		rest := floats.Norm(w, 2)
		if k := len(alpha); k%8 == 0 || k == n || rest <= 1e-14*top {
			last := top
			if top = largest(alpha, beta); top-last <= 1e-13*top || rest <= 1e-14*top {
				break
			}
		}
		beta = append(beta, rest)
		floats.Scale(1/rest, w)
		q = ad.New(n, 1, w)
	}
	return math.Sqrt(top)
}

// largest returns the largest eigenvalue of a symmetric tridiagonal matrix.
func largest(diag, off []float64) float64 {
	n := len(diag)
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
