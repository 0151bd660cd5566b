package trace_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// mixedUnits is a Lasso with every second column in another unit, which FISTA does not
// solve; coordinate descent does.
func mixedUnits() (p *optimizee.Problem, least float64) {
	a, b := optimizee.Gaussian(optimizee.Stream(1), 30, 10), optimizee.Gaussian(optimizee.Stream(2), 30, 1)
	for i := range a.Data {
		if i%2 == 1 {
			a.Data[i] *= 1e6
		}
	}
	return optimizee.Lasso(a, b, 1), 11.6097735786724
}

// Where F* is not known, nothing that is answered says that it is.
func TestUncertified(t *testing.T) {
	p, least := mixedUnits()
	o, err := trace.Certified(p, 1e-10)
	if err != nil || !(o.Certificate <= 1e-9*least) || !(math.Abs(o.F-least) <= 1e-9*least) {
		t.Errorf("in even units: %+v, %v", o, err)
	}
	p.OneStep = true // so that units stay
	rules := []trace.Entry{{Name: "ISTA", Rule: optim.ISTA}, {Name: "FISTA restart", Rule: optim.FISTARestart}}
	r, err := trace.Race(p, trace.Config{Steps: 200}, rules...)
	if err != nil {
		t.Fatal(err)
	}
	o = r.Optima[0]
	if o.F < least || o.F-o.Certificate > least {
		t.Errorf("F* is %.15g, and certified to %g at %.15g", least, o.Certificate, o.F)
	}
	for _, e := range rules {
		if k := r.First(e.Name, 1e-4); k != -1 {
			t.Errorf("%s reaches 1e-4 after %d steps", e.Name, k)
		}
		if steps, _ := r.Reached(e.Name, 1e-4); !math.IsInf(steps[0], 1) {
			t.Errorf("%s reaches 1e-4 after %g steps", e.Name, steps[0])
		}
		run := r.Runs[slices.Index(r.Names, e.Name)][0]
		for _, k := range []int{0, 20, 200} {
			if gap := run.F[k]/least - 1; gap < r.Mean(e.Name, k) || gap > r.Mean(e.Name, k)+r.Floor()*(1+r.Mean(e.Name, k)) {
				t.Errorf("%s after %d: a gap of %g is shown as %s", e.Name, k, gap, r.Show(r.Mean(e.Name, k)))
			}
			if cell := r.Table(trace.After(k)).Rows[0][1]; !strings.HasPrefix(cell, "≥ ") && !strings.HasPrefix(cell, "≤ ") {
				t.Errorf("cell %q", cell)
			}
		}
	}
	for _, text := range []string{r.Note(), r.Table().String()} {
		if !strings.Contains(text, "known only to") {
			t.Errorf("note %q", text)
		}
	}
	tuned, err := trace.Search{
		Family: optimizee.Only(p), Config: trace.Config{Problems: 1, Steps: 20}, By: trace.LowestAt(20), Rule: trace.TwoConstants,
		Over: []trace.Range{trace.Values("p·L", 1), trace.Values("a", 0, 0.5)},
	}.Run(t.Context())
	if err != nil || !strings.Contains(tuned.Note, "known only to") {
		t.Errorf("tuning says %q, %v", tuned.Note, err)
	}
}

// A gap of which F* is 0 is not relative, which is said.
func TestAbsolute(t *testing.T) {
	p := optimizee.QuadraticSpec{Rows: 5, Cols: 10}.Draw(optimizee.Stream(1)) // solved exactly
	r, err := trace.Race(p, trace.Config{Steps: 5}, trace.Entry{Name: "ISTA", Rule: optim.ISTA})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{r.Note(), r.Table(trace.After(5)).String()} {
		if !strings.Contains(text, "F* cannot be told from 0, so the gap is F − F*, not relative.") {
			t.Errorf("%q", text)
		}
	}
}

