package ad

import (
	"sync"

	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
)

// Conv is the convolution of networks, a cross-correlation, of m images x (m×H·W·C) with F
// filters k (Size²·C×F, the numbers of a window from its upper left, channels fastest):
//
//	y(i, j, f) = Σ_{u,v,c} x(i·Stride + u, j·Stride + v, c)·k(u, v, c; f)
//
// as images of F channels, m×(rows·cols·F) with the rows and cols of [Window.Out]. It is
// bilinear, and its two gradients ([Window.ConvKernelGrad], [Window.ConvImageGrad]) are
// operations of the same kind: each is differentiated by the other two. All of them gather
// windows into the rows of a matrix, a few images at a time, and multiply it.
func (w Window) Conv(x, k Value) Value {
	w.need("Conv", x, w.pixels())
	if k.R != w.seen() {
		panicShapes("Conv by "+w.String(), x, k)
	}
	out := blank(x.R, w.places()*k.C)
	w.addConv(out.Data, x.Data, k.Data, x.R, k.C, true)
	t := TapeOf(x, k)
	if t == nil {
		return out
	}
	return t.push(out, []Value{x, k}, func(g []float64, acc [][]float64) {
		w.addImages(acc[0], g, k.Data, x.R, k.C, false)
		w.addKernel(acc[1], x.Data, g, x.R, k.C)
	})
}

// ConvKernelGrad is the gradient of ⟨g, Conv(x, k)⟩ in k: Σ over the windows of all images of
// a window times what g (m×rows·cols·F) holds for it, Size²·C×F.
func (w Window) ConvKernelGrad(x, g Value) Value {
	w.need("ConvKernelGrad", x, w.pixels())
	if g.R != x.R || g.C%w.places() != 0 {
		panicShapes("ConvKernelGrad by "+w.String(), x, g)
	}
	f := g.C / w.places()
	out := zeros(w.seen(), f)
	w.addKernel(out.Data, x.Data, g.Data, x.R, f)
	t := TapeOf(x, g)
	if t == nil {
		return out
	}
	return t.push(out, []Value{x, g}, func(d []float64, acc [][]float64) {
		w.addImages(acc[0], g.Data, d, x.R, f, false)
		w.addConv(acc[1], x.Data, d, x.R, f, false)
	})
}

// ConvImageGrad is the gradient of ⟨g, Conv(x, k)⟩ in x, the transposed convolution: every
// window gets its g times the filters, and what windows share is added.
func (w Window) ConvImageGrad(g, k Value) Value {
	w.need("ConvImageGrad", g, w.places()*k.C)
	if k.R != w.seen() {
		panicShapes("ConvImageGrad by "+w.String(), g, k)
	}
	out := blank(g.R, w.pixels())
	w.addImages(out.Data, g.Data, k.Data, g.R, k.C, true)
	t := TapeOf(g, k)
	if t == nil {
		return out
	}
	return t.push(out, []Value{g, k}, func(d []float64, acc [][]float64) {
		w.addConv(acc[0], d, k.Data, g.R, k.C, false)
		w.addKernel(acc[1], d, g.Data, g.R, k.C)
	})
}

// addConv adds the convolution of m images with f filters to dst, or sets it: zeros that are
// written where they are needed next cost nothing. A nil dst takes nothing.
func (w Window) addConv(dst, x, k []float64, m, f int, set bool) {
	if dst == nil {
		return
	}
	in, out, seen := w.pixels(), w.places(), w.seen()
	step := together(out * seen)
	par.Share((m+step-1)/step, func(tile int) {
		from, n := tile*step, min(step, m-tile*step)
		within64(n*out*seen, func(p []float64) {
			for i := range n {
				w.gather(p[i*out*seen:], x[(from+i)*in:])
			}
			y := dst[from*out*f : (from+n)*out*f]
			if set {
				clear(y)
			}
			kern.GemmNN64(n*out, f, seen, p, k, y)
		})
	})
}

// addImages adds the gradient in the images to dst, given that of what comes of them, or sets it.
func (w Window) addImages(dst, g, k []float64, m, f int, set bool) {
	if dst == nil {
		return
	}
	in, out, seen := w.pixels(), w.places(), w.seen()
	step := together(out * seen)
	par.Share((m+step-1)/step, func(tile int) {
		from, n := tile*step, min(step, m-tile*step)
		within64(n*out*seen, func(p []float64) {
			clear(p)
			kern.GemmNT64(n*out, seen, f, g[from*out*f:(from+n)*out*f], k, p)
			if set {
				clear(dst[from*in : (from+n)*in])
			}
			for i := range n {
				w.scatter(dst[(from+i)*in:], p[i*out*seen:])
			}
		})
	})
}

// parts is into how many sums a gradient in the filters is cut, which are added in their order.
const parts = 8

// addKernel adds the gradient in the filters to dst.
func (w Window) addKernel(dst, x, g []float64, m, f int) {
	if dst == nil {
		return
	}
	in, out, seen := w.pixels(), w.places(), w.seen()
	step, each := together(out*seen), (m+parts-1)/parts
	sums := make([][]float64, parts)
	par.Share(parts, func(part int) {
		end := min(m, (part+1)*each)
		if part*each >= end {
			return
		}
		sums[part] = make([]float64, seen*f)
		for from := part * each; from < end; from += step {
			n := min(step, end-from)
			within64(n*out*seen, func(p []float64) {
				for i := range n {
					w.gather(p[i*out*seen:], x[(from+i)*in:])
				}
				kern.GemmTN64(seen, f, n*out, p, g[from*out*f:(from+n)*out*f], sums[part])
			})
		}
	})
	for _, s := range sums {
		axpy(1, s, dst[:len(s)])
	}
}

// gather writes the windows of an image into the rows of p.
func (w Window) gather(p, x []float64) {
	rows, cols := w.Out()
	line := w.Size * w.C // of a window
	for i := range rows {
		for j := range cols {
			for u := range w.Size {
				copy(p[:line], x[((i*w.Stride+u)*w.W+j*w.Stride)*w.C:])
				p = p[line:]
			}
		}
	}
}

// scatter adds the rows of p to where gather took them from.
func (w Window) scatter(x, p []float64) {
	rows, cols := w.Out()
	line := w.Size * w.C
	for i := range rows {
		for j := range cols {
			for u := range w.Size {
				kern.Axpy64(1, p[:line], x[((i*w.Stride+u)*w.W+j*w.Stride)*w.C:])
				p = p[line:]
			}
		}
	}
}

// rooms64 are where windows are gathered.
var rooms64 = sync.Pool{New: func() any { return new([]float64) }}

// within64 calls f with n numbers, which may be anything.
func within64(n int, f func(p []float64)) {
	room := rooms64.Get().(*[]float64)
	defer rooms64.Put(room)
	if cap(*room) < n {
		*room = make([]float64, n)
	}
	f((*room)[:n])
}
