package prox

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/closure"
)

// A Regulariser is the part r of F(x) = f(x) + r(x) that has a proximal map: a penalty
// such as λ‖x‖₁, or a constraint, which is 0 inside of its set and +Inf outside. As with
// a problem, a function that is nil says "cannot answer".
type Regulariser struct {
	Name string

	Value   func(x ad.Value) ad.Value       // r(x), 1×1; +Inf outside of a constraint
	Prox    func(v, step ad.Value) ad.Value // prox of step·r at v; step is 1×1 or, unless OneStep, one per entry
	Subgrad func(x ad.Value) ad.Value       // an element of ∂r(x); nil for constraints

	OneStep bool // Prox takes one step for all entries: r is no sum over entries, and with a step for each there is no closed form

	// What certificates are made of: r*(u) = sup ⟨u, x⟩ − r(x), +Inf outside of its domain,
	// and Reach, the largest t (+Inf where there is none) for which t·u is in that domain.
	Conjugate func(u ad.Value) float64
	Reach     func(u ad.Value) float64

	Traits map[string]float64 // what a problem with this r adds to its Traits, such as lambda
	Err    error              // why there is no such r; a problem with it reports it

	entries *entries // what Sum adds up, of the regularisers that are made of it
	radial  bool     // Prox multiplies each group of entries by one number at least 0
	ordered bool     // ∂r(x) grows where entries of x are moved by one monotone function
	known   known    // the functions that are known to keep nothing; see Forgets
}

// known tells functions apart.
type known [3]closure.ID

func (r *Regulariser) ids() known {
	return known{closure.Of(&r.Value), closure.Of(&r.Prox), closure.Of(&r.Subgrad)}
}

// Forgets reports whether it is known that no function of r keeps a value that it is shown
// or gives: all of them are those of this package, and r is separable.
func (r *Regulariser) Forgets() bool { return r.known != known{} && r.known == r.ids() }

// ProxConjugate is the proximal map of step·r*, which primal-dual rules take, by Moreau's
// identity v = prox_{t·r*}(v) + t·prox_{r/t}(v/t).
func (r Regulariser) ProxConjugate(v, step ad.Value) ad.Value {
	return v.Sub(step.Mul(r.Prox(v.Div(step), ad.Scalar(1).Div(step))))
}

// made is q, made of r, without what r cannot answer.
func made(q, r Regulariser) Regulariser {
	if r.Value == nil {
		q.Value = nil
	}
	if r.Prox == nil {
		q.Prox = nil
	}
	return q
}

// checked is r with a Prox that refuses steps of a wrong shape.
func (r Regulariser) checked() Regulariser {
	inner := r.Prox
	if inner == nil {
		return r
	}
	r.Prox = func(v, step ad.Value) ad.Value {
		switch each := step.R == v.R && step.C == v.C; {
		case step.Len() == 1, each && !r.OneStep:
			return inner(v, step)
		case r.OneStep:
			panic(fmt.Sprintf("prox: the proximal map of %s at %s takes one step for all entries, not %s", r.Name, v.Shape(), step.Shape()))
		default:
			panic(fmt.Sprintf("prox: the proximal map of %s at %s takes one step or one per entry, not %s", r.Name, v.Shape(), step.Shape()))
		}
	}
	return r
}

const (
	inside = 1e-9  // how far from a set a point may be, relative to its size, and count as inside
	within = 1e-12 // the same for domains of conjugates, which certificates are made of
)

// indicator is the value of a set for a point that is outside by excess, where numbers of
// that size took part.
func indicator(excess, size float64) ad.Value {
	switch {
	case math.IsNaN(excess):
		return ad.Scalar(math.NaN())
	case excess > inside*size:
		return ad.Scalar(math.Inf(1))
	}
	return ad.Scalar(0)
}

// domain is the conjugate of a norm: 0 where the dual norm is at most radius, +Inf elsewhere.
func domain(dual, radius float64) float64 {
	switch {
	case math.IsNaN(dual):
		return dual
	case dual > radius*(1+within):
		return math.Inf(1)
	}
	return 0
}

// ratio is the largest t with t·top ≤ radius.
func ratio(radius, top float64) float64 {
	if top == 0 {
		return math.Inf(1)
	}
	return radius / top
}

// reach finds the largest t for which conjugate(t·u) is finite, by bisection. The domain is
// convex and holds 0.
func reach(conjugate func(ad.Value) float64, u ad.Value) float64 {
	finite := func(t float64) bool { return conjugate(u.Scale(t)) < math.Inf(1) }
	top := largest(u)
	if !(top > 0) || math.IsInf(top, 1) {
		return ratio(0, top)
	}
	lo, hi := 0., 1/top
	for ; finite(hi); hi *= 2 {
		if lo = hi; hi > 1e300 {
			return math.Inf(1)
		}
	}
	for range 60 {
		if mid := (lo + hi) / 2; finite(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// largest is ‖u‖∞; NaN where there is one.
func largest(u ad.Value) float64 {
	var top float64
	for _, v := range u.Data {
		top = max(top, math.Abs(v))
	}
	return top
}
