package optimizee

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
)

// Calls counts the oracle calls that a run made. ValueGrad counts as one of each;
// Subgrad counts as Grad, SolveAll as a Solve of every block, and the proximal map of each
// of Terms as Prox.
type Calls struct{ Value, Grad, Prox, Solve int }

// Oracle returns the calls that cost a pass over the data: Value, Grad and Solve.
func (c Calls) Oracle() int { return c.Value + c.Grad + c.Solve }

// Count returns p with every oracle call counted. The count belongs to one run.
func Count(p *Problem) (*Problem, *Calls) {
	p = p.orNone()
	q, c := *p, &Calls{}
	if p.Value != nil {
		q.Value = func(x Point) ad.Value { c.Value++; return p.Value(x) }
	}
	if p.Smooth != nil {
		q.Smooth = func(x Point) ad.Value { c.Value++; return p.Smooth(x) }
	}
	if p.Grad != nil {
		q.Grad = func(b string, x Point) ad.Value { c.Grad++; return p.Grad(b, x) }
	}
	if p.Subgrad != nil {
		q.Subgrad = func(b string, x Point) ad.Value { c.Grad++; return p.Subgrad(b, x) }
	}
	if p.ValueGrad != nil {
		q.ValueGrad = func(b string, x Point) (ad.Value, ad.Value) { c.Value++; c.Grad++; return p.ValueGrad(b, x) }
	}
	if p.Prox != nil {
		q.Prox = func(b string, v, step ad.Value) ad.Value { c.Prox++; return p.Prox(b, v, step) }
	}
	q.Terms = slices.Clone(p.Terms)
	for i, t := range p.Terms {
		if t.Prox != nil {
			q.Terms[i].Prox = func(v, step ad.Value) ad.Value { c.Prox++; return t.Prox(v, step) }
		}
	}
	if p.Solve != nil {
		q.Solve = func(b string, x Point) ad.Value { c.Solve++; return p.Solve(b, x) }
	}
	if p.SolveAll != nil {
		q.SolveAll = func(x Point) Point { c.Solve += len(x.Blocks()); return p.SolveAll(x) }
	}
	return &q, c
}

// WithLipschitz returns p with another constant L for every block: the published
// step sizes are 1/L with an L that is not always the right one.
func WithLipschitz(p *Problem, l float64) *Problem {
	p = p.orNone()
	q := *p
	q.Lipschitz = func(string, Point) float64 { return l }
	q.keepsWhat(p)
	q.Err = errors.Join(p.Err, check.That(l > 0 && !math.IsInf(l, 0), "a Lipschitz constant has to be positive and finite, not %g", l))
	return &q
}

// Smooth declares that F has no part r: it adds the identity as proximal map, so
// that proximal methods become gradient methods, and an estimate of L where p
// gives none (see [EstimateLipschitz]).
func Smooth(p *Problem) *Problem {
	p = p.orNone()
	q := *p
	q.Err = errors.Join(p.Err, check.That(len(p.Terms) == 0, "%s is not smooth: it has terms", p.Name))
	q.Prox = func(_ string, v, _ ad.Value) ad.Value { return v }
	q.Subgrad, q.Smooth, q.smoothF = p.Grad, p.Value, true
	q.keepsWhat(p)
	if q.Lipschitz == nil && q.Grad != nil {
		return EstimateLipschitz(&q)
	}
	return &q
}

// EstimateLipschitz returns p with L estimated from differences of the gradient,
// (∇f(x+εv) − ∇f(x))/ε, around the point where it is first asked for, and 1 % added. Their
// norm comes from Lanczos, with the upper bound of [linear.Func], so that on a quadratic
// it is at least L; elsewhere it is the curvature around that point, and the rest of the
// path may be steeper: use backtracking where it matters. ε is 1e-5 of the larger one of
// ‖x‖ and ‖∇f‖/L, the length of a step, so that the estimate does not depend on units.
func EstimateLipschitz(p *Problem) *Problem {
	p = p.orNone()
	q := *p
	if p.Grad == nil {
		return &q
	}
	var mu sync.Mutex
	known := map[string]float64{}
	q.Lipschitz = func(block string, x Point) float64 {
		mu.Lock()
		defer mu.Unlock()
		l, ok := known[block]
		if !ok {
			l = 1.01 * curvature(p, block, x.Detach())
			known[block] = l
		}
		return l
	}
	return &q
}

// curvature is the norm of the Hessian of one block at x.
func curvature(p *Problem, block string, x Point) float64 {
	at, g := x.At(block), p.Grad(block, x).Detach()
	bend := func(v ad.Value, eps float64) ad.Value { // the Hessian times v, of length 1
		return p.Grad(block, x.With(block, at.AddScaled(eps, v))).Detach().Sub(g).Scale(1 / eps)
	}
	eps := difference(at, g, func(v ad.Value, eps float64) float64 { return floats.Norm(bend(v, eps).Data, 2) })
	apply := func(dst, v []float64) {
		if size := floats.Norm(v, 2); size > 0 {
			w := bend(ad.New(at.R, at.C, v).Scale(1/size), eps)
			floats.ScaleTo(dst, size, w.Data)
		}
	}
	return linear.Func(at.Len(), at.Len(), apply, apply).Norm()
}

// difference is the ε for differences around x: 1e-5·max(‖x‖, ‖g‖/l) with the curvature l
// that these show along the gradient g.
func difference(x, g ad.Value, along func(v ad.Value, eps float64) float64) (eps float64) {
	size, slope := floats.Norm(x.Data, 2), floats.Norm(g.Data, 2)
	eps = 1e-5 * cmp.Or(size, 1)
	if !(slope > 0) {
		return eps
	}
	v := g.Scale(1 / slope)
	for range 60 {
		switch l := along(v, eps); l {
		case 0: // f bends less than rounding shows
			eps *= 1e5
		default:
			want := 1e-5 * max(size, slope/l)
			if !(want < eps/2 || want > 2*eps) {
				return eps
			}
			eps = want
		}
		if !(eps > 1e-250 && eps < 1e250) {
			return 1e-5 * cmp.Or(size, 1)
		}
	}
	return eps
}

// HessianDiagonal estimates ∂²f/∂xⱼ² for each entry of a block at x, from differences of
// the gradient that have a length of their own for each entry, so that these may have
// different units. It costs some gradients for each. p has to have Grad.
func HessianDiagonal(p *Problem, block string, x Point) ad.Value {
	x = x.Detach()
	at, g := x.At(block), p.Grad(block, x).Detach()
	h := ad.New(at.R, at.C, nil)
	for j := range h.Data {
		along := func(_ ad.Value, eps float64) float64 {
			y := ad.New(at.R, at.C, slices.Clone(at.Data))
			y.Data[j] += eps
			return math.Abs(p.Grad(block, x.With(block, y)).Data[j]-g.Data[j]) / eps
		}
		h.Data[j] = along(g, difference(ad.Scalar(at.Data[j]), ad.Scalar(math.Abs(g.Data[j])), along))
	}
	return h
}
