package trace_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
)

func race(t *testing.T, fam optimizee.Family, c trace.Config, entries ...trace.Entry) *trace.Results {
	t.Helper()
	r, err := trace.RaceFamily(t.Context(), fam, c, entries...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// One race by all measures of F: ½x² from 1, whose F* of 0 nobody knows.
func TestMeasuresOfF(t *testing.T) {
	fam := optimizee.Only(parabola())
	c := trace.Config{Problems: 1, Steps: 2}
	for _, m := range []struct {
		of   trace.Measure
		want []float64
	}{
		{trace.Value, []float64{0.5, 0.125, 0.03125}},
		{trace.Excess, []float64{0.46875, 0.09375, 0}}, // above the lowest value seen
		{trace.Gap, []float64{15, 3, 0}},
		{trace.Measure{}, []float64{15, 3, 0}},
		{trace.Solved(3), []float64{0, 0, 0}}, // none is proven
		{trace.Measure{Name: "x", Of: func(_ *optimizee.Problem, x optimizee.Point) float64 { return x.X().Item() }}, []float64{1, 0.5, 0.25}},
	} {
		c.Measure = m.of
		r := race(t, fam, c, fixed("half", 0.5))
		if got := r.Values("half")[0]; !slices.Equal(got, m.want) || m.of.Name != "" && r.Measure != m.of.Name {
			t.Errorf("%s: %v, want %v", r.Measure, got, m.want)
		}
	}
	// a reference lowers F* and does not show
	c.Measure, c.Reference = trace.Excess, trace.Entry{Rule: optim.GD(optim.Fixed(1))}
	r := race(t, fam, c, fixed("half", 0.5))
	if !slices.Equal(r.Values("half")[0], []float64{0.5, 0.125, 0.03125}) || len(r.Names) != 1 || r.Optima[0].F != 0 {
		t.Errorf("with a reference: %v of %q, F* = %g", r.Values("half"), r.Names, r.Optima[0].F)
	}
	c.Reference.Rule = optim.Exact
	if _, err := trace.RaceFamily(t.Context(), fam, c, fixed("half", 0.5)); err == nil || !strings.Contains(err.Error(), "the reference: Exact needs") {
		t.Errorf("a reference that cannot run: %v", err)
	}
}

// errorSums are the sums of both conventions of the NMSE.
type errorSums struct{ squares, total, db, n float64 }

func (e *errorSums) add(x, truth ad.Value) {
	for _, one := range sparse.Instances(x, truth) {
		e.squares, e.total, e.db, e.n = e.squares+one.Squares, e.total+one.Total, e.db+one.DB, e.n+1
	}
}

func (e *errorSums) ratio() float64 { return 10 * math.Log10(e.squares/e.total) }

// The mean of a ratio of sums is over all instances, and bands are over signals.
func TestRatioOfSums(t *testing.T) {
	fam := sparse.SmallRecovery
	c := trace.Config{Problems: 3, Steps: 4, Seed: 2, Measure: trace.NMSE}
	fista := trace.Entry{Name: "FISTA", Rule: optim.FISTA}
	r := race(t, fam, c, fista)
	c.Measure = trace.MeanOfDB
	mean := race(t, fam, c, fista)
	var all errorSums
	for i := range 3 {
		p := c.Problem(fam, i)
		_, x, err := optim.Minimize(p, optim.FISTA, 4, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.At("FISTA", -1)[i]; got != sparse.NMSE(x.X(), p.Truth.X()) {
			t.Errorf("problem %d: %g dB", i, got)
		}
		all.add(x.X(), p.Truth.X())
	}
	if r.Mean("FISTA", -1) != all.ratio() || math.Abs(mean.Mean("FISTA", 4)-all.db/all.n) > 1e-12 || r.Mean("FISTA", 0) != 0 {
		t.Errorf("%g and %g dB, want %g and %g", r.Mean("FISTA", 4), mean.Mean("FISTA", 4), all.ratio(), all.db/all.n)
	}
	if r.Optima != nil || r.Runs[0][0].F != nil || len(r.Runs[0][0].Each[4]) != 64 || !strings.Contains(r.Note(), "192 instances") {
		t.Errorf("F %v, optima %v, %s", r.Runs[0][0].F, r.Optima, r.Note())
	}
	if b := r.Curves(trace.Iterations)[0]; !(b.Lo[4] < b.Y[4] && b.Y[4] < b.Hi[4]) || b.Y[4] != all.ratio() {
		t.Errorf("band %v to %v around %v", b.Lo[4], b.Hi[4], b.Y[4])
	}
}

// A run that leaves the finite numbers stays NaN, in the sums as well.
func TestRatioDiverges(t *testing.T) {
	c := trace.Config{Problems: 2, Steps: 400, Measure: trace.NMSE}
	r := race(t, sparse.SmallRecovery, c, trace.Entry{Name: "wild", Rule: optim.WithStep(40, optim.FISTA)})
	run := r.Runs[0][0]
	if run.Diverged == 0 || !math.IsNaN(run.Values[400]) || !math.IsNaN(r.Mean("wild", 400)) || math.IsNaN(r.Mean("wild", 1)) || !math.IsNaN(run.Each[400][3]) {
		t.Errorf("diverged at %d: %g, mean %g", run.Diverged, run.Values[400], r.Mean("wild", 400))
	}
	if note := r.Curves(trace.Iterations)[0].Note; !strings.HasPrefix(note, "2 of 2 diverged") {
		t.Errorf("note %q", note)
	}
}

func TestCompletionError(t *testing.T) {
	fam := completion.Paper
	fam.Rows, fam.Cols, fam.Rank, fam.P, fam.Observe = 20, 20, 2, 2, 0.6
	c := trace.Config{Problems: 2, Steps: 5, Measure: trace.RMSE}
	r := race(t, fam, c, trace.Entry{Name: "ALS", Rule: completion.ALS})
	p := c.Problem(fam, 1)
	_, x, err := optim.Minimize(p, completion.ALS, 5, nil)
	if err != nil || r.At("ALS", 5)[1] != completion.RMSE(p, x) {
		t.Errorf("%v, want %g, %v", r.At("ALS", 5), completion.RMSE(p, x), err)
	}
}

func TestClusteringError(t *testing.T) {
	c := trace.Config{Problems: 2, Steps: 5, Measure: trace.ClusteringError}
	r := race(t, mixture.Paper, c, trace.Entry{Name: "EM", Rule: mixture.EM})
	p := c.Problem(mixture.Paper, 1)
	_, x, err := optim.Minimize(p, mixture.EM, 5, nil)
	if e := r.At("EM", 5)[1]; err != nil || e != mixture.ClusteringError(p, x) || !(r.Mean("EM", 5) < r.Mean("EM", 0)) || !r.Linear {
		t.Errorf("%g, want %g: %v", e, mixture.ClusteringError(p, x), err)
	}
}

func TestMeasureRefuses(t *testing.T) {
	ista := trace.Entry{Name: "ISTA", Rule: optim.ISTA}
	lost := trace.DistanceTo(func(*optimizee.Problem) (optimizee.Point, error) {
		return optimizee.Point{}, errors.New("nobody knows")
	})
	for want, m := range map[string]trace.Measure{
		"NMSE is NaN at Start of lasso: does the problem": trace.NMSE,
		"relative error is NaN at Start":                  trace.RMSE,
		`the measure "mine" has no function`:              {Name: "mine"},
		"‖x − x*‖: nobody knows":                          lost,
	} {
		p := optimizee.Lasso(ad.Eye(2), ad.Col(1, 1), 0.1)
		if _, err := trace.Race(p, trace.Config{Steps: 1, Measure: m}, ista); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Given streams give the problems of other runs, and one state to all entries.
func TestStreams(t *testing.T) {
	random := optim.Rule(func(_ *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		by := rng.Float64()
		return func(x optimizee.Point) optimizee.Point {
			return x.Map(func(_ string, v ad.Value) ad.Value { return v.Shift(by) })
		}, nil
	})
	c := trace.Config{Problems: 2, Steps: 1, Measure: trace.Value, Streams: func(i int) (problem, state *rand.Rand) {
		return optimizee.Stream(7, 1, uint64(i)), optimizee.Stream(7, 2, uint64(i))
	}}
	r := race(t, optimizee.SmallLasso, c, trace.Entry{Name: "a", Rule: random}, trace.Entry{Name: "b", Rule: random})
	for i, v := range r.At("a", 0) {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(7, 1, uint64(i)))
		if v != p.Value(p.Start).Item() || r.At("a", 1)[i] != r.At("b", 1)[i] || c.Problem(optimizee.SmallLasso, i).Value(p.Start).Item() != v {
			t.Errorf("problem %d: %g", i, v)
		}
	}
	if r.At("a", 1)[0] == r.At("a", 1)[1] {
		t.Error("two problems, one state")
	}
}

// A rule that one problem refuses does not take part, so that all means are over the same problems.
func TestRefusedOnOneProblem(t *testing.T) {
	picky := optim.Rule(func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		if p.Data == nil {
			return nil, errors.New("this one has no data")
		}
		return optim.ISTA(p, rng)
	})
	c := trace.Config{Problems: 3, Steps: 1}
	n := 0
	fam := optimizee.FamilyFunc("mixed", func(rng *rand.Rand) *optimizee.Problem {
		p := optimizee.SmallLasso.Draw(rng)
		if p.Data = n; n == 2 {
			p.Data = nil
		}
		n++
		return p
	})
	c.Timed = true // one after the other
	r := race(t, fam, c, trace.Entry{Name: "picky", Rule: picky}, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
	if !slices.Equal(r.Names, []string{"FISTA"}) || len(r.Runs[0]) != 3 || !slices.Equal(r.Refused, []string{"picky: this one has no data (problem 2). It started on 2 of 3 problems and is left out: means are over the same problems for every method"}) {
		t.Errorf("%q ran, refused %q", r.Names, r.Refused)
	}
}
