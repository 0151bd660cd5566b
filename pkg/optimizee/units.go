package optimizee

import (
	"errors"
	"maps"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// InUnits returns the same problem for a user who measures x in units of c: F(cx)/c²,
// with start and truth divided by c. Curvature stays, so steps of 1/L are as good as
// before; a Lasso becomes that of b/c and λ/c.
func InUnits(p *Problem, c float64) *Problem {
	p = p.orNone()
	up := func(x Point) Point { return x.Scale(c) }
	q := reshaped(p, up, 1/(c*c), 1/c, c)
	q.Start = p.Start.Scale(1 / c)
	if !p.Truth.IsZero() {
		q.Truth = p.Truth.Scale(1 / c)
	}
	return q
}

// Times returns c·F: the same problem with another price of F. Its L is c times as
// large.
func Times(p *Problem, c float64) *Problem {
	p = p.orNone()
	q := reshaped(p, func(x Point) Point { return x }, c, c, 1)
	if p.Residual != nil {
		q.Residual = func(x Point) ad.Value { return p.Residual(x).Scale(math.Sqrt(c)) }
	}
	if p.Lipschitz != nil {
		q.Lipschitz = func(b string, x Point) float64 { return c * p.Lipschitz(b, x) }
	}
	if p.Prox != nil {
		q.Prox = func(b string, v, step ad.Value) ad.Value { return p.Prox(b, v, step.Scale(c)) }
	}
	return q
}

// reshaped is value·F(up(x)) with gradients scaled by grad, where up multiplies by c.
func reshaped(p *Problem, up func(Point) Point, value, grad, c float64) *Problem {
	q := *p
	q.Data, q.Traits, q.part = nil, maps.Clone(p.Traits), nil
	switch p.Data.(type) {
	case *LassoData:
		q.Traits["lambda"] *= value * c
		q.Traits["column norm"] *= math.Sqrt(value) * c
	case *LogisticData, *SoftmaxData:
		q.Traits["lambda"] *= value * c
	default:
		delete(q.Traits, "column norm")
		delete(q.Traits, "lambda") // nobody knows what becomes of it
	}
	q.Err = errors.Join(p.Err, check.Positive("other units", "c", value, grad, c))
	q.Terms = nil
	for _, t := range p.Terms {
		q.Terms = append(q.Terms, Term{t.Stretch(c).Scale(value), t.K})
	}
	q.Value = func(x Point) ad.Value { return p.Value(up(x)).Scale(value) }
	if p.Smooth != nil {
		q.Smooth = func(x Point) ad.Value { return p.Smooth(up(x)).Scale(value) }
	}
	if p.Grad != nil {
		q.Grad = func(b string, x Point) ad.Value { return p.Grad(b, up(x)).Scale(grad) }
	}
	if p.ValueGrad != nil {
		q.ValueGrad = func(b string, x Point) (ad.Value, ad.Value) {
			f, g := p.ValueGrad(b, up(x))
			return f.Scale(value), g.Scale(grad)
		}
	}
	if p.Subgrad != nil {
		q.Subgrad = func(b string, x Point) ad.Value { return p.Subgrad(b, up(x)).Scale(grad) }
	}
	if p.Prox != nil {
		q.Prox = func(b string, v, step ad.Value) ad.Value { return p.Prox(b, v.Scale(c), step).Scale(1 / c) }
	}
	if p.Residual != nil {
		q.Residual = func(x Point) ad.Value { return p.Residual(up(x)).Scale(1 / c) }
	}
	if p.Lipschitz != nil {
		q.Lipschitz = func(b string, x Point) float64 { return p.Lipschitz(b, up(x)) }
	}
	if p.Solve != nil {
		q.Solve = func(b string, x Point) ad.Value { return p.Solve(b, up(x)).Scale(1 / c) }
	}
	if p.SolveAll != nil {
		q.SolveAll = func(x Point) Point { return p.SolveAll(up(x)).Scale(1 / c) }
	}
	if p.Bound != nil {
		q.Bound = func(x Point) float64 { return p.Bound(up(x)) * value }
	}
	return &q
}
