package trace_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/trace"
)

// parabola is ½x² in one number, started at 1.
func parabola() *optimizee.Problem {
	return &optimizee.Problem{
		Name: "parabola", Start: optimizee.X(ad.Scalar(1)),
		Value: func(x optimizee.Point) ad.Value { return x.X().SumSquares().Scale(0.5) },
		Grad:  func(_ string, x optimizee.Point) ad.Value { return x.X() },
	}
}

func fixed(name string, t float64) trace.Entry {
	return trace.Entry{Name: name, Rule: optim.GD(optim.Fixed(t))}
}

func TestRace(t *testing.T) {
	r, err := trace.Race(parabola(), trace.Config{Steps: 4, Seed: 1},
		fixed("half", 0.5), trace.Entry{Name: "ISTA", Rule: optim.ISTA}, fixed("wild", -1e160), trace.Entry{Name: "exact", Rule: optim.Exact},
		trace.Entry{Name: "search", Rule: optim.GD(optim.LineSearch(4))})
	if err != nil {
		if strings.Contains(err.Error(), "wild") {
			t.Fatal("a negative step is refused, it does not end the race:", err)
		}
		t.Fatal(err)
	}
	if !slices.Equal(r.Names, []string{"half", "search"}) {
		t.Errorf("ran: %q", r.Names)
	}
	for i, want := range []string{"ISTA needs the Prox oracle, which parabola does not have", "wild: optim: GD: the step size is", "Exact needs the Solve oracle"} {
		if !strings.HasPrefix(r.Refused[i], want) {
			t.Errorf("refused %q, want %q", r.Refused[i], want)
		}
	}
	half := r.Runs[0][0]
	if want := []float64{1. / 2, 1. / 8, 1. / 32, 1. / 128, 1. / 512}; !slices.Equal(half.F, want) || half.Diverged != 0 || half.Last.X().Item() != 1./16 {
		t.Errorf("values %v, last %v", half.F, half.Last.X())
	}
	// one gradient a step; the values that the race itself takes are not counted
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(half.Calls, want) {
		t.Errorf("calls %v, want %v", half.Calls, want)
	}
	// the search takes F(x), F(x − 4g), F(x − 2g), F(x − g), a gradient and, in its first step, one for the curvature; at 0,
	// where nothing moves, F twice
	if want := []int{0, 6, 9, 12, 15}; !slices.Equal(r.Runs[1][0].Calls, want) {
		t.Errorf("calls of the search %v, want %v", r.Runs[1][0].Calls, want)
	}
	if !math.IsNaN(r.Floor()) || !strings.Contains(r.Optima[0].Source, "no proof") || r.Optima[0].F != 0 {
		t.Errorf("optimum %+v", r.Optima[0])
	}
	if g := r.Values("half")[0]; !slices.Equal(g, half.F) { // F* is 0, so gaps are not relative
		t.Errorf("gaps %v", g)
	}
	want := "mean relative gap  after 0    after 4\n" +
		"half                 ≥ 0.5  ≥ 0.00195\n" +
		"search               ≥ 0.5   unproven\n"
	if got := r.Table(trace.After(0, 4)).String(); !strings.HasPrefix(got, want) || !strings.Contains(got, "\nISTA needs the Prox") || !strings.HasSuffix(got, "which is no proof.\n") {
		t.Errorf("table\n%s", got)
	}
	if c := r.Curves(trace.OracleCalls)[0]; !slices.Equal(c.X, []float64{0, 1, 2, 3, 4}) || c.Lo != nil || c.Note != "" || !strings.HasSuffix(r.Note(), "no proof.") {
		t.Errorf("curve %+v", c)
	}
	if k := r.First("half", 0.01); k != 3 {
		t.Errorf("first at %d", k)
	}
	if k := r.First("half", 1e-9); k != -1 {
		t.Errorf("never is %d", k)
	}
}

