package prox

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// Translate is r(x − c).
func (r Regulariser) Translate(c ad.Value) Regulariser {
	q := r.affine(1, 1, c)
	q.Name += " at x − c"
	q.Err = errors.Join(r.Err, check.Values("c", c))
	return q
}

// Scale is s·r(x) for s > 0.
func (r Regulariser) Scale(s float64) Regulariser {
	q := r.affine(s, 1, ad.Value{})
	q.Name = fmt.Sprintf("%g·(%s)", s, r.Name)
	q.Traits = maps.Clone(r.Traits)
	for _, weight := range []string{"lambda", "ridge"} {
		if w, ok := r.Traits[weight]; ok {
			q.Traits[weight] = s * w
		}
	}
	q.Err = errors.Join(r.Err, check.Positive("Scale", "s", s))
	if r.entries != nil {
		e := *r.entries
		for _, v := range []*ad.Value{&e.weight, &e.ridge, &e.slope} {
			if !v.IsZero() {
				*v = v.Scale(s)
			}
		}
		q.entries = &e
	}
	q.radial = r.radial
	return q
}

// Stretch is r(c·x) for c ≠ 0.
func (r Regulariser) Stretch(c float64) Regulariser {
	q := r.affine(1, c, ad.Value{})
	q.Name += fmt.Sprintf(" at %g·x", c)
	q.Err = errors.Join(r.Err, check.Finite("Stretch", "c", c), check.That(c != 0, "Stretch: c is 0: r(0·x) is a constant"))
	q.radial = r.radial
	return q
}

// affine is s·r(cx − b), with y = cx − b for variable: its map is
// (prox_{t·s·c²·r}(cv − b) + b)/c, and its conjugate s·r*(u/(sc)) + ⟨u, b⟩/c.
func (r Regulariser) affine(s, c float64, b ad.Value) Regulariser {
	to := func(x ad.Value) ad.Value {
		if c != 1 {
			x = x.Scale(c)
		}
		if !b.IsZero() {
			x = x.Sub(b)
		}
		return x
	}
	q := r
	q.entries, q.radial, q.ordered = nil, false, false
	q.Value = func(x ad.Value) ad.Value { return r.Value(to(x)).Scale(s) }
	q.Prox = func(v, step ad.Value) ad.Value {
		x := r.Prox(to(v), step.Scale(s*c*c))
		if !b.IsZero() {
			x = x.Add(b)
		}
		if c != 1 {
			x = x.Scale(1 / c)
		}
		return x
	}
	if r.Subgrad != nil {
		q.Subgrad = func(x ad.Value) ad.Value { return r.Subgrad(to(x)).Scale(s * c) }
	}
	if r.Conjugate != nil {
		q.Conjugate = func(u ad.Value) float64 {
			sum := s * r.Conjugate(u.Scale(1/(s*c)))
			if !b.IsZero() {
				sum += u.Mul(b).Sum().Item() / c
			}
			return sum
		}
	}
	if r.Reach != nil {
		q.Reach = func(u ad.Value) float64 { return r.Reach(u.Scale(1 / (s * c))) }
	}
	return made(q, r)
}

// Moreau is the Moreau envelope of r, min over y of r(y) + ‖x − y‖²/(2t): the same minima,
// but smooth, with the gradient (x − prox_{t·r}(x))/t, which Subgrad answers. Its own map is
// v + s/(s+t)·(prox_{(s+t)·r}(v) − v) (Beck 2017, Theorem 6.63).
func (r Regulariser) Moreau(t float64) Regulariser {
	q := r
	q.entries, q.ordered = nil, false
	q.Name = fmt.Sprintf("the envelope (t = %g) of %s", t, r.Name)
	q.Subgrad = func(x ad.Value) ad.Value { return x.Sub(r.Prox(x, ad.Scalar(t))).Scale(1 / t) }
	q.Value = func(x ad.Value) ad.Value {
		p := r.Prox(x.Detach(), ad.Scalar(t))
		rest := x.Detach().Sub(p)
		return ad.Record(r.Value(p).Add(rest.SumSquares().Scale(1/(2*t))).Detach(), []ad.Value{x}, func(g []float64, acc [][]float64) {
			for k, d := range rest.Data {
				acc[0][k] += g[0] * d / t
			}
		})
	}
	q.Prox = func(v, step ad.Value) ad.Value {
		sum := step.Shift(t)
		return v.Add(step.Div(sum).Mul(r.Prox(v, sum).Sub(v)))
	}
	if r.Conjugate != nil {
		q.Conjugate = func(u ad.Value) float64 { return r.Conjugate(u) + t/2*u.SumSquares().Item() }
	}
	q.Err = errors.Join(r.Err, check.Positive("Moreau", "t", t), check.That(r.Err != nil || r.Value != nil && r.Prox != nil, "the envelope of %s is made of its Value and Prox, and one of them is nil", r.Name))
	return q.checked()
}

