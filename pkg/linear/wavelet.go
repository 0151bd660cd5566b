package linear

import (
	"errors"
	"fmt"
	"sync"

	"github.com/l2olab/l2o/pkg/internal/check"
)

// A Wave names the wavelet with so many vanishing moments and twice as many coefficients:
// [Haar]'s, and [DB2], [DB3] and [DB4] of [Daubechies 1988], table 1.
//
// [Daubechies 1988]: https://doi.org/10.1002/cpa.3160410705
type Wave int

// The wavelets that there are.
const (
	Haar Wave = 1 + iota
	DB2
	DB3
	DB4
)

// scaling holds the coefficients of the scaling functions; their squares sum to 1.
var scaling = map[Wave][]float64{
	Haar: {0.7071067811865475244, 0.7071067811865475244},
	DB2:  {0.4829629131445341434, 0.8365163037378079056, 0.2241438680420133810, -0.1294095225512603812},
	DB3: {
		0.3326705529500826160, 0.8068915093110925765, 0.4598775021184915701,
		-0.1350110200102545887, -0.0854412738820266617, 0.0352262918857095366,
	},
	DB4: {
		0.2303778133088965009, 0.7148465705529156471, 0.6308807679298589079, -0.0279837694168598542,
		-0.1870348117190930841, 0.0308413818355607636, 0.0328830116668851997, -0.0105974017850690321,
	},
}

// Wavelet is the analysis x ↦ Wx of an h×w image by an orthonormal wavelet, periodic at the
// edges. Each level turns the coarse part into a coarser one, a quarter of it, and three
// parts with details, in the places where pictures show them: coarse above on the left. A
// side of length 1 is left alone, so Wavelet(n, 1, …) is that of a signal.
//
// Wᵀ is the inverse, the synthesis of an image from its coefficients, and the norm is 1.
// Sides have to be divisible by 2^levels ([Mallat 1989], section IV).
//
// [Mallat 1989]: https://doi.org/10.1109/34.192463
func Wavelet(h, w, levels int, wave Wave) Operator {
	low := scaling[wave]
	a := Operator{
		Name: fmt.Sprintf("wavelet %d", int(wave)), Rows: h * w, Cols: h * w,
		Err: errors.Join(sides(h, w),
			check.That(low != nil, "there is no wavelet %d: there are Haar, DB2, DB3 and DB4", int(wave)),
			divisible(h, levels), divisible(w, levels)),
	}
	if a.Err != nil {
		return a
	}
	t := &pyramid{h: h, w: w, levels: levels, low: low, high: make([]float64, len(low))}
	for i := range low {
		t.high[i] = low[len(low)-1-i] * float64(1-i%2*2) // the quadrature mirror of low
	}
	t.lines.New = func() any {
		return &[2][]float64{make([]float64, max(h, w)+len(low)), make([]float64, max(h, w)+len(low))}
	}
	a.Forward, a.Adjoint = t.analyse, t.synthesise
	return a.exactly(1)
}

func divisible(side, levels int) error {
	if levels < 0 || levels > 62 {
		return fmt.Errorf("a wavelet transform of %d levels", levels)
	}
	return check.That(side == 1 || side%(1<<levels) == 0, "a side of %d for %d levels of wavelets: it has to be divisible by %d", side, levels, 1<<levels)
}

// A pyramid is the wavelet transform of an image.
type pyramid struct {
	h, w, levels int
	low, high    []float64
	lines        sync.Pool // *[2][]float64, a line before and after
}

// coarse is the size of the coarse part that level l begins with.
func (t *pyramid) coarse(l int) (h, w int) { return max(t.h>>l, 1), max(t.w>>l, 1) }

func (t *pyramid) analyse(dst, x []float64) {
	copy(dst, x)
	for l := range t.levels {
		h, w := t.coarse(l)
		t.along(dst, h, w, t.w, 1, t.split)
		t.along(dst, w, h, 1, t.w, t.split)
	}
}

func (t *pyramid) synthesise(dst, y []float64) {
	copy(dst, y)
	for l := t.levels - 1; l >= 0; l-- {
		h, w := t.coarse(l)
		t.along(dst, w, h, 1, t.w, t.join)
		t.along(dst, h, w, t.w, 1, t.join)
	}
}

// along transforms each of so many lines of n numbers of an image: the next line begins
// after stride numbers, the next number of a line stands after step.
func (t *pyramid) along(img []float64, lines, n, stride, step int, f func(dst, src []float64, n int)) {
	if n == 1 {
		return
	}
	buf := t.lines.Get().(*[2][]float64)
	defer t.lines.Put(buf)
	src, dst := buf[0], buf[1]
	for i := range lines {
		line := img[i*stride:]
		for j := range n {
			src[j] = line[j*step]
		}
		f(dst, src, n)
		for j := range n {
			line[j*step] = dst[j]
		}
	}
}

// split turns a line of n numbers into n/2 coarse ones and n/2 details: sᵢ = Σ low_t
// x_{2i+t−o} and dᵢ = Σ high_t x_{2i+t−o}, with indices modulo n and the offset o that keeps
// the coarse part in its place, taps/2 − 1 (PyWavelets' mode "periodization").
func (t *pyramid) split(dst, src []float64, n int) {
	o := len(t.low)/2 - 1
	around := src[:n+2*o] // the line with what comes before and after it
	copy(around[o:], src[:n])
	for k := range o {
		around[o-1-k] = around[o+mod(-1-k, n)]
		around[o+n+k] = around[o+k%n]
	}
	for i := range n / 2 {
		var s, d float64
		x := around[2*i:][:len(t.low)]
		for j, c := range t.low {
			s += c * x[j]
			d += t.high[j] * x[j]
		}
		dst[i], dst[n/2+i] = s, d
	}
}

// join is the adjoint of split, and its inverse.
func (t *pyramid) join(dst, src []float64, n int) {
	o := len(t.low)/2 - 1
	around := dst[:n+2*o]
	clear(around)
	for i := range n / 2 {
		s, d := src[i], src[n/2+i]
		x := around[2*i:][:len(t.low)]
		for j, c := range t.low {
			x[j] += c*s + t.high[j]*d
		}
	}
	for k := range o {
		around[o+mod(-1-k, n)] += around[o-1-k]
		around[o+k%n] += around[o+n+k]
	}
	copy(dst, around[o:o+n])
}
