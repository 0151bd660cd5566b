package ad

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/internal/par"
)

// MaxPool is the largest number of each window and channel of m images x, m×(rows·cols·C), and
// where these are; a NaN in the window is the largest. Its gradient goes to the first place
// where the maximum is.
func (w Window) MaxPool(x Value) (y Value, at Maxima) {
	w.need("MaxPool", x, w.pixels())
	at = Maxima{w, x.R, w.largest(x)}
	y = blank(x.R, w.places()*w.C)
	at.take(y.Data, x.Data, true)
	t := x.live()
	if t == nil {
		return y, at
	}
	return t.push(y, []Value{x}, func(g []float64, acc [][]float64) { at.put(acc[0], g) }), at
}

// Maxima are the places where [Window.MaxPool] found the largest numbers.
type Maxima struct {
	window Window
	images int
	at     []int32 // in an image
}

// Grad is the gradient of ⟨g, MaxPool(x)⟩ in x: g where the maxima are, and 0 elsewhere. It is
// linear in g and, but for jumps, does not depend on x.
func (m Maxima) Grad(g Value) Value {
	if w := m.window; g.R != m.images || g.C != w.places()*w.C {
		panic(fmt.Sprintf("ad: Maxima.Grad: %s for a window of %v: want %d×%d", g.Shape(), w, m.images, w.places()*w.C))
	}
	out := zeros(m.images, m.window.pixels())
	m.put(out.Data, g.Data)
	t := g.live()
	if t == nil {
		return out
	}
	return t.push(out, []Value{g}, func(d []float64, acc [][]float64) { m.take(acc[0], d, false) })
}

// largest returns where in its image the maximum of each window and channel is.
func (w Window) largest(x Value) []int32 {
	rows, cols := w.Out()
	in, out := w.pixels(), w.places()*w.C
	at := make([]int32, x.R*out)
	step := together(in)
	par.Share((x.R+step-1)/step, func(tile int) {
		best := make([]float64, w.C)
		for m := tile * step; m < min(x.R, (tile+1)*step); m++ {
			image, to := x.Data[m*in:(m+1)*in], at[m*out:(m+1)*out]
			for i := range rows {
				for j := range cols {
					corner := (i*w.W + j) * w.Stride * w.C
					w.window(best, to[:w.C], image, corner)
					to = to[w.C:]
				}
			}
		}
	})
	return at
}

// window finds the maxima of one window.
func (w Window) window(best []float64, to []int32, image []float64, corner int) {
	for c := range best {
		best[c], to[c] = math.Inf(-1), int32(corner+c)
	}
	for u := range w.Size {
		for v := range w.Size {
			from := corner + (u*w.W+v)*w.C
			for c, x := range image[from : from+len(best)] {
				if x > best[c] || x != x {
					best[c], to[c] = x, int32(from+c)
				}
			}
		}
	}
}

// take sets dst to the numbers of images at these places, or adds them to it.
func (m Maxima) take(dst, images []float64, set bool) {
	in, out := m.window.pixels(), m.window.places()*m.window.C
	for i := range m.images {
		image, to := images[i*in:(i+1)*in], dst[i*out:(i+1)*out]
		for j, k := range m.at[i*out : (i+1)*out] {
			if set {
				to[j] = image[k]
			} else {
				to[j] += image[k]
			}
		}
	}
}

// put adds g to images at these places.
func (m Maxima) put(images, g []float64) {
	in, out := m.window.pixels(), m.window.places()*m.window.C
	for i := range m.images {
		image, from := images[i*in:(i+1)*in], g[i*out:(i+1)*out]
		for j, k := range m.at[i*out : (i+1)*out] {
			image[k] += from[j]
		}
	}
}