// Every entry starts from Start, is followed by itself, and divergence is data.
func TestDivergence(t *testing.T) {
	r, err := trace.Race(parabola(), trace.Config{Steps: 5}, fixed("wild", 1e100), fixed("tame", 0.5))
	if err != nil {
		t.Fatal(err)
	}
	wild := r.Runs[0][0]
	if wild.Diverged != 2 || wild.F[0] != 0.5 || math.IsNaN(wild.F[1]) || !math.IsNaN(wild.F[2]) || !math.IsNaN(wild.F[5]) || len(wild.Calls) != 6 || wild.Calls[5] != 2 {
		t.Errorf("diverged at %d: %v, %v", wild.Diverged, wild.F, wild.Calls)
	}
	if f := r.Runs[1][0].F; f[0] != 0.5 || f[1] != 0.125 {
		t.Errorf("the tame run is %v", f)
	}
	if note := r.Curves(trace.Iterations)[0].Note; note != "diverged at 2" {
		t.Errorf("note %q", note)
	}
	if got := r.Table(trace.After(5)).Rows[0][1]; got != "diverged" {
		t.Errorf("table says %q", got)
	}
}

// Entries of one name are pooled, problem by problem; every entry sees the same problems.
func TestFamily(t *testing.T) {
	seen := optim.Rule(func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		by := rng.Float64() // a random rule: other states for other problems and entries
		return func(x optimizee.Point) optimizee.Point {
			return x.Map(func(_ string, v ad.Value) ad.Value { return v.Shift(by) })
		}, nil
	})
	c := trace.Config{Problems: 6, Steps: 3, Seed: 5}
	race := func() *trace.Results {
		r, err := trace.RaceFamily(context.Background(), optimizee.SmallLasso, c,
			trace.Entry{Name: "FISTA", Rule: optim.FISTA}, trace.Entry{Name: "random", Rule: seen}, trace.Entry{Name: "random", Rule: seen})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := race()
	if len(r.Runs[0]) != 6 || len(r.Runs[1]) != 12 || len(r.Optima) != 6 || len(r.Values("random")) != 12 {
		t.Fatalf("%d and %d runs, %d optima", len(r.Runs[0]), len(r.Runs[1]), len(r.Optima))
	}
	for i := range 6 {
		if a, b := r.Runs[1][2*i].F, r.Runs[1][2*i+1].F; a[0] != b[0] || a[1] == b[1] {
			t.Errorf("problem %d: two random entries start at %g and %g and step to %g and %g", i, a[0], b[0], a[1], b[1])
		}
	}
	starts := map[float64]int{}
	for n := range r.Runs {
		for _, run := range r.Runs[n] {
			starts[run.F[0]]++
		}
	}
	if len(starts) != 6 {
		t.Errorf("%d different starts on six problems", len(starts))
	}
	for _, n := range starts {
		if n != 3 {
			t.Errorf("a start was taken %d times by three entries", n)
		}
	}
	if !(r.Floor() <= 1e-13) {
		t.Errorf("the optima are certified to %g", r.Floor())
	}
	for i, run := range r.Runs[0] { // the gaps are those to the run's own problem
		p := optimizee.SmallLasso.Draw(optimizee.Stream(5, 100, uint64(i)))
		if f := p.Value(p.Start).Item(); run.F[0] != f || r.Values("FISTA")[i][0] != (f-r.Optima[i].F)/r.Optima[i].F {
			t.Errorf("run %d starts at %g, the problem at %g", i, run.F[0], f)
		}
	}
	again := race()
	for n := range r.Runs {
		for i := range r.Runs[n] {
			if !slices.Equal(r.Runs[n][i].F, again.Runs[n][i].F) {
				t.Fatal("the same race again gives other values")
			}
		}
	}
	if c := r.Curves(trace.Iterations)[0]; len(c.Lo) != 4 || c.Note != "" || !(c.Lo[3] <= c.Y[3] && c.Y[3] <= c.Hi[3]) {
		t.Errorf("curve %+v", c)
	}
}

func TestTimed(t *testing.T) {
	r, err := trace.RaceFamily(context.Background(), optimizee.SmallLasso, trace.Config{Problems: 2, Steps: 3, Timed: true}, trace.Entry{Name: "ISTA", Rule: optim.ISTA})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Curves(trace.Seconds)[0]
	if c.X[0] != 0 || !(c.X[3] > 0) || !slices.IsSorted(c.X) {
		t.Errorf("seconds %v", c.X)
	}
}

