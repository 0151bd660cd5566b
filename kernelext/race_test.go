package kernelext

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/exact"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

func TestRace(t *testing.T) {
	out := capture(t)
	res := Race(optimizee.SmallLasso, trace.Config{Problems: 3, Steps: 20},
		trace.Entry{Name: "FISTA", Rule: optim.FISTA}, trace.Entry{Name: "exact", Rule: optim.Exact})
	curves, a := curvesOf(res, Axes{Note: "Small", Over: trace.OracleCalls})
	if len(curves) != 1 || a.X != "oracle calls" || a.Floor != 1e-14 || !strings.HasPrefix(a.Note, "Small. Mean and 10–90 % band over 3 problems.") || !strings.Contains(a.Note, "Not in the race: Exact needs") {
		t.Errorf("%d curves, %+v", len(curves), a)
	}
	samples, a := samplesOf(res, Axes{After: 20})
	if len(samples) != 1 || len(samples[0].Values) != 3 || a.Y != "relative gap after 20 steps" {
		t.Errorf("%+v, %+v", samples, a)
	}
	Convergence("race", res, Axes{})
	Convergence("curve", curves[0], Axes{})
	Box("box", res, Axes{After: 5})
	ShowTable("table", res.Table(trace.After(5, 20)))
	for _, want := range []string{"Line chart: race. relative gap over iteration", "curve. relative gap", "relative gap after 5 steps of 1 samples", "table\n\n", "\nExact needs"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// A figure does not show a gap that nobody proved as if it were one, nor digits below what a
// certificate leaves open.
func TestUnprovenGaps(t *testing.T) {
	out := capture(t)
	unbound := optimizee.FamilyFunc("no bound", func(rng *rand.Rand) *optimizee.Problem {
		p := *optimizee.SmallLasso.Draw(rng)
		p.Bound = nil
		return &p
	})
	res := Race(unbound, trace.Config{Problems: 3, Steps: 20}, trace.Entry{Name: "ISTA", Rule: optim.ISTA}, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
	Convergence("who", res, Axes{})
	Box("box", res, Axes{})
	for _, want := range []string{"relative gap, at least: F* is unproven", "At the end: ISTA ≥ ", "no proof", "unproven"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out.Reset()
	res.Optima, res.Precision = nil, []float64{.8, 1e-9, 1e-9} // the worst of them counts
	Convergence("who", res, Axes{})
	if s := out.String(); !strings.Contains(s, "floor 1") || !strings.Contains(s, "ISTA ≤ 1 at 20") || !strings.Contains(s, "known only to 8e-01") {
		t.Errorf("a certificate to 0.8 gives\n%s", s)
	}
}

// Races on different problems share no figure in silence.
func TestFiguresNameDifferentProblems(t *testing.T) {
	out := capture(t)
	race := func(name string, seed uint64) *trace.Results {
		return Race(optimizee.SmallLasso, trace.Config{Problems: 2, Steps: 3, Seed: seed}, trace.Entry{Name: name, Rule: optim.ISTA})
	}
	Convergence("two", trace.Join(race("a", 1), race("b", 2)), Axes{})
	if !strings.Contains(out.String(), "not all measured on the same problems") {
		t.Errorf("said %s", out)
	}
	out.Reset()
	if Convergence("two", trace.Join(race("a", 1), race("b", 1)), Axes{}); strings.Contains(out.String(), "not all") {
		t.Errorf("of one set of problems it says %s", out)
	}
}

// Long races are kept like other results.
func TestRaceIsKept(t *testing.T) {
	t.Setenv("L2O_KEEP", t.TempDir())
	capture(t)
	race := func() *trace.Results {
		return Keep("race", 1, func() (*trace.Results, error) {
			return trace.RaceFamily(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 3, Steps: 20}, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
		})
	}
	first, again := race(), race()
	if first == again || again.Mean("FISTA", -1) != first.Mean("FISTA", -1) || again.Note() != first.Note() {
		t.Errorf("%+v came back as %+v", first, again)
	}
}

func TestLandscape(t *testing.T) {
	out := capture(t)
	p := &optimizee.Problem{
		Name: "bowl", Start: optimizee.Point{}.Plus("u", ad.Scalar(1)).Plus("v", ad.Scalar(2)),
		Value: func(x optimizee.Point) ad.Value {
			return x.At("u").SumSquares().Add(x.At("v").SumSquares().Scale(10))
		},
	}
	f, err := plane(p)
	if err != nil || f(3, 1) != 19 {
		t.Fatalf("F(3, 1) is %g, %v", f(3, 1), err)
	}
	way := PathOf("mine", []optimizee.Point{p.Start, p.Start.With("u", ad.Scalar(0))})
	if way.X[1] != 0 || way.Y[1] != 2 {
		t.Errorf("path %+v", way)
	}
	Landscape("bowl", p, Region{-3, 3, -3, 3}, []Path{way}, Axes{})
	if !strings.Contains(out.String(), "1 paths") {
		t.Errorf("said %s", out)
	}
	if _, err := plane(optimizee.SmallLasso.Draw(optimizee.Stream(1))); err == nil || !strings.Contains(err.Error(), "40 coordinates") {
		t.Errorf("a problem of 40 coordinates: %v", err)
	}
	if math.IsNaN(f(0, 0)) {
		t.Error("F(0, 0) is NaN")
	}
}

func TestTuned(t *testing.T) {
	t.Setenv("L2O_KEEP", t.TempDir())
	capture(t)
	runs := 0
	s := trace.Search{
		Family: optimizee.SmallLasso, Config: trace.Config{Problems: 2, Steps: 10}, By: trace.LowestAt(10),
		Over: []trace.Range{trace.Lin("p·L", 0.5, 1.5, 3), trace.Lin("a", 0, 0.5, 2)},
		Rule: func(at []float64) optim.Rule { runs++; return trace.TwoConstants(at) },
	}
	first := Tuned("constants", s)
	before := runs
	again := Tuned("constants", s)
	if runs != before || len(first.Best.At) != 2 || again.Best.Score != first.Best.Score {
		t.Errorf("%d runs, then %d: %+v and %+v", before, runs, first.Best, again.Best)
	}
	if e := again.Entry("tuned"); e.Name != "tuned" || e.Rule == nil {
		t.Errorf("%+v", e)
	}
}

func TestKeptRace(t *testing.T) {
	t.Setenv("L2O_KEEP", t.TempDir())
	capture(t)
	runs := 0
	mine := trace.Entry{Name: "mine", Rule: func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		runs++
		return optim.ISTA(p, rng)
	}}
	race := func(seed uint64) float64 {
		return KeptRace("race", optimizee.SmallLasso, trace.Config{Problems: 2, Steps: 5, Seed: seed}, mine).Mean("mine", -1)
	}
	first := race(1)
	if again := race(1); runs != 2 || again != first {
		t.Errorf("after two races with one key %d runs, mean %g and then %g", runs, first, again)
	}
	if race(2); runs != 4 {
		t.Errorf("another seed, and still %d runs", runs)
	}
}

func TestClusters(t *testing.T) {
	out := capture(t)
	p := mixture.Family{Points: 50, Components: 2, Dim: 2, Box: 50, Sigma: 5}.Draw(optimizee.Stream(1))
	if p.Err != nil {
		t.Fatal(p.Err)
	}
	groups, err := clustersOf(p, p.Start)
	if err != nil || len(groups) != 2 || len(groups[0].X)+len(groups[1].X) != 50 || len(groups[0].Cov[1]) != 2 {
		t.Errorf("%+v, %v", groups, err)
	}
	Clusters("two clouds", p, p.Start)
	if !strings.Contains(out.String(), "50 points in 2 groups") {
		t.Errorf("said %s", out)
	}
	if _, err := clustersOf(optimizee.SmallLasso.Draw(optimizee.Stream(1)), p.Start); err == nil {
		t.Error("a Lasso problem has clusters")
	}
}

func TestTrained(t *testing.T) {
	t.Setenv("L2O_KEEP", t.TempDir())
	out := capture(t)
	job := train.Job{
		Optimizer: learned.PA(learned.PAConfig{}), Family: optimizee.SmallLasso,
		Config: train.Config{Minibatches: 2, Batch: 2, Iterations: 4, LR: 1e-3, Seed: 1, Validation: train.Validation{Problems: 2, Every: 1}},
	}
	first := Trained("small", job)
	if !strings.Contains(out.String(), "Training small: 2 of 2 minibatches") {
		t.Errorf("said %s", out)
	}
	out.Reset()
	again := Trained("small", job)
	if out.Len() > 0 || again.Best != first.Best || len(first.Validation) == 0 {
		t.Errorf("best %g, then %g; said %s", first.Best, again.Best, out)
	}
	end := func(r train.Result) float64 {
		return Race(job.Family, trace.Config{Problems: 2, Steps: 4}, trace.Entry{Name: "L2O-PA", Rule: r.Rule()}).Mean("L2O-PA", -1)
	}
	if a, b := end(first), end(again); a != b {
		t.Errorf("the kept rule reaches %g, the trained one %g", b, a)
	}
	job.Config.Validation = train.Validation{}
	job.Family = optimizee.FamilyFunc("finite at the start only", func(rng *rand.Rand) *optimizee.Problem {
		p := optimizee.SmallLasso.Draw(rng)
		value := p.Value
		p.Value = func(x optimizee.Point) ad.Value { return value(x).Scale(1 / (1 - min(x.Dot(x)*1e300, 1))) }
		return p
	})
	n := exits(t)
	wild := Trained("wild", job)
	if *n != 0 || wild.Minibatches >= 2 || !strings.Contains(out.String(), "diverged") {
		t.Errorf("a training that diverges: %d failures, %d minibatches, said %s", *n, wild.Minibatches, out)
	}
}

// What an optimizer was made from is part of the key of its training.
func TestEveryRecipeHasAKey(t *testing.T) {
	for _, r := range recipe.All() {
		key, err := plain(train.Job{Optimizer: r.Optimizer, Family: optimizee.SmallLasso, Config: r.Train}.Key())
		if err == nil {
			_, err = exact.Encode(key)
		}
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}
