package mixture_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
)

func top(v ad.Value) (m float64) {
	for _, x := range v.Data {
		m = max(m, math.Abs(x)) // NaN when there is one
	}
	return m
}

// SolveAll runs in kernels; the twin is written in operations on values.
func TestFusedIsComposed(t *testing.T) {
	x := lumps(71, 200, corners)
	round, row, full := ad.Scalar(2), ad.Row(0.5, 2), tilted(7, 3, 2)
	cases := map[string]mixture.Config{
		"round":               {Cov: []ad.Value{round}},
		"round, one for each": {Cov: []ad.Value{round, ad.Scalar(1), ad.Scalar(0.3)}},
		"variances":           {Cov: []ad.Value{row}},
		"variances and round": {Cov: []ad.Value{row, round, row}},
		"full":                {Cov: full},
		"full, one for all":   {Cov: full[:1]},
		"all shapes":          {Cov: []ad.Value{round, row, full[0]}},
		"softmax":             {Cov: full, Softmax: true},
		"fixed":               {Cov: full, FixMu: []int{1}, FixPi: true},
	}
	for c := mixture.Full; c <= mixture.Spherical; c++ {
		cases["estimated, "+c.String()] = mixture.Config{Covariance: c}
		cases["estimated, fixed, "+c.String()] = mixture.Config{Covariance: c, FixMu: []int{0, 2}, FixPi: true, Softmax: true}
	}
	for name, c := range cases {
		c.K, c.Seed = 3, 4
		p := mixture.Problem(x, c)
		if p.Err != nil {
			t.Fatal(name, p.Err)
		}
		m := p.Data.(*mixture.Data)
		at := p.Start
		for range 5 {
			got, want := p.SolveAll(at), m.Composed(at)
			for _, b := range got.Blocks() {
				if off := top(got.At(b).Sub(want.At(b))); !(off <= 1e-11*max(1, top(want.At(b)))) {
					t.Errorf("%s: block %s is off by %.2g", name, b, off)
				}
			}
			if f, w := p.Value(at).Item(), m.ComposedValue(at).Item(); !(math.Abs(f-w) <= 1e-12*math.Abs(w)) {
				t.Errorf("%s: F is %.15g, that of the twin %.15g", name, f, w)
			}
			at = got.With("mu", got.At("mu").Add(gauss(5, 3, 2).Scale(0.1)))
		}
	}
}

// What is degenerate has an answer, and one that says so.
func TestEstimatedCorners(t *testing.T) {
	x := lumps(91, 30, corners)
	thin := x.Mul(ad.Row(1, 0)).Shift(3) // a constant column
	for c := mixture.Full; c <= mixture.Spherical; c++ {
		for name, q := range map[string]struct {
			x ad.Value
			k int
		}{"equal points": {ad.Full(30, 2, 1.5), 3}, "a constant column": {thin, 2}, "a component for each point": {x, 30}} {
			p := mixture.Problem(q.x, mixture.Config{K: q.k, Covariance: c})
			if f, last := run(t, p, mixture.EM, 50); !last.IsFinite() || math.IsNaN(f[50]) {
				t.Errorf("%v, %s: F = %g at %v", c, name, f[50], last)
			}
		}
		p := mixture.Problem(x, mixture.Config{K: 3, Covariance: c, Start: optimizee.Point{}})
		m := p.Data.(*mixture.Data)
		far := p.Start.With("mu", p.Start.At("mu").Shift(1e7)) // beyond the kernels' digits
		if next := p.SolveAll(far); !next.IsFinite() || next.At("cov").Sub(m.Composed(far).At("cov")).SumSquares().Item() != 0 {
			t.Errorf("%v: from far away %v", c, next)
		}
		wrong := p.Start.With("cov", p.Start.At("cov").Neg())
		if f, next := p.Value(wrong).Item(), p.SolveAll(wrong); !math.IsInf(f, 1) || next.IsFinite() {
			t.Errorf("%v: below 0 F is %g, and EM goes to %v", c, f, next)
		}
		empty := p.Start.With("mu", p.Start.At("mu").Add(ad.Col(0, 0, 1e9)))
		if next := p.SolveAll(empty); c != mixture.Tied && m.Covariance(next, 2).Sub(m.Covariance(empty, 2)).SumSquares().Item() != 0 {
			t.Errorf("%v: a component without points has the covariance %v", c, m.Covariance(next, 2))
		}
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, "no derivative") {
					t.Errorf("%v on a tape: %s", c, said)
				}
			}()
			var tape ad.Tape
			p.Value(p.Start.With("mu", tape.Watch(p.Start.At("mu"))))
		}()
	}
}

