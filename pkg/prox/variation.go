package prox

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
)

// Pairs lists rows i and n + i for each of n groups: the two differences at each pixel that
// [linear.Gradient] makes, so that Group(λ, Pairs(h·w)) of it is the total variation.
func Pairs(n int) [][]int {
	if n < 0 {
		panic(fmt.Sprintf("prox: Pairs: %d of them", n))
	}
	rows := make([][]int, n)
	for i := range rows {
		rows[i] = []int{i, n + i}
	}
	return rows
}

// TotalVariation is λ·Σ ‖(∇x)ᵢ‖₂ over the pixels of each column of x, an image of h×w
// pixels, row after row: the isotropic total variation, which favours areas of one colour
// (Rudin, Osher and Fatemi 1992). With h or w = 1 it is λ·Σ |xᵢ₊₁ − xᵢ| of a signal.
//
// The map of a signal is exact (Condat 2013) and can be differentiated. That of an image is
// found on its dual by an accelerated projected gradient method with restarts (Beck and
// Teboulle 2009), until the duality gap shows that it is within 1e-4 of the image's
// deviation from its mean, or 3,000 steps are over; on a tape it panics, as nothing would
// flow through it. There Plus(Group(λ, Pairs(h·w)), linear.Gradient(h, w)) takes its place.
func TotalVariation(lambda float64, h, w int) Regulariser {
	grad, pairs := linear.Gradient(h, w), groups(Pairs(max(h*w, 0)))
	r := Regulariser{
		Name: fmt.Sprintf("%g·TV of %d×%d", lambda, h, w),
		Value: func(x ad.Value) ad.Value {
			y := grad.Apply(x)
			return y.Dot(pairs.units(y)).Scale(lambda)
		},
		Subgrad: func(x ad.Value) ad.Value { return grad.Transpose(pairs.units(grad.Apply(x))).Scale(lambda) },
		Prox:    func(v, step ad.Value) ad.Value { return denoised(v, step.Scale(lambda), grad) },
		OneStep: true, Traits: lambdas(lambda),
		Err: errors.Join(check.Weight(lambda), grad.Err),
	}
	if h == 1 || w == 1 {
		r.Prox = func(v, step ad.Value) ad.Value { return smoothed(v, step.Scale(lambda)) }
		r.ordered = true
		r.Conjugate = func(u ad.Value) float64 { return domain(steepest(u), lambda) }
		r.Reach = func(u ad.Value) float64 { return ratio(lambda, steepest(u)) }
	}
	inner := r.Prox
	r.Prox = func(v, step ad.Value) ad.Value {
		if v.R != h*w {
			panic(fmt.Sprintf("prox: the total variation of %d×%d pixels at a %s value: it needs %d rows", h, w, v.Shape(), h*w))
		}
		return inner(v, step)
	}
	return r.checked()
}

// steepest is the dual norm of a signal's variation: the largest partial sum, +Inf where
// the sum is not 0.
func steepest(u ad.Value) float64 {
	var top float64
	for j := range u.C {
		var sum, size float64
		for k := j; k < u.Len(); k += u.C {
			top = max(top, math.Abs(sum))
			sum, size = sum+u.Data[k], size+math.Abs(u.Data[k])
		}
		if !(math.Abs(sum) <= inside*size) {
			return math.Inf(1) + sum
		}
	}
	return top
}

// smoothed is the map of a signal's variation in every column. Where the result is constant
// it is the mean of v, moved by ±t/n towards a neighbour that is on one side.
func smoothed(v, t ad.Value) ad.Value {
	out := ad.New(v.R, v.C, nil)
	for j := range v.C {
		col, x := column(v, j), make([]float64, v.R)
		if s := floats.Sum(col) * 0; s != 0 { // NaN
			floats.AddConst(s, x)
		} else {
			tautString(x, col, t.Item())
		}
		addColumn(out.Data, v.C, j, ad.New(v.R, 1, x))
	}
	return ad.Record(out, []ad.Value{v, t}, func(g []float64, acc [][]float64) {
		for j := range v.C {
			x, g := column(out, j), column(ad.New(v.R, v.C, g), j)
			for from := 0; from < len(x); {
				to, mean := from, 0.
				for ; to < len(x) && x[to] == x[from]; to++ {
					mean += g[to]
				}
				var pull float64 // how many more neighbours are above than below
				if from > 0 {
					pull += math.Copysign(1, x[from-1]-x[from])
				}
				if to < len(x) {
					pull += math.Copysign(1, x[to]-x[from])
				}
				mean /= float64(to - from)
				if acc[1] != nil {
					acc[1][0] += mean * pull
				}
				for i := from; i < to && acc[0] != nil; i++ {
					acc[0][i*v.C+j] += mean
				}
				from = to
			}
		}
	})
}

