package optimizee

import (
	"container/heap"
	"math"
	"slices"
)

// A landscape is F(x) = ½(x − m)ᵀH(x − m) − Σ wᵢ·cos(2πxᵢ) + shift with a positive definite
// H, in one or two unknowns: few enough to look at every valley.
type landscape struct {
	hessian []float64 // H, row by row
	middle  []float64 // m
	waves   []float64 // w
	shift   float64
}

// at is F and its gradient.
func (l landscape) at(x []float64) (f float64, grad []float64) {
	n := len(x)
	grad = make([]float64, n)
	f = l.shift
	for i := range n {
		for j := range n {
			grad[i] += l.hessian[i*n+j] * (x[j] - l.middle[j])
		}
		f += grad[i] * (x[i] - l.middle[i]) / 2
	}
	for i, w := range l.waves {
		sin, cos := math.Sincos(2 * math.Pi * x[i])
		f -= w * cos
		grad[i] += 2 * math.Pi * w * sin
	}
	return f, grad
}

// A cell is the box of all x with |xᵢ − midᵢ| ≤ halfᵢ, on which F ≥ bound.
type cell struct {
	mid, half []float64
	bound     float64
}

// cells are a heap, the lowest bound first.
type cells []cell

func (c cells) Len() int           { return len(c) }
func (c cells) Less(i, j int) bool { return c[i].bound < c[j].bound }
func (c cells) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cells) Push(x any)        { *c = append(*c, x.(cell)) }
func (c *cells) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// precise is how far below F(x) the bound of search may be, relative to the size of F.
const precise = 1e-12

// search returns the global minimiser and a lower bound on F that holds everywhere: branch
// and bound, halving the box with the lowest bound until no box can hold a value that is
// lower by more than rounding (Land and Doig 1960). Minima lie where
// ½(x − m)ᵀH(x − m) ≤ 2‖w‖₁, so the first box is finite.
func (l landscape) search() (best []float64, bound float64) {
	n := len(l.middle)
	best = l.descend(l.middle)
	least, _ := l.at(best)
	size := math.Abs(l.shift)
	first := cell{mid: l.middle, half: make([]float64, n)}
	for i, v := range l.inverse() {
		for _, w := range l.waves {
			size += math.Abs(w)
			first.half[i] += 4 * math.Abs(w) * v
		}
		first.half[i] = math.Sqrt(first.half[i]) + 1e-9
	}
	open := cells{first}
	open[0].bound = l.below(first)
	for open.Len() > 0 && open[0].bound < least-precise*size {
		wide := heap.Pop(&open).(cell)
		axis := 0
		if n > 1 && wide.half[1] > wide.half[0] {
			axis = 1
		}
		for _, side := range []float64{-0.5, 0.5} {
			c := cell{mid: slices.Clone(wide.mid), half: slices.Clone(wide.half)}
			c.half[axis] /= 2
			c.mid[axis] += side * wide.half[axis]
			c.bound = max(l.below(c), wide.bound)
			if c.bound >= least {
				continue
			}
			if f, _ := l.at(c.mid); f < least+size/100 { // worth a descent
				x := l.descend(c.mid)
				if f, _ := l.at(x); f < least {
					least, best = f, x
				}
			}
			heap.Push(&open, c)
		}
	}
	return best, least - precise*size
}

// inverse is the diagonal of H⁻¹.
func (l landscape) inverse() []float64 {
	h := l.hessian
	if len(l.middle) == 1 {
		return []float64{1 / h[0]}
	}
	det := h[0]*h[3] - h[1]*h[2]
	return []float64{h[3] / det, h[0] / det}
}

// below is a lower bound on F in a cell: the tangent of the quadratic at its middle with the
// lowest values of the waves, or, where F is convex in the cell, the tangent of F and, by
// strong convexity, F − ‖∇F‖²/(2µ).
func (l landscape) below(c cell) float64 {
	f, grad := l.at(c.mid)
	apart, tangent, slope := f, f, 0.
	curve := math.Inf(1) // the least curvature of the waves in the cell
	for i, w := range l.waves {
		x, h := c.mid[i], c.half[i]
		sin, cos := math.Sincos(2 * math.Pi * x)
		lo, hi := cosines(x, h)
		if w < 0 {
			lo, hi = hi, lo
		}
		apart += w*cos - w*hi - math.Abs(grad[i]-2*math.Pi*w*sin)*h
		tangent -= math.Abs(grad[i]) * h
		slope += grad[i] * grad[i]
		curve = min(curve, 4*math.Pi*math.Pi*w*lo)
	}
	if mu := l.least() + curve; mu > 0 {
		return max(apart, tangent, f-slope/(2*mu))
	}
	return apart
}

// least is the least eigenvalue of H.
func (l landscape) least() float64 {
	h := l.hessian
	if len(l.middle) == 1 {
		return h[0]
	}
	return (h[0]+h[3])/2 - math.Hypot((h[0]-h[3])/2, h[1])
}

// cosines are the least and the largest cos(2πt) for |t − x| ≤ h.
func cosines(x, h float64) (lo, hi float64) {
	a, b := math.Cos(2*math.Pi*(x-h)), math.Cos(2*math.Pi*(x+h))
	lo, hi = min(a, b), max(a, b)
	if math.Floor(x+h) >= x-h { // a whole number lies between
		hi = 1
	}
	if math.Floor(x+h-0.5) >= x-h-0.5 {
		lo = -1
	}
	return lo, hi
}

// descend goes down from x to a local minimum: Newton's steps where they lower F, halved
// steps along the gradient elsewhere.
func (l landscape) descend(x []float64) []float64 {
	x = slices.Clone(x)
	f, grad := l.at(x)
	for range 200 {
		moved := false
		for _, d := range [][]float64{l.newton(x, grad), grad} {
			for t := 1.; d != nil && t > 1e-10 && !moved; t /= 4 {
				y := slices.Clone(x)
				for i := range y {
					y[i] -= t * d[i]
				}
				if fy, gy := l.at(y); fy < f {
					x, f, grad, moved = y, fy, gy, true
				}
			}
			if moved {
				break
			}
		}
		if !moved {
			break
		}
	}
	return x
}

// newton is H_F⁻¹∇F, nil where the Hessian H_F is not positive definite.
func (l landscape) newton(x, grad []float64) []float64 {
	h := slices.Clone(l.hessian)
	n := len(x)
	for i, w := range l.waves {
		h[i*n+i] += 4 * math.Pi * math.Pi * w * math.Cos(2*math.Pi*x[i])
	}
	if n == 1 {
		if h[0] <= 0 {
			return nil
		}
		return []float64{grad[0] / h[0]}
	}
	det := h[0]*h[3] - h[1]*h[2]
	if h[0] <= 0 || det <= 0 {
		return nil
	}
	return []float64{(h[3]*grad[0] - h[1]*grad[1]) / det, (h[0]*grad[1] - h[2]*grad[0]) / det}
}