func TestCertified(t *testing.T) {
	for seed := range uint64(5) {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(seed))
		o, err := trace.Certified(p, 1e-13)
		if err != nil {
			t.Fatal(err)
		}
		if !(o.Certificate >= 0 && o.Certificate <= 1e-13*o.F) || !strings.Contains(o.Source, "duality gap after") {
			t.Errorf("problem %d: %+v", seed, o)
		}
		for k := range uint64(20) { // nothing is lower
			x := p.Start.Map(func(_ string, v ad.Value) ad.Value {
				w, rng := ad.New(v.R, v.C, nil), optimizee.Stream(seed, k)
				for i := range w.Data {
					w.Data[i] = 0.3 * rng.NormFloat64()
				}
				return w
			})
			if f := p.Value(x).Item(); f < o.F {
				t.Errorf("problem %d: F = %g is below %g", seed, f, o.F)
			}
		}
	}
	// a minimum of zero, where no gap is relative
	p := optimizee.QuadraticSpec{Rows: 5, Cols: 20}.Draw(optimizee.Stream(1))
	o, err := trace.Certified(p, 1e-14)
	if err != nil || !(o.F < 1e-25) || strings.Contains(o.Source, "20000") {
		t.Errorf("wide quadratic: %+v, %v", o, err)
	}
	if g := o.Relative(3); g != 3-o.F {
		t.Errorf("the gap of 3 to a minimum of zero is %g", g)
	}
	// an L that is too small is found out, and the optimum is that of the problem
	lasso := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	right, err := trace.Certified(lasso, 1e-14)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []float64{0.6 * lasso.Lipschitz("x", lasso.Start), 0.01} {
		o, err := trace.Certified(optimizee.WithLipschitz(lasso, l), 1e-14)
		if err != nil || math.Abs(o.F-right.F) > 1e-13*right.F || o.Certificate > 1e-13*o.F {
			t.Errorf("told L = %g: %+v, %v; want %+v", l, o, err, right)
		}
	}
	if _, err := trace.Certified(parabola(), 1e-14); err == nil || !strings.Contains(err.Error(), "Bound") {
		t.Errorf("without a Bound: %v", err)
	}
}

// TestCertifiedParts: optima of problems made of parts come with a proof too.
func TestCertifiedParts(t *testing.T) {
	rng := optimizee.Stream(1)
	a, b := optimizee.Gaussian(rng, 20, 12), optimizee.Gaussian(rng, 20, 1)
	for _, r := range []prox.Regulariser{
		prox.ElasticNet(2, 0.5), prox.NonNegative(), prox.Box(-0.1, 0.1), prox.Simplex(1), prox.L1Ball(0.3), prox.Group(2, prox.Consecutive(4, 4, 4)),
	} {
		p := optimizee.LeastSquares(linear.Dense(a), b).Plus(r)
		if o, err := trace.Certified(p, 1e-12); err != nil || !(o.Certificate >= 0 && o.Certificate <= 1e-12*o.F) {
			t.Errorf("%s: %+v, %v", p.Name, o, err)
		}
	}
}

func TestRelative(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		o       trace.Optimum
		f, want float64
	}{
		{trace.Optimum{F: 2}, 3, 0.5},
		{trace.Optimum{F: -2}, -1, 0.5},
		{trace.Optimum{F: 2, Certificate: nan}, 3, 0.5},
		{trace.Optimum{F: 2}, 2 - 1e-15, 0},
		{trace.Optimum{F: 0}, 3, 3},
		{trace.Optimum{F: 1e-30, Certificate: 1e-30}, 3, 3},
		{trace.Optimum{F: 2}, math.Inf(1), math.Inf(1)},
	} {
		if got := c.o.Relative(c.f); got != c.want {
			t.Errorf("%+v: the gap of %g is %g, want %g", c.o, c.f, got, c.want)
		}
	}
	if got := (trace.Optimum{F: 2}).Relative(nan); !math.IsNaN(got) {
		t.Errorf("the gap of NaN is %g", got)
	}
}