// Means over different problems are named.
func TestApart(t *testing.T) {
	run := func(n int, seed uint64, name string) *trace.Results {
		return race(t, optimizee.SmallLasso, trace.Config{Problems: n, Steps: 2, Seed: seed, Measure: trace.Value}, trace.Entry{Name: name, Rule: optim.ISTA})
	}
	said := func(r *trace.Results) bool {
		return strings.Contains(r.Table().String(), "not all measured on the same")
	}
	if a := run(3, 1, "a"); said(trace.Join(a, run(3, 1, "b"))) || said(trace.Join(a, trace.Known(trace.Value, trace.Line("c", []float64{1, 2})))) ||
		!said(trace.Join(a, run(3, 2, "b"))) || !said(trace.Join(a, run(2, 1, "b"))) {
		t.Error("the note on different problems is wrong")
	}
	panics(t, "on 3 problems and", func() { trace.Join(run(3, 1, "a"), run(2, 1, "b")).Against("a", "b", 0) })
}

// A bound above F is none.
func TestFalseBound(t *testing.T) {
	for _, over := range []float64{1e-6, 0.1, 1e3} {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
		bound := p.Bound
		p.Bound = func(x optimizee.Point) float64 { return bound(x) + over }
		_, direct := trace.Certified(p, 1e-14)
		_, raced := trace.Race(p, trace.Config{Steps: 3}, trace.Entry{Name: "ISTA", Rule: optim.ISTA})
		for _, err := range []error{direct, raced} {
			if err == nil || !strings.Contains(err.Error(), "it is no lower bound") && !strings.Contains(err.Error(), "of different F") {
				t.Errorf("a bound that is %g too high: %v", over, err)
			}
		}
	}
}

// A certificate ends where it no longer improves.
func TestStall(t *testing.T) {
	p := optimizee.PaperLasso.Draw(optimizee.Stream(1))
	d := p.Data.(*optimizee.LassoData)
	lambda := 2 * slices.Max(d.A.TMatMul(d.B).Abs().Data)
	o, err := trace.Certified(optimizee.Lasso(d.A, d.B, lambda), 0)
	if err != nil || !strings.HasPrefix(o.Source, "duality gap after 2 steps") && o.Source != "duality gap after 0 steps of restarted FISTA" || !(o.Certificate <= 1e-13*o.F) {
		t.Errorf("x = 0 is the solution: %+v, %v", o, err)
	}
	small := optimizee.SmallLogistic.Draw(optimizee.Stream(1))
	calls := 0
	value := small.Value
	small.Value = func(x optimizee.Point) ad.Value { calls++; return value(x) }
	o, err = trace.Certified(small, 0)
	if err != nil || calls > 3000 || !(o.Certificate <= 1e-13*o.F) {
		t.Errorf("with no tolerance at all: %+v after %d values, %v", o, calls, err)
	}
	if _, err := trace.Certified(small, -1); err == nil {
		t.Error("a negative tolerance is taken")
	}
	if _, err := trace.Race(small, trace.Config{Steps: 1, Tol: -1}, trace.Entry{Name: "ISTA", Rule: optim.ISTA}); err == nil || !strings.Contains(err.Error(), "Tol is -1") {
		t.Errorf("a negative Tol: %v", err)
	}
}

// Minimisers and certificates do not depend on the units of the data.
func TestUnits(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(3))
	d := p.Data.(*optimizee.LassoData)
	want, _, err := trace.Minimiser(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []float64{-100, -50, -16, -8, 8, 16, 50, 100} {
		// A·c and λ·c make x* smaller by c, b·c and λ·c larger
		c := math.Pow(10, k)
		for i, q := range []*optimizee.Problem{optimizee.Lasso(d.A.Scale(c), d.B, d.Lambda*c), optimizee.Lasso(d.A, d.B.Scale(c), d.Lambda*c)} {
			unit := []float64{1 / c, c}[i]
			x, _, err := trace.Minimiser(q)
			if err != nil {
				t.Fatal(err)
			}
			if off := x.X().Scale(1 / unit).Sub(want.X()).Abs().Sum().Item(); !(off <= 1e-12) {
				t.Errorf("1e%g, %d: the minimiser is off by %g", k, i, off)
			}
			o, err := trace.Certified(q, 1e-13)
			if err != nil || !(o.Certificate <= 1e-13*o.F) {
				t.Errorf("1e%g, %d: %+v, %v", k, i, o, err)
			}
		}
	}
}