// Rows is r of rows from ≤ i < to of x, and 0 on the others, such as an intercept that
// is not penalised.
func (r Regulariser) Rows(from, to int) Regulariser {
	cut := func(x ad.Value) ad.Value { return rows(x, from, to) }
	rest := func(u ad.Value) float64 { return max(largest(rows(u, 0, from)), largest(rows(u, to, u.R))) }
	q := r
	q.entries, q.ordered = nil, false
	q.Name += fmt.Sprintf(" of rows %d to %d", from, to-1)
	q.Value = func(x ad.Value) ad.Value { return r.Value(cut(x)) }
	q.Prox = func(v, step ad.Value) ad.Value {
		if step.Len() > 1 {
			step = cut(step)
		}
		return stack(rows(v, 0, from), r.Prox(cut(v), step), rows(v, to, v.R))
	}
	if r.Subgrad != nil {
		q.Subgrad = func(x ad.Value) ad.Value {
			return stack(rows(x, 0, from).Scale(0), r.Subgrad(cut(x)), rows(x, to, x.R).Scale(0))
		}
	}
	if r.Conjugate != nil {
		q.Conjugate = func(u ad.Value) float64 { return domain(rest(u), 0) + r.Conjugate(cut(u)) }
	}
	if r.Reach != nil {
		q.Reach = func(u ad.Value) float64 { return min(ratio(0, rest(u)), r.Reach(cut(u))) }
	}
	q.Err = errors.Join(r.Err, check.That(0 <= from && from < to, "Rows: from %d to %d there are no rows", from, to))
	return made(q, r).checked()
}

// rows are rows from ≤ i < to of x.
func rows(x ad.Value, from, to int) ad.Value {
	if to > x.R {
		panic(fmt.Sprintf("prox: rows %d to %d of a %s value", from, to-1, x.Shape()))
	}
	return ad.Record(ad.New(to-from, x.C, slices.Clone(x.Data[from*x.C:to*x.C])), []ad.Value{x}, func(g []float64, acc [][]float64) {
		for k, gk := range g {
			acc[0][from*x.C+k] += gk
		}
	})
}

// stack puts values below each other.
func stack(parts ...ad.Value) ad.Value {
	var data []float64
	for _, p := range parts {
		data = append(data, p.Data...)
	}
	c := parts[0].C
	return ad.Record(ad.New(len(data)/max(c, 1), c, data), parts, func(g []float64, acc [][]float64) {
		for i, p := range parts {
			for k := range acc[i] {
				acc[i][k] += g[k]
			}
			g = g[p.Len():]
		}
	})
}

// Sum is r₁ + r₂ + … where the proximal map of the sum is known to be made of those of
// its terms; where it is not, Err says so, and Problem.Plus takes the terms one by one for
// rules that split. The sums that are known:
//
//   - any of None, L1, WeightedL1, ElasticNet, SquaredL2, Linear, NonNegative, Box, BoxEach
//     and Equal with each other: a soft threshold, then a factor, then a cut. Of one convex
//     variable, the minimiser on an interval is the point next to the free one.
//   - any r with SquaredL2 or Linear: completing the square gives
//     prox_{t·r/(1+tµ)}((v − tc)/(1+tµ)).
//   - Group, L2 or L2Ball with L1, WeightedL1 or NonNegative, such as the sparse group lasso:
//     the map of the entries, then that of the groups, as the first part is positively
//     homogeneous and the second map multiplies each group by a number (Yu 2013, On
//     decomposing the proximal map).
//   - TotalVariation of a signal with L1, NonNegative or Box, such as the fused lasso: the map
//     of the variation, then that of the entries, which keeps their order and so the dual
//     solution (Friedman and others 2007).
//   - a separable r, such as Huber or an envelope, with NonNegative, Box, BoxEach: the map,
//     then the cut.
func Sum(terms ...Regulariser) Regulariser {
	var sum entries
	var others []Regulariser
	var names []string
	var errs []error
	traits := map[string]float64{}
	for _, r := range terms {
		names, errs = append(names, r.Name), append(errs, r.Err)
		maps.Copy(traits, r.Traits)
		if r.entries == nil {
			errs = append(errs, check.That(r.Err != nil || r.Value != nil && r.Prox != nil, "a sum is made of the Value and Prox of its terms, and one of %s is nil", r.Name))
			others = append(others, r)
			continue
		}
		sum = sum.plus(*r.entries)
	}
	name := strings.Join(names, " + ")
	err := errors.Join(errs...)
	switch {
	case err != nil:
		return Regulariser{Name: name, Err: err}
	case len(others) == 0:
		return sum.regulariser(name, traits)
	case len(others) > 1:
		return Regulariser{Name: name, Err: fmt.Errorf("nobody knows the proximal map of %s: add the terms to a problem one by one", name)}
	}
	q := compose(others[0], sum)
	q.Name, q.Traits, q.Err = name, traits, errors.Join(q.Err, sum.check())
	return q.checked()
}

