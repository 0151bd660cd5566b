package optimizee

import (
	"errors"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// PopulationData are what a [Population] was made from.
type PopulationData struct{ Of *Problem }

// Each is F of every column of x, a 1×k row.
func (d *PopulationData) Each(x Point) ad.Value {
	return columns(x.X(), func(x Point) ad.Value { return d.Of.Value(x) })
}

// Population is p at k points at once, the particles of a swarm: x is n×k, a column for each
// of them, and F the sum of p's F over the columns. It starts at the columns of x. The name
// and the traits are those of p, because the function is. p has to be smooth, with one n×1
// block.
//
// A rule that works coordinate by coordinate, such as Adam, runs on it as k times on p.
func Population(p *Problem, x ad.Value) *Problem {
	p = p.orNone()
	q := &Problem{Name: p.Name, Traits: p.Traits, Start: X(x), Data: &PopulationData{p}, smoothF: p.smoothF}
	if q.Err = p.NeedSmooth("a population"); q.Err == nil {
		q.Err = errors.Join(p.NeedOne("a population"), check.Values("the population", x))
	}
	if q.Err == nil {
		at := p.Start.X()
		q.Err = check.That(at.C == 1 && x.R == at.R && x.C > 0, "a population of %s, which starts from %s, at %s: it needs one column in the problem, and a column of as many numbers for each particle", p.Name, at.Shape(), x.Shape())
	}
	if q.Err != nil {
		return q
	}
	q.Value = func(x Point) ad.Value { return columns(x.X(), p.Value).Sum() }
	q.Grad = func(b string, x Point) ad.Value {
		return columns(x.X(), func(x Point) ad.Value { return p.Grad(b, x) })
	}
	if p.Lipschitz != nil {
		q.Lipschitz = func(b string, x Point) (l float64) {
			for j := range x.X().C {
				l = max(l, p.Lipschitz(b, X(x.X().Cols(j, j+1))))
			}
			return l
		}
	}
	if p.Solve != nil {
		q.Solve = func(b string, x Point) ad.Value {
			return columns(x.X(), func(x Point) ad.Value { return p.Solve(b, x) })
		}
	}
	if p.Bound != nil {
		q.Bound = func(x Point) (sum float64) {
			for j := range x.X().C {
				sum += p.Bound(X(x.X().Cols(j, j+1)))
			}
			return sum
		}
	}
	return q
}

// columns is f of each column, side by side.
func columns(x ad.Value, f func(x Point) ad.Value) ad.Value {
	all := f(X(x.Cols(0, 1)))
	for j := 1; j < x.C; j++ {
		all = all.Beside(f(X(x.Cols(j, j+1))))
	}
	return all
}
