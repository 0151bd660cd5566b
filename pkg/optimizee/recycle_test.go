package optimizee_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// Forgets is true of oracles of this package alone, and of no copy with another one.
func TestForgets(t *testing.T) {
	a, b := gauss(4, 20, 40), gauss(6, 20, 1)
	p := func() *optimizee.Problem { return optimizee.Lasso(a, b, 0.1) }
	changed := func(change func(q *optimizee.Problem)) *optimizee.Problem {
		q := *p()
		change(&q)
		return &q
	}
	own := prox.L1(0.1)
	soft := own.Prox
	own.Prox = func(v, step ad.Value) ad.Value { return soft(v, step) }
	smooth := optimizee.LeastSquares(linear.Dense(a), b)
	sum := smooth.Plus(prox.L1(0.1)).Plus(prox.SquaredL2(1))
	late := optimizee.LeastSquares(linear.Dense(a), b)
	lateSum := late.Plus(prox.L1(0.1))
	value := late.Value
	late.Value = func(x optimizee.Point) ad.Value { return value(x) }
	counted, _ := optimizee.Count(p())
	for name, c := range map[string]struct {
		p    *optimizee.Problem
		want bool
	}{
		"lasso":                    {p(), true},
		"least squares":            {smooth, true},
		"elastic net":              {sum, true},
		"quadratic":                {optimizee.Quadratic(a, b), true},
		"another L":                {optimizee.WithLipschitz(p(), 3), true},
		"a copy":                   {changed(func(*optimizee.Problem) {}), true},
		"another Grad":             {changed(func(q *optimizee.Problem) { q.Grad = p().Grad }), false},
		"another Prox":             {changed(func(q *optimizee.Problem) { q.Prox = p().Prox }), false},
		"another Value":            {changed(func(q *optimizee.Problem) { q.Value = p().Value }), false},
		"no Subgrad":               {changed(func(q *optimizee.Problem) { q.Subgrad = nil }), false},
		"a Lipschitz of one's own": {changed(func(q *optimizee.Problem) { q.Lipschitz = func(string, optimizee.Point) float64 { return 1 } }), false},
		"another L of that":        {optimizee.WithLipschitz(changed(func(q *optimizee.Problem) { q.Grad = p().Grad }), 3), false},
		"a term with another Prox": {smooth.Plus(own), false},
		"a part changed later":     {lateSum, false},
		"counted":                  {counted, false},
		"an operator":              {smooth.Plus(prox.L1(0.1), linear.Difference(40)), false},
		"a term of groups":         {smooth.Plus(prox.L2(0.1)), false},
		"a pair of functions":      {optimizee.LeastSquares(linear.Difference(21), gauss(1, 20, 1)), false},
		"a literal":                {&optimizee.Problem{Start: optimizee.X(ad.New(40, 1, nil))}, false},
	} {
		if got := c.p.Forgets(ad.New(40, 1, nil)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if p().Forgets(ad.New(40, 2, nil)) {
		t.Error("several columns go through operators, whose functions see them")
	}
}

// Who asks for the same recorded gradient a second time gets it in memory of its own, as
// the first may recycle it, and the same node: both lead back to x alike.
func TestGradientsAreNotShared(t *testing.T) {
	y := ad.Full(20, 1, 1)
	for _, p := range []*optimizee.Problem{optimizee.Lasso(gauss(4, 20, 40), gauss(6, 20, 1), 0.1), optimizee.Logistic(gauss(4, 20, 40), y, 0.1)} {
		ask := func(second bool) []float64 {
			var tape ad.Tape
			x := tape.Watch(gauss(5, 40, 1))
			p.Value(optimizee.X(x))
			g := p.Grad("x", optimizee.X(x))
			h := g
			if second {
				if h = p.Grad("x", optimizee.X(x)); h.Same(g) || !slices.Equal(h.Data, g.Data) || !h.Is(g) {
					t.Errorf("%s: the second gradient shares memory with the first, or is another", p.Name)
				}
				if _, h = p.ValueGrad("x", optimizee.X(x)); h.Same(g) || !h.Is(g) {
					t.Errorf("%s: ValueGrad shares memory with Grad, or has another gradient", p.Name)
				}
			}
			g.SumSquares().Add(h.SumSquares()).Backward()
			return slices.Clone(x.Grad())
		}
		if !slices.Equal(ask(true), ask(false)) {
			t.Errorf("%s: two gradients lead back in another way than one", p.Name)
		}
	}
}

// One collection of garbage frees the matrix of a problem that was asked and dropped: no
// scratch outlives it.
func TestProblemsAreFreedAtOnce(t *testing.T) {
	labels := ad.Full(80, 1, 1)
	for name, f := range map[string]func(a ad.Value) *optimizee.Problem{
		"lasso":    func(a ad.Value) *optimizee.Problem { return optimizee.Lasso(a, gauss(6, 80, 1), 0.1) },
		"logistic": func(a ad.Value) *optimizee.Problem { return optimizee.Logistic(a, labels, 0.1) },
	} {
		freed := make(chan bool, 1)
		func() {
			a := gauss(4, 80, 40)
			runtime.AddCleanup(&a.Data[0], func(c chan bool) { c <- true }, freed)
			p := f(a)
			p.Value(p.Start)
			p.Grad("x", p.Start)
			p.ValueGrad("x", p.Start)
			p.Lipschitz("x", p.Start)
		}()
		runtime.GC()
		select {
		case <-freed:
		case <-time.After(20 * time.Second):
			t.Errorf("%s: something still holds the matrix", name)
		}
	}
}
