package problemtest

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// recorder stands in for a test that is expected to fail.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Log(...any)            {}
func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.failed = true; runtime.Goexit() }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

// broken lists the laws that p does not obey.
func broken(t *testing.T, p *optimizee.Problem, opts ...Option) (names []string) {
	for _, l := range laws {
		r := &recorder{TB: t}
		done := make(chan bool)
		go func() { // Goexit ends it as it would end a test
			defer close(done)
			defer func() {
				if recover() != nil {
					r.failed = true
				}
			}()
			l.check(r, newSuite(p, opts))
		}()
		if <-done; r.failed {
			names = append(names, l.name)
		}
	}
	return names
}

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

// TestUntrained: oracles from outside of package ad are constants to the tape, and all
// right where nobody trains.
func TestUntrained(t *testing.T) {
	p := optimizee.Quadratic(gauss(1, 8, 5), gauss(2, 8, 1))
	g := p.Grad
	p.Grad = func(b string, x optimizee.Point) ad.Value { return g(b, x).Detach() }
	if got := broken(t, p, Untrained()); len(got) > 0 {
		t.Errorf("it fails %v", got)
	}
}

// TestConstrained: a problem with a constraint needs no options, whether its terms are
// known or all is in its Value.
func TestConstrained(t *testing.T) {
	p := optimizee.LeastSquares(linear.Dense(gauss(1, 8, 4)), gauss(2, 8, 1)).Plus(prox.Simplex(1))
	mine := &optimizee.Problem{
		Name: "mine", Start: p.Start, Value: p.Value, Grad: p.Grad, Prox: p.Prox, OneStep: true,
	}
	program := optimizee.Zero(ad.New(6, 1, nil)).
		Plus(prox.Sum(prox.Linear(gauss(3, 6, 1)), prox.NonNegative())).
		Plus(prox.Equal(gauss(4, 3, 6).MatMul(ad.Full(6, 1, 0.5))), linear.Dense(gauss(4, 3, 6)))
	solved := *program
	program.Name, solved.Name, solved.Truth = "program", "solved", optimizee.X(ad.Full(6, 1, 0.5))
	for p, want := range map[*optimizee.Problem]string{
		p: p.Name + "  checked  Value, Pure, Grad, ValueGrad, Convex, Prox, Terms, Residual, Lipschitz, Bound, Differentiable, On, Count\n" +
			p.Name + "  skipped  Subgrad: no Subgrad\n" +
			p.Name + "  skipped  ProxEach: Prox takes one step for all entries\n",
		mine: "mine  checked  Value, Pure, Convex, Prox, Differentiable, On, Count\n",
		program: "program  checked  Pure, Grad, Lipschitz, Differentiable, On, Count\n" +
			"program  skipped  Value, Convex, Terms: F is infinite at Start,",
		&solved: "solved  checked  Value, Pure, Grad, Convex, Terms, Lipschitz, Differentiable, On, Count\n",
	} {
		if got := Run(t, p, Convex()).String(); !strings.HasPrefix(got, want) {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

// TestMutants breaks one oracle after the other and expects a law to notice.
func TestMutants(t *testing.T) {
	a, b := gauss(1, 8, 5), gauss(2, 8, 1)
	const lambda = 0.4
	term := Term(func(x optimizee.Point) ad.Value { return x.X().Norm1().Scale(lambda) })
	lasso := func() *optimizee.Problem { return optimizee.Lasso(a, b, lambda) }
	quadratic := func() *optimizee.Problem { return optimizee.Quadratic(a, b) }
	logistic := func() *optimizee.Problem {
		return optimizee.Logistic(a, ad.Col(0, 1, 1, 0, 1, 0, 0, 1), 0.05)
	}
	simplex := func() *optimizee.Problem {
		return optimizee.LeastSquares(linear.Dense(gauss(3, 8, 4)), b).Plus(prox.Simplex(1))
	}
	hide := func(p *optimizee.Problem) { p.Terms, p.Smooth = nil, nil } // all is in its Value
	hidden := simplex()
	hide(hidden)
	for _, p := range []*optimizee.Problem{lasso(), quadratic(), logistic(), simplex(), hidden} {
		if got := broken(t, p, Convex()); len(got) > 0 {
			t.Fatalf("%s as it is fails %v", p.Name, got)
		}
	}
	scaleGrad := func(s float64) func(p *optimizee.Problem) {
		return func(p *optimizee.Problem) {
			g := p.Grad
			p.Grad = func(b string, x optimizee.Point) ad.Value { return g(b, x).Scale(s) }
		}
	}
	scaleL := func(s float64) func(p *optimizee.Problem) {
		return func(p *optimizee.Problem) {
			l := p.Lipschitz
			p.Lipschitz = func(b string, x optimizee.Point) float64 { return s * l(b, x) }
		}
	}
	for _, m := range []struct {
		name   string
		of     func() *optimizee.Problem
		mutate func(p *optimizee.Problem)
		law    string // that has to fail
		opts   []Option
	}{
		{"gradient uphill", quadratic, scaleGrad(-1), "Grad", nil},
		{"gradient 0.1 % off", quadratic, scaleGrad(1.001), "Grad", nil},
		{"gradient uphill, r told", lasso, scaleGrad(-1), "Grad", []Option{term}},
		{"gradient uphill, r not told", lasso, func(p *optimizee.Problem) { scaleGrad(-1)(p); hide(p) }, "Prox", nil},
		{"gradient 1 % off, r not told", lasso, func(p *optimizee.Problem) { scaleGrad(1.01)(p); hide(p) }, "Prox", nil},
		{"gradient uphill, logistic", logistic, func(p *optimizee.Problem) { scaleGrad(-1)(p); hide(p) }, "Prox", nil},
		{"gradient uphill against the residual", lasso, scaleGrad(-1), "Residual", nil},
		{"gradient uphill, tangents", quadratic, func(p *optimizee.Problem) { scaleGrad(-1)(p); p.Subgrad = nil; p.Prox = nil }, "Convex", []Option{Convex()}},
		{"gradient a constant to the tape", quadratic, func(p *optimizee.Problem) {
			g := p.Grad
			p.Grad = func(b string, x optimizee.Point) ad.Value { return g(b, x).Detach() }
		}, "Differentiable", nil},
		{"value of another sign", quadratic, func(p *optimizee.Problem) {
			f := p.Value
			p.Value = func(x optimizee.Point) ad.Value { return f(x).Neg() }
		}, "Grad", nil},
		{"value a column", quadratic, func(p *optimizee.Problem) { p.Value = p.Residual }, "Value", nil},
		{"value and gradient not those of Value", lasso, func(p *optimizee.Problem) { p.ValueGrad = optimizee.Lasso(a, b, 2*lambda).ValueGrad }, "ValueGrad", nil},
		{"subgradient without r", lasso, func(p *optimizee.Problem) { p.Subgrad = p.Grad }, "Subgrad", nil},
		{"subgradient without r, tangents", lasso, func(p *optimizee.Problem) { p.Subgrad = p.Grad }, "Convex", []Option{Convex()}},
		{"subgradient wrong at the kink alone", lasso, func(p *optimizee.Problem) {
			s := p.Subgrad
			p.Subgrad = func(b string, x optimizee.Point) ad.Value {
				return s(b, x).Add(x.X().Sign().Abs().Neg().Shift(1).Scale(2 * lambda))
			}
		}, "Convex", []Option{Convex()}},
		{"threshold half as large", lasso, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, step ad.Value) ad.Value { return prox.Soft(v, step.Scale(lambda/2)) }
		}, "Prox", nil},
		{"threshold 1 % off, r told", lasso, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, step ad.Value) ad.Value { return prox.Soft(v, step.Scale(1.01*lambda)) }
		}, "Prox", []Option{term}},
		{"prox that ignores its step", lasso, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, _ ad.Value) ad.Value { return prox.Soft(v, ad.Scalar(0.01)) }
		}, "Prox", nil},
		{"prox that takes one step for all", lasso, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, step ad.Value) ad.Value {
				return prox.Soft(v, ad.Scalar(lambda*step.Data[0]))
			}
		}, "ProxEach", nil},
		{"prox by the mean of its steps", lasso, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, step ad.Value) ad.Value {
				return prox.Soft(v, step.Sum().Scale(lambda/float64(step.Len())))
			}
		}, "ProxEach", nil},
		{"projection drawn to the middle of its set", simplex, func(p *optimizee.Problem) { // 0.7·P(v) + 0.075 is in the simplex of four too
			p.Prox = func(_ string, v, _ ad.Value) ad.Value {
				return prox.Simplex(1).Prox(v, ad.Scalar(1)).Scale(0.7).Shift(0.075)
			}
		}, "Prox", nil},
		{"the same, and the terms hidden", simplex, func(p *optimizee.Problem) {
			p.Prox, p.Terms = func(_ string, v, _ ad.Value) ad.Value {
				return prox.Simplex(1).Prox(v, ad.Scalar(1)).Scale(0.7).Shift(0.075)
			}, nil
		}, "Prox", nil},
		{"projection onto a part of its set", simplex, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, _ ad.Value) ad.Value { return prox.Simplex(1).Prox(v.Scale(0.5), ad.Scalar(1)) }
		}, "Prox", nil},
		{"projection that leaves its set", simplex, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, _ ad.Value) ad.Value { return prox.NonNegative().Prox(v, ad.Scalar(1)) }
		}, "Prox", nil},
		{"projection that divides by the sum", simplex, func(p *optimizee.Problem) {
			p.Prox = func(_ string, v, _ ad.Value) ad.Value {
				v = prox.NonNegative().Prox(v, ad.Scalar(1)).Shift(1e-9)
				return v.Scale(1 / v.Sum().Item())
			}
		}, "Prox", nil},
		{"gradient 0.1 % off beside a constraint", simplex, scaleGrad(1.001), "Grad", nil},
		{"gradient 0.1 % off between points of a constraint", simplex, func(p *optimizee.Problem) { scaleGrad(1.001)(p); p.Smooth = nil }, "Grad", nil},
		{"gradient 0.1 % off, terms known", simplex, scaleGrad(1.001), "Terms", nil},
		{"smooth part of another F", lasso, func(p *optimizee.Problem) { p.Smooth = optimizee.Quadratic(a, b.Scale(2)).Value }, "Terms", []Option{term}},
		{"smooth part with a term", simplex, func(p *optimizee.Problem) { p.Smooth = p.Value }, "Grad", nil},
		{"value below its chords", simplex, func(p *optimizee.Problem) {
			f := p.Value
			p.Value = func(x optimizee.Point) ad.Value { return f(x).Sub(x.X().SumSquares().Scale(50)) }
		}, "Convex", []Option{Convex()}},
		{"a term that is not in F", lasso, func(p *optimizee.Problem) { p.Terms = []optimizee.Term{{Regulariser: prox.L1(2 * lambda)}} }, "Terms", []Option{term}},
		{"a term with the map of another", lasso, func(p *optimizee.Problem) {
			p.Terms = []optimizee.Term{{Regulariser: prox.L1(lambda)}}
			p.Terms[0].Prox = prox.L1(2 * lambda).Prox
		}, "Terms", nil},
		{"a term with one step, and none said", simplex, func(p *optimizee.Problem) { p.OneStep = false }, "Terms", nil},
		{"prox that ignores r", lasso, func(p *optimizee.Problem) { hide(p); p.Prox = func(_ string, v, _ ad.Value) ad.Value { return v } }, "Grad", nil},
		{"residual of another sign of b", lasso, func(p *optimizee.Problem) { p.Residual = optimizee.Lasso(a, b.Neg(), lambda).Residual }, "Residual", []Option{term}},
		{"L too small", lasso, scaleL(0.9), "Lipschitz", nil},
		{"L 1 % too small", quadratic, scaleL(0.99), "Lipschitz", nil},
		{"L of another formula", logistic, scaleL(20), "Lipschitz", nil},
		{"solution next to the minimiser", quadratic, func(p *optimizee.Problem) {
			s := p.Solve
			p.Solve = func(b string, x optimizee.Point) ad.Value { return s(b, x).Shift(1e-5) }
		}, "Solve", nil},
		{"majorant of another function", quadratic, func(p *optimizee.Problem) {
			s := p.Solve
			p.Solve = func(b string, x optimizee.Point) ad.Value { return s(b, x).Shift(1e-5) }
		}, "Solve", []Option{Majorant()}},
		{"majorant that is not above F", quadratic, func(p *optimizee.Problem) {
			s := p.Solve
			p.Solve = func(b string, x optimizee.Point) ad.Value { return s(b, x).Scale(2.5).Sub(x.At(b).Scale(1.5)) }
		}, "Solve", []Option{Majorant()}},
		{"bound above the minimum", lasso, func(p *optimizee.Problem) {
			o := p.Bound
			p.Bound = func(x optimizee.Point) float64 { return o(x) + 1e-6 }
		}, "Bound", nil},
		{"bound that does not close", logistic, func(p *optimizee.Problem) {
			o := p.Bound
			p.Bound = func(x optimizee.Point) float64 { return o(x) - 1e-6 }
		}, "Bound", nil},
		{"bound of a convexity twice as strong", quadratic, func(p *optimizee.Problem) {
			o := p.Bound
			p.Bound = func(x optimizee.Point) float64 { return (p.Value(x).Item() + o(x)) / 2 }
		}, "Bound", nil},
		{"bound from the wrong dual", logistic, func(p *optimizee.Problem) {
			p.Bound = optimizee.Logistic(a, ad.Col(0, 1, 1, 0, 1, 0, 0, 1), 1).Bound
		}, "Bound", nil},
		{"an oracle that writes into the point", quadratic, func(p *optimizee.Problem) {
			g := p.Grad
			p.Grad = func(b string, x optimizee.Point) ad.Value { v := g(b, x); x.X().Data[0]++; return v }
		}, "Pure", nil},
		{"an oracle that remembers", quadratic, func(p *optimizee.Problem) {
			g, n := p.Grad, 0.
			p.Grad = func(b string, x optimizee.Point) ad.Value { n += 1e-9; return g(b, x).Shift(n) }
			p.Prox, p.Subgrad = nil, nil
		}, "On", nil},
		{"an oracle that reuses its answer", quadratic, func(p *optimizee.Problem) {
			g, buffer := p.Grad, ad.New(5, 1, nil)
			p.Grad = func(b string, x optimizee.Point) ad.Value { copy(buffer.Data, g(b, x).Data); return buffer }
		}, "Pure", nil},
	} {
		if raceDetector && strings.HasPrefix(m.name, "an oracle that") {
			t.Logf("skipped: %s: the race detector itself catches it, and would fail this test", m.name)
			continue
		}
		p := m.of()
		m.mutate(p)
		if got := broken(t, p, m.opts...); !slices.Contains(got, m.law) {
			t.Errorf("%s: the law %s passes; those that fail: %v", m.name, m.law, got)
		}
	}
}

func TestReport(t *testing.T) {
	r := Report{{"λ", "Value", ""}, {"λ", "Grad", "no Grad"}, {"λ", "On", ""}, {"two", "Value", ""}}
	want := "λ    checked  Value, On\nλ    skipped  Grad: no Grad\ntwo  checked  Value\n"
	if got := r.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestGolden(t *testing.T) {
	file := filepath.Join(t.TempDir(), "laws.txt")
	r := Report{{"a", "Value", ""}}
	check := func(r Report, fails bool) {
		t.Helper()
		rec := &recorder{TB: t}
		done := make(chan bool)
		go func() { defer close(done); Golden(rec, file, false, r) }()
		if <-done; rec.failed != fails {
			t.Errorf("failed: %v, want %v", rec.failed, fails)
		}
	}
	check(r, true) // there is no file yet
	Golden(t, file, true, r)
	if _, err := os.Stat(file + ".new"); err == nil {
		t.Error("a temporary file was left behind")
	}
	check(r, false)
	check(Report{{"a", "Value", "because"}}, true)
	if d := difference("a checked Value\nb x", "b  x\nc"); d != "- a checked Value\n+ c\n" {
		t.Errorf("difference %q", d)
	}
}
