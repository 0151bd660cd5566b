package optimizee

import (
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// Zero is F = 0, for a sum of terms alone: Zero(x).Plus(r).Plus(s, K) is r(x) + s(Kx),
// from x on. Any number is a Lipschitz constant of it, and is answered with 1, so that
// proximal gradient methods become the proximal point method.
func Zero(start ad.Value) *Problem {
	return Smooth(&Problem{
		Name:      "0",
		Start:     X(start),
		Value:     func(Point) ad.Value { return ad.Scalar(0) },
		Grad:      func(_ string, x Point) ad.Value { return x.X().Scale(0) },
		Lipschitz: func(string, Point) float64 { return 1 },
		Err:       check.Values("Start", start),
		OnlyTerms: true,
	})
}

// Plus returns F + r, and Plus(r, K) is F + r(Kx). The first term without an operator
// gives the sum its Prox; where there are more, or one with an operator, nobody has the
// proximal map of them all, and rules that split F go through Terms: optim.CondatVu,
// optim.DavisYin, optim.ADMM. Where Start is outside of a constraint, its projection takes
// its place.
//
// An r that you write may leave Prox or Subgrad nil, and then the sum has none. The exact
// minimiser of F is not that of the sum, so Solve is not kept.
func (p *Problem) Plus(r prox.Regulariser, k ...linear.Operator) *Problem {
	p = p.orNone()
	q := *p
	term, err := p.term(r, k)
	q.Name = p.Name + " + " + term.Name
	q.Err = errors.Join(p.Err, err)
	q.Terms = append(q.Terms[:len(q.Terms):len(q.Terms)], term)
	q.Traits = map[string]float64{}
	maps.Copy(q.Traits, p.Traits)
	maps.Copy(q.Traits, r.Traits)
	q.Data = nil // of another problem: rules that go by it would minimise that
	q.Solve, q.SolveAll, q.Bound, q.Subgrad, q.Prox, q.OneStep, q.smoothF = nil, nil, nil, nil, nil, false, false
	if q.Err != nil {
		return &q
	}
	q.Smooth = p.smooth()
	q.Value = func(x Point) ad.Value {
		return p.part.plus(&term, x.X(), func() ad.Value { return p.Value(x) })
	}
	if p.ValueGrad != nil {
		q.ValueGrad = func(b string, x Point) (F, g ad.Value) {
			F = p.part.plus(&term, x.X(), func() (f ad.Value) { f, g = p.ValueGrad(b, x); return f })
			return F, g
		}
	}
	if sub := p.subgrad(); sub != nil && r.Subgrad != nil {
		q.Subgrad = func(b string, x Point) ad.Value {
			g, s := sub(b, x), term.Subgrad(term.Apply(x.X()))
			sum := g.Add(term.Transpose(s))
			if !sum.Recorded() && term.K.IsZero() && term.Forgets() {
				p.Recycle(sum, g, s)
			}
			return sum
		}
	}
	if len(q.Terms) == 1 && term.K.IsZero() && term.Prox != nil {
		q.Prox = func(_ string, v, step ad.Value) ad.Value { return term.Prox(v, step) }
		q.OneStep = r.OneStep
		if math.IsInf(term.At(q.Start.X()).Item(), 1) {
			q.Start = X(q.Prox("x", q.Start.X(), ad.Scalar(1)))
		}
		if p.part != nil {
			q.Bound = p.part.bound(&q, r)
		}
	}
	q.made = nil
	if term.K.IsZero() && term.Forgets() {
		q.keepsNothing(p)
	}
	return &q
}

// A part is what Plus has to know of a smooth part f.
type part struct {
	rows  int                                                        // how many rows of x terms apply to; 0 for all of them
	fused func(x ad.Value) bool                                      // whether f is one operation at x; nil for no
	bound func(q *Problem, r prox.Regulariser) func(x Point) float64 // the Bound of q = f + r, nil for none
	check func() error                                               // whether the operator of f has its adjoint
	steep bool                                                       // the curvature of f has no bound
}

// plus is F + r(Kx). Beside a fused f, r goes on the tape first, so that gradients reach x
// from f before they do from r: sums of floating-point numbers have an order.
func (p *part) plus(r *Term, x ad.Value, value func() ad.Value) ad.Value {
	if p != nil && p.fused != nil && p.fused(x) {
		R := r.At(x)
		return sum(value(), R)
	}
	return sum(value(), r.At(x))
}

// sum adds numbers, without the cost of a tape where they are constants.
func sum(a, b ad.Value) ad.Value {
	if a.Recorded() || b.Recorded() {
		return a.Add(b)
	}
	return ad.Scalar(a.Item() + b.Item())
}

// Constrained reports whether a term of F is a constraint, which has no subgradient: F is
// +Inf outside of it, as at the extrapolated points of rules with momentum.
func (p *Problem) Constrained() bool {
	return slices.ContainsFunc(p.Terms, func(t Term) bool { return t.Subgrad == nil })
}

// subgrad is an element of ∂F as far as the problem has one.
func (p *Problem) subgrad() func(string, Point) ad.Value {
	if p.Subgrad == nil && p.smoothGrad() {
		return p.Grad
	}
	return p.Subgrad
}
