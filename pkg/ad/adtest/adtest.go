// Package adtest checks derivatives. A gradient is checked in up to three ways:
// entry by entry against finite differences, along random directions, and against
// another way to compute the same thing.
package adtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
)

// Func is a function under test: any values in, a 1×1 value out.
type Func func(xs ...ad.Value) ad.Value

// Gradients returns f's value and its gradient with respect to every argument.
func Gradients(f Func, xs ...ad.Value) (float64, [][]float64) {
	var tape ad.Tape
	ws := make([]ad.Value, len(xs))
	for i, x := range xs {
		ws[i] = tape.Watch(x)
	}
	y := f(ws...)
	if y.Recorded() {
		y.Backward()
	}
	gs := make([][]float64, len(xs))
	for i, w := range ws {
		gs[i] = append([]float64(nil), w.Grad()...)
	}
	return y.Item(), gs
}

// Check compares f's gradient with finite differences in every entry and along
// eight random directions. tol bounds the error relative to the largest entry of
// the gradient, with the roundoff that f's own size makes unavoidable on top.
// f has to be smooth at xs.
func Check(t testing.TB, tol float64, f Func, xs ...ad.Value) {
	t.Helper()
	f0, gs := Gradients(f, xs...)
	if math.IsNaN(f0) || math.IsInf(f0, 0) {
		t.Fatalf("f = %g at the point of the check", f0)
	}
	top := 1e-3
	for _, g := range gs {
		for _, v := range g {
			top = max(top, math.Abs(v))
		}
	}
	for i, x := range xs {
		for j := range x.Data {
			num, noise := Difference(func(h float64) float64 { return f(moved(xs, i, j, h)...).Item() }, math.Abs(x.Data[j]))
			if e := math.Abs(num - gs[i][j]); !(e <= tol*top+noise) {
				t.Errorf("argument %d entry %d: gradient %.10g, finite difference %.10g ± %.1g", i, j, gs[i][j], num, noise)
				return
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		dirs, along, norm := make([]ad.Value, len(xs)), 0., 0.
		for i, x := range xs {
			dirs[i] = ad.New(x.R, x.C, nil)
			for j := range dirs[i].Data {
				d := rng.NormFloat64()
				dirs[i].Data[j] = d
				along += d * gs[i][j]
				norm += math.Abs(d * gs[i][j])
			}
		}
		num, noise := Difference(func(h float64) float64 {
			ys := make([]ad.Value, len(xs))
			for i := range xs {
				ys[i] = xs[i].Add(dirs[i].Scale(h))
			}
			return f(ys...).Item()
		}, 1)
		if e := math.Abs(num - along); !(e <= tol*max(norm, top)+noise) {
			t.Errorf("along a random direction: gradient %.10g, finite difference %.10g ± %.1g", along, num, noise)
			return
		}
	}
}

// Difference estimates φ′(0). scale is the size of what h is added to. The step
// balances truncation against cancellation: it starts at scale·ε^(1/5), uses
// the five-point formula, and noise tells what rounding in φ may have added.
func Difference(phi func(h float64) float64, scale float64) (slope, noise float64) {
	h := math.Pow(2, math.Round(math.Log2(1e-3*max(scale, 0.1)))) // a power of two: x ± h is exact to rounding
	a, b, c, d := phi(-2*h), phi(-h), phi(h), phi(2*h)
	slope = (a - 8*b + 8*c - d) / (12 * h)
	size := max(math.Abs(a), math.Abs(b), math.Abs(c), math.Abs(d))
	return slope, 20 * size * 0x1p-52 / h
}

// Equal checks that f and g agree in value and in all gradients, to tol relative
// to the largest entry of each gradient.
func Equal(t testing.TB, tol float64, f, g Func, xs ...ad.Value) {
	t.Helper()
	fv, fg := Gradients(f, xs...)
	gv, gg := Gradients(g, xs...)
	if d := math.Abs(fv - gv); !(d <= tol*max(1, math.Abs(gv))) {
		t.Errorf("values differ: %.12g and %.12g", fv, gv)
	}
	for i := range xs {
		if d := Distance(fg[i], gg[i]); !(d <= tol) {
			t.Errorf("argument %d: gradients differ by %.3g of the largest entry", i, d)
		}
	}
}

// Distance is max|a−b| / max|b|, or max|a−b| where b is zero; NaN when a or b has one.
func Distance(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	var diff, top float64
	for i := range a {
		diff = max(diff, math.Abs(a[i]-b[i]))
		top = max(top, math.Abs(b[i]))
	}
	if top == 0 {
		return diff
	}
	return diff / top
}

// Random returns an r×c value with entries N(0, 1).
func Random(rng *rand.Rand, r, c int) ad.Value {
	v := ad.New(r, c, nil)
	for i := range v.Data {
		v.Data[i] = rng.NormFloat64()
	}
	return v
}

// Shapes calls f with n random shapes, 1×1, a row and a column among them.
func Shapes(n int, seed uint64, f func(rng *rand.Rand, r, c int)) {
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		r, c := 1+rng.IntN(7), 1+rng.IntN(7)
		switch i {
		case 0:
			r, c = 1, 1
		case 1:
			r = 1
		case 2:
			c = 1
		}
		f(rng, r, c)
	}
}

// moved returns xs with h added to entry j of argument i.
func moved(xs []ad.Value, i, j int, h float64) []ad.Value {
	ys := append([]ad.Value(nil), xs...)
	y := ad.New(xs[i].R, xs[i].C, append([]float64(nil), xs[i].Data...))
	y.Data[j] += h
	ys[i] = y
	return ys
}
