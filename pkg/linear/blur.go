package linear

import (
	"errors"
	"math"
	"math/cmplx"
	"sync"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// Blur is the periodic convolution of an h×w image with a kernel k of any size,
//
//	(Ax)ᵢⱼ = Σ k_uv x_{i−u+c, j−v+d}, with indices modulo h and w,
//
// and (c, d) = (rows/2, columns/2) the centre of the kernel. The discrete Fourier transform
// diagonalises it (chapter 4 of [Hansen, Nagy and O'Leary 2006]), so it costs two of them,
// and its norm is max|k̂|. Sides with small prime factors are the fast ones.
//
// [Hansen, Nagy and O'Leary 2006]: https://doi.org/10.1137/1.9780898718874
func Blur(h, w int, kernel ad.Value) Operator {
	a := Operator{
		Name: "blur", Rows: h * w, Cols: h * w,
		Err: errors.Join(sides(h, w), sizes("the kernel of a blur", kernel.R, kernel.C), check.Values("the kernel of a blur", kernel)),
	}
	if a.Err != nil {
		return a
	}
	wrapped := make([]float64, h*w) // the kernel as an image, with its centre at (0, 0)
	for u := range kernel.R {
		for v := range kernel.C {
			i, j := mod(u-kernel.R/2, h), mod(v-kernel.C/2, w)
			wrapped[i*w+j] += kernel.At(u, v)
		}
	}
	f := newFilter(h, w, wrapped)
	var top float64
	for i, v := range f.spectrum {
		top = max(top, cmplx.Abs(v))
		f.spectrum[i] /= complex(float64(h*w), 0) // which two transforms multiply by
	}
	a.Forward = func(dst, x []float64) { f.apply(dst, x, false) }
	a.Adjoint = func(dst, y []float64) { f.apply(dst, y, true) }
	return a.exactly(top)
}

// Gaussian is the size×size kernel of a Gaussian blur, exp(−r²/2σ²) at the distance r from
// its centre, with the sum 1. Blur refuses what comes of σ = 0.
func Gaussian(size int, sigma float64) ad.Value {
	k := ad.New(max(size, 0), max(size, 0), nil)
	var sum float64
	for i := range k.Data {
		u, v := float64(i/size-size/2), float64(i%size-size/2)
		k.Data[i] = math.Exp(-(u*u + v*v) / (2 * sigma * sigma))
		sum += k.Data[i]
	}
	return k.Scale(1 / sum)
}

// A filter multiplies the Fourier transform of an image by that of a kernel.
type filter struct {
	h, w     int
	spectrum []complex128 // k̂ by columns: half of them, as the kernel is real
	plans    sync.Pool
}

// A plan has the room that transforms of one image need; they write in it.
type plan struct {
	rows       *fourier.FFT
	columns    *fourier.CmplxFFT
	half       []complex128 // transforms of the rows, h of them
	line, freq []complex128
}

func newFilter(h, w int, kernel []float64) *filter {
	f := &filter{h: h, w: w, spectrum: make([]complex128, h*(w/2+1))}
	f.plans.New = func() any {
		return &plan{fourier.NewFFT(w), fourier.NewCmplxFFT(h), make([]complex128, h*(w/2+1)), make([]complex128, h), make([]complex128, h)}
	}
	p := f.plans.Get().(*plan)
	defer f.plans.Put(p)
	f.transformRows(p, kernel)
	for j := range w/2 + 1 {
		p.columns.Coefficients(f.spectrum[j*h:][:h], p.column(j))
	}
	return f
}

// transformRows fills p.half with the transforms of the rows of x.
func (f *filter) transformRows(p *plan, x []float64) {
	c := f.w/2 + 1
	for i := range f.h {
		p.rows.Coefficients(p.half[i*c:][:c], x[i*f.w:][:f.w])
	}
}

// column copies column j of p.half to p.line.
func (p *plan) column(j int) []complex128 {
	c := len(p.half) / len(p.line)
	for i := range p.line {
		p.line[i] = p.half[i*c+j]
	}
	return p.line
}

// apply puts the inverse transform of k̂·x̂ into dst, and with conj that of its adjoint.
func (f *filter) apply(dst, x []float64, conj bool) {
	p := f.plans.Get().(*plan)
	defer f.plans.Put(p)
	f.transformRows(p, x)
	c := f.w/2 + 1
	for j := range c {
		p.columns.Coefficients(p.freq, p.column(j))
		for i, k := range f.spectrum[j*f.h:][:f.h] {
			if conj {
				k = cmplx.Conj(k)
			}
			p.freq[i] *= k
		}
		p.columns.Sequence(p.line, p.freq)
		for i, v := range p.line {
			p.half[i*c+j] = v
		}
	}
	for i := range f.h {
		p.rows.Sequence(dst[i*f.w:][:f.w], p.half[i*c:][:c])
	}
}

// mod is i modulo n, from 0 on.
func mod(i, n int) int { return (i%n + n) % n }
