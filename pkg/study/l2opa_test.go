package study_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// What a bill declares for a step is what a race counts.
func TestBill(t *testing.T) {
	h := study.Logistic
	pa := weights.Rule(h.Weights)
	race, err := trace.RaceFamily(context.Background(), h.Family, trace.Config{Problems: 4, Steps: 20, Seed: 1},
		trace.Entry{Name: "FISTA", Rule: optim.FISTA}, trace.Entry{Name: "slow", Rule: optim.WithStep(0.01, optim.ISTA)},
		trace.Entry{Name: "L2O-PA", Rule: pa}, trace.Entry{Name: "guarded", Rule: optim.Guard(pa, optim.ISTA)})
	if err != nil {
		t.Fatal(err)
	}
	gradient, network, err := study.Multiplications(h.Weights)
	if err != nil || gradient != 100_000 || network != 270_000 {
		t.Errorf("%g multiplications of a gradient, %g of the network (%v)", gradient, network, err)
	}
	b, err := h.Bill(context.Background(), race, map[string]study.Cost{
		"L2O-PA":  {Iterations: 1, Gradients: 1, Networks: 1},
		"guarded": {Iterations: 1, Gradients: 2, Values: 2, Networks: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Before["L2O-PA"] = study.Cost{Gradients: 900, Values: 100, Networks: 500}
	for _, name := range []string{"FISTA", "L2O-PA", "guarded"} {
		_, calls := race.Reached(name, 1e-6)
		if got, want := b.Cost(name, 1e-6).Calls(), trace.Mean(calls); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %g calls declared, %g counted", name, got, want)
		}
	}
	if got := study.Tuning(h.Constants).Calls(); got != 2*42*32*20 {
		t.Errorf("a search of 42 trials took %g calls", got)
	}
	saves := b.Cost("FISTA", 1e-6).Calls() - b.Cost("L2O-PA", 1e-6).Calls()
	if got, want := b.Payback("L2O-PA", "FISTA", 1e-6, study.Cost.Calls), 1000/saves; math.Abs(got-want) > 1e-6 {
		t.Errorf("paid after %g problems, want %g", got, want)
	}
	if got := b.Payback("L2O-PA", "FISTA", 1e-6, b.Work); !math.IsInf(got, 1) {
		t.Errorf("in multiplications it has paid after %g problems: each costs more", got)
	}
	mine, theirs := b.Cost("L2O-PA", 1e-6), b.Cost("FISTA", 1e-6)
	n := b.BreakEven(mine, theirs)
	if d := mine.Work(n*gradient, network) - theirs.Work(n*gradient, network); math.Abs(d) > 1e-3 {
		t.Errorf("with gradients %g times as expensive the works differ by %g", n, d)
	}
	curves := b.Curves(1e-6, []float64{10, 100}, func(before, each study.Cost, x float64) float64 { return before.Calls()/x + each.Calls() }, "L2O-PA")
	if got, want := curves[0].Y[1], 10+mine.Calls(); got != want {
		t.Errorf("after 100 problems one has cost %g calls, want %g", got, want)
	}
	if rows := b.Table(1e-3, 1e-6).Rows; len(rows) != 4 || len(rows[0]) != 6 || rows[1][2] != "–" {
		t.Errorf("table %v", rows)
	}
	if rows := b.Paybacks("L2O-PA", 1e-6, "FISTA").Rows; rows[0][4] != "never" {
		t.Errorf("paybacks %v", rows)
	}
}

func TestTrained(t *testing.T) {
	got, err := study.Trained(context.Background(), study.Logistic.Weights)
	if err != nil || got.Steps != 3.2e6 || got.Validated != 10_240_000 || got.Gradients != 1 || got.Values != 1.01 || got.Exploded != 0 {
		t.Errorf("%+v (%v)", got, err)
	}
	if c := got.Cost(); math.Abs(c.Calls()-33.4464e6) > 1 {
		t.Errorf("%g calls", c.Calls())
	}
}

func ExampleRounded() {
	fmt.Println(study.Rounded(330_419), study.Rounded(3_363_567), study.Rounded(math.Inf(1)))
	// Output: 330 thousand 3.4 million never
}

func TestLogistic(t *testing.T) {
	h, c := study.Logistic, trace.Config{Problems: 2, Steps: 12, Seed: 1}
	race := func(fam optimizee.Family, entries ...trace.Entry) *trace.Results {
		entries = append(entries, trace.Classic("FISTA")...)
		r, err := trace.RaceFamily(context.Background(), fam, c, append(entries, h.BlackBoxes()...)...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	pa := weights.Entry("L2O-PA", h.Weights)
	lasso := weights.Entry("Lasso-trained L2O-PA", study.Lasso.Weights)
	guarded := trace.Entry{Name: lasso.Name + ", guarded", Rule: optim.Guard(lasso.Rule, optim.ISTA)}
	unit := trace.Entry{Name: "L2O-PA, published unit", Rule: optim.Told(optimizee.PublishedL, weights.Rule(h.Weights+"-public"))}
	two := trace.Entry{Name: "two tuned constants", Rule: optim.ProxMomentum(1.8, -0.1)}
	old := race(optimizee.PaperLogistic.Published(), weights.Entry("L2O-PA", h.Weights+"-public"), lasso, guarded)
	is := race(h.Family, pa, unit, two, lasso, guarded)
	rows := slices.Concat(study.SyntheticRows(old, is), study.BlackBoxRows(old), study.IonosphereRows(old, is), study.SpambaseRows(old, is, 4601), study.LassoTrainedRows(old, is))
	for _, r := range rows {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
	if got := rows[1].OursTuned; got != cite.Text("to 1e-6: 3") {
		t.Errorf("L2O-PA is there %v", got)
	}

	said, err := study.Said(h.Weights, h.Family, optimizee.PublishedL, 2, 3)
	if err != nil || len(said["p"]) != 3 || len(said["p"][0]) != 100 || len(said["a"][2]) != 100 {
		t.Errorf("heard %d terms (%v)", len(said), err)
	}
	p := optimizee.SmallLogistic.Draw(optimizee.Stream(1))
	if s := study.Hindsight(p); s.Family.Draw(nil) != p {
		t.Error("hindsight looks at another problem")
	}
}

func TestPay(t *testing.T) {
	ctx, h := context.Background(), study.Logistic
	pa := weights.Entry("L2O-PA", h.Weights)
	res, err := study.Timed(ctx, h.Family, 3, 4, append(trace.Classic("FISTA"), pa)...)
	if err != nil || !(res.SecondsPerStep("L2O-PA") > 0) {
		t.Errorf("no time for a step (%v)", err)
	}
	c := trace.Config{Problems: 1, Steps: 30, Seed: 1, Timed: true}
	hd := trace.Published()[3]
	lasso, err := trace.RaceFamily(ctx, optimizee.SmallLasso, c, hd, trace.Entry{Name: "AdamHD, tuned", Rule: hd.Rule}, pa, trace.Entry{Name: "two tuned constants", Rule: optim.ISTA})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range study.Table2Rows(lasso, lasso) {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
	if got := lasso.Table(study.Clock(true, 1e-2)).Header; len(got) != 4 {
		t.Errorf("header %q", got)
	}
	if got := study.Took(lasso, "AdamHD", 1e-12); !math.IsInf(got, 1) {
		t.Errorf("AdamHD is there after %g seconds", got)
	}
	if s := study.Table2AdamHD(h.Family, 2, 1e-3); study.Tuning(s).Iterations != 27*2*1000 {
		t.Errorf("%g steps to tune AdamHD", study.Tuning(s).Iterations)
	}
}

func TestImages(t *testing.T) {
	t.Setenv("L2O_DATA", t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	stop() // asks no network
	fam, data, err := study.Images(ctx, 2)
	if err != nil || !data.StandIn {
		t.Fatal(data.Name, err)
	}
	c := trace.Config{Problems: 1, Steps: 1000, Seed: 1, Measure: trace.Value}
	race := func(names ...string) *trace.Results {
		var entries []trace.Entry
		for _, name := range names {
			entries = append(entries, trace.Entry{Name: name, Rule: optim.FISTA})
		}
		r, err := trace.RaceFamily(context.Background(), fam, c, entries...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	published, is := race("FISTA, published unit", "L2O-PA, published unit", "L2O-DM", "RNNprop"), race("FISTA", "L2O-PA")
	for _, r := range study.ImageRows("images", published, is) {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
}
