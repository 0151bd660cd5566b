package optimtest

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// recorder stands in for a test that is expected to fail.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.failed = true; runtime.Goexit() }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

// broken lists the laws that a case does not obey.
func broken(t *testing.T, c Case, p *optimizee.Problem, racy bool) (names []string) {
	c.Called = []string{c.Name}
	for _, l := range laws {
		if racy && raceDetector && l.name == "Deterministic" {
			t.Log("skipped: two at once: the race detector itself catches this mutant, and would fail this test")
			continue
		}
		r := &recorder{TB: t}
		done := make(chan bool)
		go func() { // Goexit ends it as it would end a test
			defer close(done)
			defer func() {
				if recover() != nil {
					r.failed = true
				}
			}()
			l.check(r, c, p)
		}()
		if <-done; r.failed {
			names = append(names, l.name)
		}
	}
	return names
}

// good is gradient descent, and hands its parts to a mutation.
func good(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
	return func(x optimizee.Point) optimizee.Point {
		return x.Sub(p.Gradient(x).Scale(1 / p.Lipschitz("x", x)))
	}, p.NeedOne("good", "Grad", "Lipschitz")
}

// TestMutants breaks the contract in one way after the other and expects a law to notice.
func TestMutants(t *testing.T) {
	problem := func() *optimizee.Problem { // a new one each time: one of the mutants writes into its Start
		return optimizee.Quadratic(adtest.Random(optimizee.Stream(1), 9, 5), adtest.Random(optimizee.Stream(2), 9, 1))
	}
	// change makes a rule whose step is made from good's
	change := func(f func(p *optimizee.Problem, rng *rand.Rand, s optim.Step) optim.Step) optim.Rule {
		return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			s, err := good(p, rng)
			if err != nil {
				return nil, err
			}
			return f(p, rng, s), nil
		}
	}
	shift := func(x optimizee.Point, by float64) optimizee.Point {
		return x.Map(func(_ string, v ad.Value) ad.Value { return v.Shift(by) })
	}
	if got := broken(t, Case{Name: "good", Rule: good, Memoryless: true, Monotone: true}, problem(), false); len(got) > 0 {
		t.Fatalf("gradient descent fails %v", got)
	}
	var shared optimizee.Point
	for _, m := range []struct {
		law  string // that has to fail
		what string
		c    Case
	}{
		{"Oracles", "says nothing of a missing oracle", Case{Rule: func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			s, _ := good(p, rng)
			return s, nil
		}}},
		{"Oracles", "does not say which oracle", Case{Rule: func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			s, err := good(p, rng)
			if err != nil {
				err = errors.New("something is missing")
			}
			return s, err
		}}},
		{"Oracles", "takes an invalid problem", Case{Rule: func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			q := *p
			q.Err = nil
			return good(&q, rng)
		}}},
		{"Lazy", "asks at its start", Case{Rule: change(func(p *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			p.Value(p.Start)
			return s
		})}},
		{"Deterministic", "draws from a global stream", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point { return shift(s(x), rand.Float64()) }
		})}},
		{"Deterministic", "draws without saying so", Case{Rule: change(func(_ *optimizee.Problem, rng *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point { return shift(s(x), rng.Float64()) }
		})}},
		{"Deterministic", "says that it draws and does not", Case{Random: "states", Rule: good}},
		{"Untouched", "works in place", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point {
				copy(x.X().Data, s(x).X().Data)
				return x
			}
		})}},
		{"Untouched", "reuses what it returned", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			buffers, k := [2]ad.Value{ad.New(5, 1, nil), ad.New(5, 1, nil)}, 0
			return func(x optimizee.Point) optimizee.Point {
				k = 1 - k
				copy(buffers[k].Data, s(x).X().Data)
				return optimizee.X(buffers[k])
			}
		})}},
		{"Fresh", "remembers outside of the step", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point {
				if !shared.IsZero() {
					x = x.Add(x.Sub(shared).Scale(0.1))
				}
				shared = x
				return s(x)
			}
		})}},
		{"Derivative", "loses the derivative", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point { return s(x.Detach()) }
		})}},
		{"Training", "looks at whether it is recorded", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point {
				if x.X().Recorded() {
					return s(s(x))
				}
				return s(x)
			}
		})}},
		{"Monotone", "goes uphill", Case{Monotone: true, Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			return func(x optimizee.Point) optimizee.Point { return x.Add(x.Sub(s(x))) }
		})}},
		{"Foreign", "carries its momentum to a foreign point", Case{Rule: momentum(func(_, _ optimizee.Point) bool { return false })}},
		{"Memoryless", "remembers", Case{Memoryless: true, Rule: momentum(func(x, last optimizee.Point) bool { return !x.Same(last) })}},
		{"On", "knows the name of the block", Case{Rule: func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			s, err := good(p, rng)
			if p.Name == "quadratic.y" {
				return func(x optimizee.Point) optimizee.Point { return shift(s(x), 1e-9) }, err
			}
			return s, err
		}}},
		{"Combinators", "counts its starts", Case{Rule: starts()}},
		{"Renaming", "prefers the first coordinate", Case{Rule: change(func(_ *optimizee.Problem, _ *rand.Rand, s optim.Step) optim.Step {
			e := ad.Col(1, 0, 0, 0, 0)
			return func(x optimizee.Point) optimizee.Point { return optimizee.X(s(x).X().Sub(e)) }
		})}},
	} {
		m.c.Name = "good"
		if got := broken(t, m.c, problem(), m.law == "Untouched" || m.law == "Fresh"); !slices.Contains(got, m.law) {
			t.Errorf("a rule that %s passes the law %s; it fails %v", m.what, m.law, got)
		}
	}
}

// momentum is heavy ball with its own idea of which point is foreign.
func momentum(foreign func(x, last optimizee.Point) bool) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		s, err := good(p, rng)
		var prev, last optimizee.Point
		return func(x optimizee.Point) optimizee.Point {
			if last.IsZero() || foreign(x, last) {
				prev = x
			}
			last, prev = s(x).Add(x.Sub(prev).Scale(0.5)), x
			return last
		}, err
	}
}

// starts is good with a step that depends on how often it was started.
func starts() optim.Rule {
	n := 0.
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		s, err := good(p, rng)
		n++
		mine := n
		return func(x optimizee.Point) optimizee.Point { return x.Add(s(x).Sub(x).Scale(1 / mine)) }, err
	}
}