// held blocks the one who asks, from the n-th time on, and ends the context then. It goes on when
// the test is over: nothing that returns earlier has waited for it.
type held struct {
	n    atomic.Int64
	end  context.CancelFunc
	over chan struct{}
}

func (h *held) ask() {
	if h.n.Add(-1) < 0 {
		h.end()
		<-h.over
	}
}

// TestEnds: whatever runs long ends with its context, also where that ends in the middle of a
// step, of a norm or of any other oracle that knows no context.
func TestEnds(t *testing.T) {
	entry := trace.Entry{Name: "ISTA", Rule: optim.ISTA}
	for oracle, hold := range map[string]func(p *optimizee.Problem, h *held){
		"Value": func(p *optimizee.Problem, h *held) {
			of := p.Value
			p.Value = func(x optimizee.Point) ad.Value { h.ask(); return of(x) }
		},
		"Grad": func(p *optimizee.Problem, h *held) {
			of := p.Grad
			p.Grad = func(b string, x optimizee.Point) ad.Value { h.ask(); return of(b, x) }
		},
		"Lipschitz": func(p *optimizee.Problem, h *held) {
			of := p.Lipschitz
			p.Lipschitz = func(b string, x optimizee.Point) float64 { h.ask(); return of(b, x) }
		},
	} {
		for what, f := range map[string]func(ctx context.Context, p *optimizee.Problem) error{
			"race": func(ctx context.Context, p *optimizee.Problem) error {
				_, err := trace.RaceContext(ctx, p, trace.Config{Steps: 1e6}, entry)
				return err
			},
			"certificate": func(ctx context.Context, p *optimizee.Problem) error {
				_, err := trace.CertifiedContext(ctx, p, 0)
				return err
			},
			"minimiser": func(ctx context.Context, p *optimizee.Problem) error {
				_, _, err := trace.MinimiserContext(ctx, p)
				return err
			},
			"steps": func(ctx context.Context, p *optimizee.Problem) error {
				_, _, err := optim.MinimizeContext(ctx, p, optim.ISTA, 1e6, nil)
				return err
			},
			"measurement": func(ctx context.Context, p *optimizee.Problem) error {
				_, err := trace.FixedPoints(ctx, optimizee.Only(p), trace.Config{Problems: 1}, []int{1e6}, entry)
				return err
			},
			"search": func(ctx context.Context, p *optimizee.Problem) error {
				_, err := trace.Search{
					Family: optimizee.Only(p), Config: trace.Config{Problems: 1, Steps: 1e6}, By: trace.LowestMean(),
					Rule: func([]float64) optim.Rule { return optim.ISTA }, Over: []trace.Range{trace.Values("c", 1, 2)},
				}.Run(ctx)
				return err
			},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			h := &held{end: cancel, over: make(chan struct{})}
			h.n.Store(2)
			p := *optimizee.SmallLasso.Draw(optimizee.Stream(1))
			p.ValueGrad, p.Residual = nil, nil
			hold(&p, h)
			err := f(ctx, &p)
			if asked := h.n.Load() < 0; asked != errors.Is(err, context.Canceled) || !asked && oracle != "Value" { // a minimiser asks for no F
				t.Errorf("%s, in %s: %v", what, oracle, err)
			}
			close(h.over)
			cancel()
		}
	}
}

// A decay of 0 is none.
func TestNoughtIsNoDefault(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	end := func(r optim.Rule) float64 {
		f, _, err := optim.Minimize(p, r, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f[3]
	}
	sign := func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) { // what Adam is without decays
		return func(x optimizee.Point) optimizee.Point {
			g := p.Subgradient(x).X()
			return optimizee.X(x.X().Sub(g.Div(g.Abs().Shift(1e-8)).Scale(1e-2)))
		}, nil
	}
	if a, b := end(trace.TunedAdam([]float64{1e-2, 0, 0})), end(sign); !(math.Abs(a-b) <= 1e-12*b) {
		t.Errorf("Adam without decays ends at %g, steps along signs at %g", a, b)
	}
}
