package optim

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// LBFGS is the limited-memory BFGS method for smooth F, in all blocks at once (Nocedal and
// Wright 2006, Algorithm 7.5), with the directions and the line search of gonum's
// optimize.LBFGS. It remembers the last so many steps; 10 are usual. A step is one line
// search, mostly of one value and one gradient, and never raises F. Where rounding ends a
// search, it starts again along the gradient, and where that leads nowhere, as at a
// minimum, the point stays. To a tape its points are constants. It needs Grad, and an F
// without a part r.
func LBFGS(memory int) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		return Remember(func(x optimizee.Point) Step {
			l := &lbfgs{p: p, memory: memory}
			l.at.X = flat(x)
			l.evaluate(x, optimize.FuncEvaluation|optimize.GradEvaluation)
			return l.step
		}), errors.Join(p.NeedSmooth("L-BFGS"), check.That(memory > 0, "L-BFGS: a memory of %d steps; 10 are usual", memory))
	}
}

// lbfgs is a run of L-BFGS.
type lbfgs struct {
	p      *optimizee.Problem
	memory int
	at     optimize.Location          // where it is, with F and ∇f
	search *optimize.LinesearchMethod // nil before the first step, and after one that led nowhere
}

func (l *lbfgs) step(x optimizee.Point) optimizee.Point {
	last := l.at
	last.X, last.Gradient = slices.Clone(l.at.X), slices.Clone(l.at.Gradient)
	if l.search != nil && l.line(x, l.search.Iterate) {
		return shaped(x, l.at.X)
	}
	l.at.F = last.F
	copy(l.at.X, last.X)
	copy(l.at.Gradient, last.Gradient)
	l.search = &optimize.LinesearchMethod{NextDirectioner: &optimize.LBFGS{Store: l.memory}, Linesearcher: &optimize.Bisection{}}
	if l.line(x, l.search.Init) {
		return shaped(x, l.at.X)
	}
	l.at, l.search = last, nil
	return x
}

// line searches along one direction and reports whether it found a point.
func (l *lbfgs) line(x optimizee.Point, start func(*optimize.Location) (optimize.Operation, error)) bool {
	if size := l.at.F + floats.Norm(l.at.Gradient, 2); math.IsNaN(size) || math.IsInf(size, 0) {
		return false
	}
	op, err := start(&l.at)
	for ; err == nil && op != optimize.MajorIteration; op, err = l.search.Iterate(&l.at) {
		l.evaluate(x, op)
	}
	return err == nil
}

// evaluate asks for what the search wants to know at l.at, which has the blocks of x.
func (l *lbfgs) evaluate(x optimizee.Point, op optimize.Operation) {
	y := shaped(x, l.at.X)
	if op&optimize.FuncEvaluation != 0 {
		l.at.F = l.p.Value(y).Item()
	}
	if op&optimize.GradEvaluation != 0 {
		l.at.Gradient = flat(l.p.Gradient(y))
	}
}

// flat are the entries of a point, block after block, and shaped is the way back.
func flat(x optimizee.Point) (entries []float64) {
	for _, b := range x.Blocks() {
		entries = append(entries, x.At(b).Data...)
	}
	return entries
}

func shaped(like optimizee.Point, entries []float64) optimizee.Point {
	return like.Map(func(_ string, v ad.Value) ad.Value {
		data := entries[:v.Len()]
		entries = entries[v.Len():]
		return ad.New(v.R, v.C, slices.Clone(data))
	})
}
