package prox

import (
	"errors"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// entries is the sum over all entries of w|x| + µ/2·x² + cx on lo ≤ x ≤ hi. Most separable
// regularisers are special cases, and so is the sum of two of them. Parameters are 1×1 or
// are broadcast over x; zero Values are not there.
type entries struct{ weight, ridge, slope, lo, hi ad.Value }

// regulariser is e under a name.
func (e entries) regulariser(name string, traits map[string]float64, errs ...error) Regulariser {
	r := Regulariser{
		Name: name, Value: e.value, Prox: e.prox, Subgrad: e.subgrad,
		Conjugate: e.conjugate, Reach: e.reach,
		Traits: traits, Err: errors.Join(errs...), entries: &e,
	}
	if r.Err == nil {
		r.Err = e.check()
	}
	if e.bounded() {
		r.Subgrad = nil
	}
	if !e.slope.IsZero() && largest(e.slope) > 0 {
		r.Reach = nil // 0 need not be in the domain
	}
	r = r.checked()
	r.known = r.ids()
	return r
}

func (e *entries) check() error {
	least := func(v ad.Value) float64 {
		least := math.Inf(1)
		for _, x := range v.Data {
			least = min(least, x)
		}
		return least
	}
	errs := []error{
		check.That(least(e.weight) >= 0 && least(e.ridge) >= 0, "a regularisation weight is negative or NaN: weights have to be finite and at least 0"),
		check.Values("the weights", e.weight), check.Values("the weights of x²", e.ridge), check.Values("the linear term", e.slope),
	}
	if e.bounded() {
		lo, hi := e.lo, e.hi
		if (lo.R != hi.R && min(lo.R, hi.R) != 1) || (lo.C != hi.C && min(lo.C, hi.C) != 1) {
			return errors.Join(append(errs, check.That(false, "lower bounds are %s and upper bounds %s: they have to be 1×1 or of one shape", lo.Shape(), hi.Shape()))...)
		}
		both := ad.New(max(lo.R, hi.R), max(lo.C, hi.C), nil)
		low, high := place(both, lo), place(both, hi)
		for k := range both.Data {
			if l, h := lo.Data[low(k)], hi.Data[high(k)]; !(l <= h) || math.IsInf(l, 1) || math.IsInf(h, -1) {
				errs = append(errs, check.That(false, "the interval [%g, %g] is empty", l, h))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func (e *entries) bounded() bool { return !e.lo.IsZero() }

func (e *entries) value(x ad.Value) ad.Value {
	var sum ad.Value
	if e.bounded() {
		if sum = e.indicator(x); sum.Item() != 0 {
			return sum
		}
	}
	switch w := e.weight; {
	case w.IsZero():
	case constant(w):
		sum = added(sum, x.Norm1().Scale(w.Item()))
	default:
		sum = added(sum, x.Abs().Mul(w).Sum())
	}
	if !e.ridge.IsZero() {
		sum = added(sum, x.Square().Mul(e.ridge).Sum().Scale(0.5))
	}
	if !e.slope.IsZero() {
		sum = added(sum, x.Mul(e.slope).Sum())
	}
	if sum.IsZero() {
		return ad.Scalar(0)
	}
	return sum
}

// added is a + b, where zero Values are not there.
func added(a, b ad.Value) ad.Value {
	switch {
	case a.IsZero():
		return b
	case b.IsZero():
		return a
	}
	return a.Add(b)
}

// indicator compares with the largest of x and of the bounds that are finite.
func (e *entries) indicator(x ad.Value) ad.Value {
	size := largest(x)
	for _, b := range []ad.Value{e.lo, e.hi} {
		for _, v := range b.Data {
			if !math.IsInf(v, 0) {
				size = max(size, math.Abs(v))
			}
		}
	}
	var excess float64
	low, high := place(x, e.lo), place(x, e.hi)
	for k, v := range x.Data {
		excess = max(excess, e.lo.Data[low(k)]-v, v-e.hi.Data[high(k)])
	}
	return indicator(excess, size)
}

// prox is the soft threshold, shrunk, cut off: of one convex variable the minimiser on an
// interval is the point of the interval that is next to the free one.
func (e *entries) prox(v, step ad.Value) ad.Value {
	if !e.slope.IsZero() {
		v = v.Sub(step.Mul(e.slope))
	}
	switch w := e.weight; {
	case w.IsZero():
	case constant(w) && constant(step):
		v = soft(v, step.Item()*w.Item())
	case constant(w):
		t := step.Scale(w.Item())
		v = Soft(v, t)
		ad.Recycle(v, t)
	default:
		v = Soft(v, ad.New(v.R, v.C, nil).Add(step.Mul(w)))
	}
	if !e.ridge.IsZero() {
		v = v.Div(step.Mul(e.ridge).Shift(1))
	}
	if e.bounded() {
		v = clip(v, e.lo, e.hi)
	}
	return v
}

func (e *entries) subgrad(x ad.Value) ad.Value {
	var sum ad.Value
	switch w := e.weight; {
	case w.IsZero():
	case constant(w):
		signs := x.Sign()
		sum = signs.Scale(w.Item())
		ad.Recycle(sum, signs)
	default:
		sum = x.Sign().Mul(w)
	}
	if !e.ridge.IsZero() {
		sum = added(sum, x.Mul(e.ridge))
	}
	if !e.slope.IsZero() {
		sum = added(sum, x.Scale(0).Add(e.slope))
	}
	if sum.IsZero() {
		return x.Scale(0)
	}
	return sum
}

// constant reports whether a parameter is one number that takes no gradient.
func constant(w ad.Value) bool { return w.Len() == 1 && !w.Recorded() }

// conjugate is the sum of max over lo ≤ x ≤ hi of (u − c)x − w|x| − µ/2·x².
func (e *entries) conjugate(u ad.Value) float64 {
	at := e.at(u)
	var sum float64
	for k, v := range u.Data {
		w, ridge, c, lo, hi := at(k)
		over := max(math.Abs(v-c)-w, 0)
		if over <= within*(math.Abs(v)+math.Abs(c)+w) && ridge == 0 {
			over = 0
		}
		x := math.Copysign(over, v-c)
		switch {
		case math.IsNaN(v):
			return v
		case ridge > 0:
			x /= ridge
		case over > 0:
			x = math.Inf(int(math.Copysign(1, x)))
		}
		if x = min(max(x, lo), hi); math.IsInf(x, 0) {
			return math.Inf(1)
		}
		sum += (v-c)*x - w*math.Abs(x) - ridge/2*x*x
	}
	return sum
}

// reach is the largest t with |t·u| ≤ w wherever x is unbounded in the direction of u.
func (e *entries) reach(u ad.Value) float64 {
	at, t := e.at(u), math.Inf(1)
	for k, v := range u.Data {
		w, ridge, _, lo, hi := at(k)
		if math.IsNaN(v) {
			return v
		}
		if ridge == 0 && ((v > 0 && math.IsInf(hi, 1)) || (v < 0 && math.IsInf(lo, -1))) {
			t = min(t, ratio(w, math.Abs(v)))
		}
	}
	return t
}

// at tells the parameters of entry k of a value like u.
func (e *entries) at(u ad.Value) func(k int) (w, ridge, slope, lo, hi float64) {
	var of [5]func(k int) float64
	for i, v := range []ad.Value{e.weight, e.ridge, e.slope, e.lo, e.hi} {
		of[i] = func(int) float64 { return []float64{0, 0, 0, math.Inf(-1), math.Inf(1)}[i] }
		if !v.IsZero() {
			p := place(u, v)
			of[i] = func(k int) float64 { return v.Data[p(k)] }
		}
	}
	return func(k int) (w, ridge, slope, lo, hi float64) { return of[0](k), of[1](k), of[2](k), of[3](k), of[4](k) }
}

// plus is the sum of two: weights add up, intervals meet.
func (e *entries) plus(f entries) entries {
	meet := func(a, b ad.Value, nearer func(x, y float64) float64) ad.Value {
		if a.IsZero() || b.IsZero() {
			return added(a, b)
		}
		out := a.Scale(0).Add(b.Scale(0))
		pa, pb := place(out, a), place(out, b)
		for k := range out.Data {
			out.Data[k] = nearer(a.Data[pa(k)], b.Data[pb(k)])
		}
		return out
	}
	return entries{
		added(e.weight, f.weight), added(e.ridge, f.ridge), added(e.slope, f.slope),
		meet(e.lo, f.lo, math.Max), meet(e.hi, f.hi, math.Min),
	}
}
