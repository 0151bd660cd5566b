package ad

import "github.com/l2olab/l2o/pkg/internal/kern"

// A Gradient is a place for the gradient of a leaf, see [Tape.WatchInto]. What a single product
// of a [Single] sends stays in float32, as it was computed: that is exact, and half as much
// memory to write and to read. With all else it is float64. It is valid until the next
// WatchInto, also after a Reset.
type Gradient struct {
	n    int
	held held
	f32  []float32
	f64  []float64
}

// held is what a Gradient holds.
type held int

const (
	nothing held = iota // zeros
	single
	double
)

// NewGradient returns a place for n numbers. Memory is taken when they come.
func NewGradient(n int) *Gradient { return &Gradient{n: n} }

// CopyTo sets dst to the entries from that one on.
func (g *Gradient) CopyTo(dst []float64, from int) {
	switch g.held {
	case nothing:
		clear(dst)
	case single:
		kern.Widen32(dst, g.f32[from:from+len(dst)])
	case double:
		copy(dst, g.f64[from:from+len(dst)])
	}
}

// AddTo adds the entries from that one on to dst.
func (g *Gradient) AddTo(dst []float64, from int) {
	switch g.held {
	case nothing:
	case single:
		kern.AddWide(dst, g.f32[from:from+len(dst)])
	case double:
		kern.Axpy64(1, g.f64[from:from+len(dst)], dst)
	}
}

// narrow returns zeros for the first gradient that arrives; nil where one did, or where there is no place.
func (g *Gradient) narrow() []float32 {
	if g == nil || g.held != nothing {
		return nil
	}
	if g.held = single; g.f32 == nil {
		g.f32 = make([]float32, g.n)
	} else {
		clear(g.f32)
	}
	return g.f32
}

// widen returns the gradient in float64 from now on, and whether it holds anything because
// none arrived yet.
func (g *Gradient) widen() (grad []float64, fresh bool) {
	if g.f64 == nil {
		g.f64 = make([]float64, g.n)
	}
	if g.held == single {
		kern.Widen32(g.f64, g.f32)
	}
	fresh, g.held = g.held == nothing, double
	return g.f64, fresh
}