func TestBadRaces(t *testing.T) {
	ista := trace.Entry{Name: "ISTA", Rule: optim.ISTA}
	draw := optimizee.SmallLasso
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for want, f := range map[string]func() (*trace.Results, error){
		"a race of 0 steps": func() (*trace.Results, error) { return trace.Race(parabola(), trace.Config{}, ista) },
		"on 0 problems": func() (*trace.Results, error) {
			return trace.RaceFamily(t.Context(), draw, trace.Config{Steps: 1}, ista)
		},
		"a race needs entries": func() (*trace.Results, error) { return trace.Race(parabola(), trace.Config{Steps: 1}) },
		`entry 1, "nobody"`: func() (*trace.Results, error) {
			return trace.Race(parabola(), trace.Config{Steps: 1}, ista, trace.Entry{Name: "nobody"})
		},
		"needs a name": func() (*trace.Results, error) {
			return trace.Race(parabola(), trace.Config{Steps: 1}, trace.Entry{Rule: optim.ISTA})
		},
		"λ = -1": func() (*trace.Results, error) {
			return trace.Race(optimizee.Lasso(ad.Eye(2), ad.Col(1, 1), -1), trace.Config{Steps: 1}, ista)
		},
		context.Canceled.Error(): func() (*trace.Results, error) {
			r, err := trace.RaceFamily(ctx, draw, trace.Config{Steps: 1, Problems: 1}, ista)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			return r, err
		},
	} {
		if r, err := f(); r != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	r, err := trace.Race(parabola(), trace.Config{Steps: 2}, fixed("half", 0.5))
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func(){
		"no run of \"ISTA\"; there are [\"half\"]": func() { r.Values("ISTA") },
		"step 3 of a race of 2 steps":              func() { r.Mean("half", 3) },
	} {
		func() {
			defer func() {
				if got := recover(); got == nil || !strings.Contains(got.(string), want) {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

// The classics run wherever their oracles are, and their names differ.
func TestClassics(t *testing.T) {
	r, err := trace.Race(optimizee.QuadraticSpec{Rows: 8, Cols: 5}.Draw(optimizee.Stream(1)), trace.Config{Steps: 200}, trace.Classics()...)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Refused) != 0 || len(r.Names) != len(trace.Classics()) {
		t.Errorf("refused %v, ran %q", r.Refused, r.Names)
	}
	for _, name := range r.Names {
		if !(r.Mean(name, 200) < r.Mean(name, 0)) {
			t.Errorf("%s takes the gap from %g to %g", name, r.Mean(name, 0), r.Mean(name, 200))
		}
	}
	r, err = trace.Race(parabola(), trace.Config{Steps: 5}, trace.Classics()...)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"GD", "heavy ball", "NAG", "Adam", "AdamHD", "RMSProp", "subgradient"}; !slices.Equal(r.Names, want) || len(r.Refused) != 5 {
		t.Errorf("with Value and Grad alone %q run, %v", r.Names, r.Refused)
	}
}

// On a box, rules that would leave it are refused by name, and nothing that runs diverges.
func TestClassicsOnABox(t *testing.T) {
	p := optimizee.LeastSquares(linear.Dense(optimizee.Gaussian(optimizee.Stream(1), 8, 5)), ad.Full(8, 1, 3)).Plus(prox.Box(0, 0.5))
	r, err := trace.Race(p, trace.Config{Steps: 50}, trace.Classics()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GD", "heavy ball", "NAG", "Adam", "AdamHD", "RMSProp", "subgradient", "Exact"} {
		if !slices.ContainsFunc(r.Refused, func(s string) bool { return strings.HasPrefix(s, name+" ") }) {
			t.Errorf("%s runs, or has no name in %q", name, r.Refused)
		}
	}
	for i, name := range r.Names {
		if r.Runs[i][0].Diverged != 0 {
			t.Errorf("%s diverges", name)
		}
	}
}

func TestTableCSV(t *testing.T) {
	var b strings.Builder
	table := trace.Table{Header: []string{"k", "5, 6"}, Rows: [][]string{{"a", "1"}}, Notes: []string{"note"}}
	if err := table.WriteCSV(&b); err != nil || b.String() != "k,\"5, 6\"\na,1\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
