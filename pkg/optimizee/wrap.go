package optimizee

import (
	"errors"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// Calls counts the oracle calls that a run made. ValueGrad counts as one of each;
// Subgrad counts as Grad, and SolveAll as a Solve of every block.
type Calls struct{ Value, Grad, Prox, Solve int }

// Oracle returns the calls that cost a pass over the data: Value, Grad and Solve.
func (c Calls) Oracle() int { return c.Value + c.Grad + c.Solve }

// Count returns p with every oracle call counted. The count belongs to one run.
func Count(p *Problem) (*Problem, *Calls) {
	q, c := *p, &Calls{}
	if p.Value != nil {
		q.Value = func(x Point) ad.Value { c.Value++; return p.Value(x) }
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
	q := *p
	q.Lipschitz = func(string, Point) float64 { return l }
	q.Err = errors.Join(p.Err, check.That(l > 0 && !math.IsInf(l, 0), "a Lipschitz constant has to be positive and finite, not %g", l))
	return &q
}

// Smooth declares that F has no part r: it adds the identity as proximal map, so
// that proximal methods become gradient methods, and an estimate of L where p
// gives none (see [EstimateLipschitz]).
func Smooth(p *Problem) *Problem {
	q := *p
	q.Prox = func(_ string, v, _ ad.Value) ad.Value { return v }
	q.Subgrad = p.Grad
	if q.Lipschitz == nil && q.Grad != nil {
		return EstimateLipschitz(&q)
	}
	return &q
}

// EstimateLipschitz returns p with L estimated by power iteration on differences
// of the gradient, (∇f(x+εv) − ∇f(x))/ε, around the point where it is first asked
// for, and 1 % added because the iteration approaches from below. On a quadratic
// that is L; elsewhere it is the curvature around that point, and the rest of the
// path may be steeper: use backtracking where it matters.
func EstimateLipschitz(p *Problem) *Problem {
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

func curvature(p *Problem, block string, x Point) float64 {
	rng := rand.New(rand.NewPCG(1, 0)) // a fixed start: the estimate is part of the problem
	at, g := x.At(block), p.Grad(block, x)
	v := ad.New(at.R, at.C, nil)
	for i := range v.Data {
		v.Data[i] = rng.NormFloat64()
	}
	eps := 1e-5 * max(1, math.Sqrt(at.SumSquares().Item()))
	var l float64
	for range 200 {
		v = v.Scale(1 / math.Sqrt(v.SumSquares().Item()))
		w := p.Grad(block, x.With(block, at.Add(v.Scale(eps)))).Sub(g).Scale(1 / eps)
		last := l
		if l = math.Sqrt(w.SumSquares().Item()); l == 0 || math.Abs(l-last) < 1e-6*l {
			break
		}
		v = w
	}
	return l
}
