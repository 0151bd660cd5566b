package prox

import (
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// NonNegative is the set x ≥ 0, with the projection max(v, 0).
func NonNegative() Regulariser {
	return entries{lo: ad.Scalar(0), hi: ad.Scalar(math.Inf(1))}.regulariser("x ≥ 0", nil)
}

// Box is the set lo ≤ x ≤ hi, with the projection min(max(v, lo), hi). Bounds may be
// infinite.
func Box(lo, hi float64) Regulariser {
	return entries{lo: ad.Scalar(lo), hi: ad.Scalar(hi)}.regulariser(fmt.Sprintf("%g ≤ x ≤ %g", lo, hi), nil)
}

// BoxEach is the set lo ≤ x ≤ hi with bounds for each entry, or for each row as columns.
// Gradients flow into bounds that are met.
func BoxEach(lo, hi ad.Value) Regulariser {
	return entries{lo: lo, hi: hi}.regulariser("lo ≤ x ≤ hi", nil, given("BoxEach: lower bounds", lo), given("BoxEach: upper bounds", hi))
}

// Equal is the set of the one point b, as in r(Kx) for the equations Kx = b of a linear
// program.
func Equal(b ad.Value) Regulariser {
	return entries{lo: b, hi: b}.regulariser("x = b", nil, given("Equal: b", b), check.Values("b", b))
}

// Simplex is the set of x whose columns are at least 0 and sum to total, such as
// probabilities for total 1.
func Simplex(total float64) Regulariser {
	r := set(fmt.Sprintf("x ≥ 0, Σx = %g", total), func(v ad.Value) ad.Value { return simplex(v, ad.Scalar(total)) })
	r.Value = func(x ad.Value) ad.Value {
		var excess float64
		for _, s := range columnSums(x).Data {
			excess = max(excess, math.Abs(s-total))
		}
		for _, v := range x.Data {
			excess = max(excess, -v)
		}
		return indicator(excess, max(total, largest(x)))
	}
	r.Conjugate = func(u ad.Value) float64 {
		var sum float64
		for j := range u.C {
			top := math.Inf(-1)
			for k := j; k < u.Len(); k += u.C {
				top = max(top, u.Data[k])
			}
			sum += total * top
		}
		return sum
	}
	r.Err = check.Positive("Simplex", "the total", total)
	return r
}

// L2Ball is the set of x whose columns have ‖x‖₂ ≤ radius.
func L2Ball(radius float64) Regulariser {
	all := groups(nil)
	r := set(fmt.Sprintf("‖x‖₂ ≤ %g", radius), func(v ad.Value) ad.Value {
		return where(all.beyond(v, radius), all.units(v).Scale(radius), v)
	})
	r.radial = true
	return ball(r, radius, all.norms, all.norms)
}

// L1Ball is the set of x whose columns have ‖x‖₁ ≤ radius.
func L1Ball(radius float64) Regulariser {
	r := set(fmt.Sprintf("‖x‖₁ ≤ %g", radius), func(v ad.Value) ad.Value { return l1Ball(v, ad.Scalar(radius)) })
	sizes := func(x ad.Value) []float64 { return columnSums(x.Detach().Abs()).Data }
	return ball(r, radius, sizes, tallest)
}

// tallest lists max|xᵢ| of all columns.
func tallest(x ad.Value) []float64 {
	tops := make([]float64, x.C)
	for k, v := range x.Data {
		tops[k%x.C] = max(tops[k%x.C], math.Abs(v))
	}
	return tops
}

// ball gives a ball of a norm its value and, by the dual norm, its conjugate radius·‖u‖.
func ball(r Regulariser, radius float64, norms, duals func(ad.Value) []float64) Regulariser {
	r.Value = func(x ad.Value) ad.Value {
		var excess float64
		for _, n := range norms(x) {
			excess = max(excess, n-radius)
		}
		return indicator(excess, radius)
	}
	r.Conjugate = func(u ad.Value) float64 {
		var sum float64
		for _, n := range duals(u) {
			sum += radius * n
		}
		return sum
	}
	r.Err = check.Positive("a ball", "the radius", radius)
	return r
}

// Halfspace is the set of x whose columns have ⟨a, x⟩ ≤ b.
func Halfspace(a ad.Value, b float64) Regulariser {
	square := a.SumSquares().Item()
	r := set(fmt.Sprintf("⟨a, x⟩ ≤ %g", b), func(v ad.Value) ad.Value {
		return v.Sub(a.MatMul(a.TMatMul(v).Shift(-b).ReLU().Scale(1 / square)))
	})
	r.Value = func(x ad.Value) ad.Value {
		var excess float64
		for _, s := range a.TMatMul(x).Data {
			excess = max(excess, s-b)
		}
		return indicator(excess, max(math.Abs(b), math.Sqrt(square)*norm(x.Data, places(x.Len()))))
	}
	// The supremum is finite for u = s·a with s ≥ 0 alone.
	r.Conjugate = func(u ad.Value) float64 {
		s := a.TMatMul(u).Scale(1 / square)
		var sum float64
		for _, v := range s.Data {
			sum += max(v, 0) * b
		}
		if !(largest(u.Sub(a.MatMul(s.ReLU()))) <= within*largest(u)) {
			return math.Inf(1) + sum
		}
		return sum
	}
	r.Reach = func(u ad.Value) float64 { return endless(r.Conjugate, u) }
	r.Err = errors.Join(check.Values("a", a), check.Finite("Halfspace", "b", b),
		check.That(a.C == 1 && square > 0, "Halfspace: a is %s and ‖a‖² = %g: it has to be a column that is not 0", a.Shape(), square))
	return r
}

// set is the indicator of a bounded set, by its projection.
func set(name string, project func(v ad.Value) ad.Value) Regulariser {
	return Regulariser{
		Name:    name,
		Prox:    func(v, _ ad.Value) ad.Value { return project(v) },
		Reach:   func(u ad.Value) float64 { return math.Inf(1) + largest(u) },
		OneStep: true,
	}.checked()
}

// endless is the Reach of a set whose conjugate has a cone for its domain.
func endless(conjugate func(ad.Value) float64, u ad.Value) float64 {
	switch c := conjugate(u); {
	case math.IsNaN(c):
		return c
	case math.IsInf(c, 1):
		return 0
	}
	return math.Inf(1)
}

// places are 0, 1, … n − 1.
func places(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