// compose is r + e for an r that is not itself entries.
func compose(r Regulariser, e entries) Regulariser {
	core := entries{weight: e.weight, lo: e.lo, hi: e.hi} // what completing the square leaves
	inner, err := r.followed(core)
	if r.OneStep && e.ridge.Len() > 1 {
		err = fmt.Errorf("%s takes one step for all entries, so a weight of x² has to be one number", r.Name)
	}
	shift := func(v, by ad.Value) ad.Value {
		if e.slope.IsZero() {
			return v
		}
		return v.Sub(by.Mul(e.slope))
	}
	q := Regulariser{
		OneStep: r.OneStep, Err: err,
		Value: func(x ad.Value) ad.Value { return r.Value(x).Add(e.value(x)) },
		Prox: func(v, step ad.Value) ad.Value {
			v = shift(v, step)
			if e.ridge.IsZero() {
				return inner(v, step)
			}
			by := step.Mul(e.ridge).Shift(1)
			return inner(v.Div(by), step.Div(by))
		},
	}
	if r.Subgrad != nil && !e.bounded() {
		q.Subgrad = func(x ad.Value) ad.Value { return r.Subgrad(x).Add(e.subgrad(x)) }
	}
	one := ad.Scalar(1)
	switch {
	case e.ridge.Len() == 1 && e.ridge.Item() > 0: // the maximiser of ⟨u, x⟩ − r(x) is a prox
		q.Conjugate = func(u ad.Value) float64 {
			t := one.Div(e.ridge)
			x := inner(shift(u, one).Mul(t), t)
			return u.Dot(x).Item() - q.Value(x).Item()
		}
		q.Reach = func(u ad.Value) float64 { return math.Inf(1) + largest(u) }
	case r.Conjugate != nil && r.radial && e.ridge.IsZero(): // r* at what the entries leave over
		q.Conjugate = func(u ad.Value) float64 { return r.Conjugate(core.prox(shift(u, one), one)) }
		if e.slope.IsZero() {
			q.Reach = func(u ad.Value) float64 { return reach(q.Conjugate, u) }
		}
	}
	return q
}

// followed is the map of r + e as that of r followed by that of e, or the other way round,
// for e without a ridge and a slope.
func (r Regulariser) followed(e entries) (func(v, step ad.Value) ad.Value, error) {
	uniform := max(e.weight.Len(), e.lo.Len(), e.hi.Len()) == 1
	switch {
	case e.weight.IsZero() && !e.bounded():
		return r.Prox, nil
	case r.radial && e.homogeneous():
		return func(v, step ad.Value) ad.Value { return r.Prox(e.prox(v, step), step) }, nil
	case r.ordered && uniform, !r.OneStep && e.weight.IsZero():
		return func(v, step ad.Value) ad.Value { return e.prox(r.Prox(v, step), step) }, nil
	}
	return nil, fmt.Errorf("the proximal maps of %s and of what it is added to do not compose: see prox.Sum for what does, or add the terms to a problem one by one", r.Name)
}

// homogeneous reports whether e(s·x) = s·e(x) for s > 0: no bounds but 0 and the infinite.
func (e entries) homogeneous() bool {
	finite := func(x float64) bool { return x != 0 && !math.IsInf(x, 0) }
	return e.ridge.IsZero() && e.slope.IsZero() && !slices.ContainsFunc(e.lo.Data, finite) && !slices.ContainsFunc(e.hi.Data, finite)
}