// tautString sets x to argmin ½‖x − y‖² + t·Σ|xᵢ₊₁ − xᵢ|, by Condat's direct algorithm
// (2013): it goes along y with the lowest and the highest level lo and hi that the segment
// may still have, and with their slacks u in the dual, and jumps where neither fits.
func tautString(x, y []float64, t float64) {
	last := len(y) - 1
	k, start, low, high := 0, 0, 0, 0 // the segment begins at start; lo and hi held last at low and high
	lo, hi, ulo, uhi := y[0]-t, y[0]+t, t, -t
	fill := func(to int, level float64) {
		for ; start <= to; start++ {
			x[start] = level
		}
		k, low, high = start, start, start
	}
	for {
		for k < last {
			switch next := y[k+1]; {
			case next+ulo < lo-t: // down
				fill(low, lo)
				lo, hi, ulo, uhi = y[k], y[k]+2*t, t, -t
			case next+uhi > hi+t: // up
				fill(high, hi)
				lo, hi, ulo, uhi = y[k]-2*t, y[k], t, -t
			default:
				k++
				ulo, uhi = ulo+next-lo, uhi+next-hi
				n := float64(k - start + 1)
				if ulo >= t {
					lo, ulo, low = lo+(ulo-t)/n, t, k
				}
				if uhi <= -t {
					hi, uhi, high = hi+(uhi+t)/n, -t, k
				}
			}
		}
		switch {
		case ulo < 0: // the end has slack 0
			fill(low, lo)
			lo, ulo, uhi = y[k], t, y[k]+t-hi
		case uhi > 0:
			fill(high, hi)
			hi, uhi, ulo = y[k], -t, y[k]-t-lo
		default:
			fill(last, lo+ulo/float64(k-start+1))
			return
		}
	}
}

// denoised is the map of an image's variation in every column.
func denoised(v, t ad.Value, grad linear.Operator) ad.Value {
	if ad.TapeOf(v, t) != nil {
		panic("prox: no gradient flows through the proximal map of the total variation of an image: Detach its arguments, or add Group(λ, Pairs(h·w)) of linear.Gradient")
	}
	out := ad.New(v.R, v.C, nil)
	for j := range v.C {
		col := column(v, j)
		if s := floats.Sum(col) * 0; s == 0 && t.Item() > 0 {
			denoise(col, t.Item(), grad)
		} else {
			floats.AddConst(s, col)
		}
		addColumn(out.Data, v.C, j, ad.New(v.R, 1, col))
	}
	return out
}

// denoise replaces v by x = v − t·∇ᵀp, where p with ‖pᵢ‖ ≤ 1 minimises ‖x‖². The gap between
// both problems is t·Σ (‖(∇x)ᵢ‖ − ⟨(∇x)ᵢ, pᵢ⟩), and x is within √(2·gap) of the solution.
func denoise(v []float64, t float64, grad linear.Operator) {
	n := len(v)
	p, q, last, slope, x := make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n), make([]float64, n)
	at := func(p []float64) { // x and its gradient
		grad.Adjoint(x, p)
		for i, d := range x {
			x[i] = v[i] - t*d
		}
		grad.Forward(slope, x)
	}
	mean, spread := floats.Sum(v)/float64(n), 0.
	for _, y := range v {
		spread += (y - mean) * (y - mean)
	}
	theta := 1.
	for k := range 3000 {
		if k%10 == 0 {
			if at(p); t*(lengths(slope)-floats.Dot(slope, p)) <= 0.5e-8*spread {
				break
			}
		}
		at(q)
		copy(last, p)
		ascend(p, q, slope, 1/(8*t))
		next := (1 + math.Sqrt(1+4*theta*theta)) / 2
		if momentum(q, p, last, (theta-1)/next) {
			next = 1
		}
		theta = next
	}
	at(p)
	copy(v, x)
}

// lengths is Σ ‖yᵢ‖ over pixels.
func lengths(y []float64) float64 {
	var sum float64
	n := len(y) / 2
	for i, a := range y[:n] {
		sum += math.Hypot(a, y[n+i])
	}
	return sum
}

// ascend sets p to the projection of q + s·slope onto unit discs.
func ascend(p, q, slope []float64, s float64) {
	n := len(p) / 2
	for i := range n {
		a, b := q[i]+s*slope[i], q[n+i]+s*slope[n+i]
		by := 1 / max(1, math.Sqrt(a*a+b*b))
		p[i], p[n+i] = a*by, b*by
	}
}

// momentum sets q to p + β(p − last), or to p where the step went against the momentum,
// which it reports (O'Donoghue and Candès 2015).
func momentum(q, p, last []float64, beta float64) (restart bool) {
	var against float64
	for i, a := range p {
		against += (q[i] - a) * (a - last[i])
	}
	if restart = against > 0; restart {
		beta = 0
	}
	for i, a := range p {
		q[i] = a + beta*(a-last[i])
	}
	return restart
}
