package ad

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/internal/par"
)

// MaxPool is the largest number of each window and channel of m images x, m×(rows·cols·C); a
// NaN in the window is the largest. Its gradient goes to the first place where the maximum is.
func (w Window) MaxPool(x Value) Value {
	w.need("MaxPool", x, w.pixels())
	out, at := blank(x.R, w.places()*w.C), w.largest(x)
	w.take(out.Data, x.Data, at, true)
	t := x.live()
	if t == nil {
		return out
	}
	return t.push(out, []Value{x}, func(g []float64, acc [][]float64) { w.put(acc[0], g, at) })
}

// MaxPoolGrad is the gradient of ⟨g, MaxPool(x)⟩ in x: g where the maxima of x are, and 0
// elsewhere. It is linear in g and, but for jumps, does not depend on x.
func (w Window) MaxPoolGrad(x, g Value) Value {
	w.need("MaxPoolGrad", x, w.pixels())
	if g.R != x.R || g.C != w.places()*w.C {
		panic(fmt.Sprintf("ad: MaxPoolGrad: %s by %s for a window of %v: want %d×%d", x.Shape(), g.Shape(), w, x.R, w.places()*w.C))
	}
	out, at := zeros(x.R, x.C), w.largest(x)
	w.put(out.Data, g.Data, at)
	t := g.live()
	if t == nil {
		return out
	}
	return t.push(out, []Value{g}, func(d []float64, acc [][]float64) { w.take(acc[0], d, at, false) })
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

// take sets dst to the numbers at these places of images, or adds them to it.
func (w Window) take(dst, images []float64, at []int32, set bool) {
	in, out := w.pixels(), w.places()*w.C
	for i, k := range at {
		x := images[i/out*in+int(k)]
		if set {
			dst[i] = x
		} else {
			dst[i] += x
		}
	}
}

// put adds g to these places of images.
func (w Window) put(images, g []float64, at []int32) {
	in, out := w.pixels(), w.places()*w.C
	for i, k := range at {
		images[i/out*in+int(k)] += g[i]
	}
}