// BIC finds the number of clouds, whatever is estimated.
func TestSelect(t *testing.T) {
	x := lumps(71, 300, corners)
	for _, c := range []mixture.Config{
		{Cov: []ad.Value{ad.Scalar(1)}}, {Covariance: mixture.Full}, {Covariance: mixture.Tied}, {Covariance: mixture.Diagonal}, {Covariance: mixture.Spherical},
	} {
		best, all, err := mixture.Select(x, c, mixture.Search{To: 5, Runs: 5}, optimizee.Stream(1))
		if err != nil || best.K != 3 || len(all) != 5 {
			t.Errorf("%v: %v of %v, %v", c.Covariance, best, all, err)
			continue
		}
		m := best.Problem.Data.(*mixture.Data)
		for k := range 3 {
			cov := m.Covariance(best.Point, k)
			if !(top(cov.Sub(ad.Eye(2))) < 0.4) {
				t.Errorf("%v: the covariance of component %d is %v", c.Covariance, k, cov)
			}
		}
		if f := best.Problem.Value(best.Point).Item(); !(math.Abs(-300*f-best.LogLikelihood) <= 1e-9) {
			t.Errorf("%v: the log-likelihood is %g, F %g", c.Covariance, best.LogLikelihood, f)
		}
	}
}

func TestEstimatedRefuses(t *testing.T) {
	x := lumps(92, 20, corners)
	full := mixture.Config{K: 3, Covariance: mixture.Full}
	start := mixture.Problem(x, full).Start
	for want, spoil := range map[string]func(c *mixture.Config){
		"given and to be estimated (full)":                   func(c *mixture.Config) { c.Cov = []ad.Value{ad.Scalar(1)} },
		"a floor of -1":                                      func(c *mixture.Config) { c.Floor = -1 },
		"there is no covariance 7":                           func(c *mixture.Config) { c.Covariance = 7 },
		"say in Covariance which to estimate":                func(c *mixture.Config) { c.Covariance = mixture.Given },
		"cov is 6×2: with tied covariances it has to be 2×2": func(c *mixture.Config) { c.Covariance, c.Start = mixture.Tied, start },
		"covariance of component 0: it is not positive":      func(c *mixture.Config) { c.Start = start.With("cov", start.At("cov").Neg()) },
		`the start has blocks ["pi" "mu"]`:                   func(c *mixture.Config) { c.Start = mixed(start.At("pi"), start.At("mu")) },
	} {
		c := full
		spoil(&c)
		if err := mixture.Problem(x, c).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	stream := optimizee.Stream(1)
	for want, q := range map[string]struct {
		x ad.Value
		c mixture.Config
		s mixture.Search
	}{
		"from 1 to 21 components for 20 points": {x, mixture.Config{Covariance: mixture.Full}, mixture.Search{To: 21}},
		"leave K, Start":                        {x, full, mixture.Search{}},
		"the points holds NaN":                  {ad.Full(5, 2, math.NaN()), mixture.Config{Covariance: mixture.Full}, mixture.Search{}},
		"all have to be positive":               {x, mixture.Config{Covariance: mixture.Full}, mixture.Search{Runs: -1}},
		"collapsed in 10 of 10 runs":            {x.Mul(ad.Row(1, 0)), mixture.Config{Covariance: mixture.Diagonal}, mixture.Search{To: 2}},
		"1×1, 1×2 or 2×2":                       {x, mixture.Config{Cov: []ad.Value{ad.Row(1, 1, 1)}}, mixture.Search{}},
	} {
		if _, _, err := mixture.Select(q.x, q.c, q.s, stream); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if _, _, err := mixture.Select(x, mixture.Config{Covariance: mixture.Full}, mixture.Search{}, nil); err == nil {
		t.Error("Select without a source draws starts")
	}
}

// blocking is a source of random numbers that ends a context and waits.
type blocking struct {
	end  context.CancelFunc
	over chan struct{}
}

func (b blocking) Uint64() uint64 {
	b.end()
	<-b.over
	return 0
}

// TestSelectEnds with its context, whatever it waits for.
func TestSelectEnds(t *testing.T) {
	x := optimizee.Gaussian(optimizee.Stream(1), 50, 2)
	ctx, end := context.WithCancel(t.Context())
	b := blocking{end, make(chan struct{})}
	defer close(b.over)
	if best, all, err := mixture.SelectContext(ctx, x, mixture.Config{Covariance: mixture.Full}, mixture.Search{}, rand.New(b)); !errors.Is(err, context.Canceled) || best.Problem != nil || all != nil {
		t.Errorf("%v, %v: %v", best, all, err)
	}
	if _, _, err := mixture.SelectContext(ctx, x, mixture.Config{Covariance: mixture.Full}, mixture.Search{}, optimizee.Stream(1)); !errors.Is(err, context.Canceled) {
		t.Error("after its end:", err)
	}
}
