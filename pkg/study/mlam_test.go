package study_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/cite"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
)

// Tables have a row for each method and for what is published, and a number in each cell;
// the rows of the ledger that they answer are valid.
func TestCompletionTables(t *testing.T) {
	for _, c := range []struct {
		table           study.CompletionTable
		rows, svd, cols int
	}{
		{study.TableI, 20, 10, 5}, {study.TableII, 19, 8, 7}, {study.TableIII, 18, 8, 6}, {study.TableV(10), 7, 5, 11}, {study.TableV(100), 7, 0, 5},
	} {
		uniform, svd := c.table.Under(completion.UniformFactors), c.table.Under(completion.UniformSVD)
		if len(uniform.Rows) != c.rows || len(svd.Rows) != c.svd {
			t.Errorf("%v: %d rows, and %d under another law", c.table, len(uniform.Rows), len(svd.Rows))
		}
		for _, row := range slices.Concat([][]string{uniform.Header}, uniform.Rows) {
			if len(row) != c.cols || slices.Contains(row, "") {
				t.Errorf("%v: row %q", c.table, row)
			}
		}
		for _, row := range c.table.Rows("mlam", nil) {
			if err := row.Validate(); err != nil {
				t.Error(err)
			}
		}
	}
	floors := map[string]float64{"r80": 0.02}
	for i, want := range []cite.Verdict{0: cite.BaselineArtefact, 2: cite.Contradictory, 4: cite.Impossible} {
		if got := study.TableII.Rows("gso", floors)[i].Verdict; want != "" && got != want {
			t.Errorf("row %d of GSO: %q, want %q", i, got, want)
		}
	}
	if got := study.TableII.Published("gso", "gso")["r80"]; got != 0.003 {
		t.Errorf("GSO publishes %g at rank 80", got)
	}
}

func TestWirings(t *testing.T) {
	over, err := study.OverALS(context.Background(), "mlam-pa-rank5-lambda0.1", 0.1, 1, completion.ALS)
	if err != nil || math.Abs(over-1) > 0.05 {
		t.Errorf("F over that of ALS: %g (%v)", over, err)
	}
	if seeds := study.Seeds("mlam-pa-rank5-lambda0.1", trace.Mean); len(seeds) != 3 || slices.Max(seeds) > 0.03 {
		t.Errorf("mean errors of three trainings: %g", seeds)
	}
	if got := study.Spread([]float64{0, 0.5, 1}); got != "median 0.5, 10 to 90 %: 0.1 to 0.9" {
		t.Error(got)
	}
}

func TestMixtures(t *testing.T) {
	c := study.Mixtures(1, 6, 4)
	start := func(r int) trace.Entry {
		return trace.Entry{Name: "EM, drawn", Rule: optim.From(optim.Repeat(r+1, mixture.RandomPoints), mixture.EM)}
	}
	race := func(entries ...trace.Entry) *trace.Results {
		r, err := trace.RaceFamily(context.Background(), mixture.Paper, c, entries...)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all := race(trace.Entry{Name: "EM", Rule: optim.Repeat(5, mixture.EM)}, trace.Entry{Name: "MLAM", Rule: study.MixtureRule("mlam-mixture-2d", 5)}, start(0), start(1))
	best := study.BestOf(all, 2, "EM, drawn")
	for i, e := range best.At("EM, drawn, best of 2", -1) {
		if e != all.Best("EM, drawn", 2)[i] {
			t.Errorf("problem %d: best of two ends at %g", i, e)
		}
	}
	if curve := study.Restarts(all, ", drawn", "EM")[0]; len(curve.Y) != 2 || curve.Y[1] != best.Mean(best.Names[0], -1) || curve.Y[0] < curve.Y[1] {
		t.Errorf("restarts %g", curve.Y)
	}
	if curves := study.Ordered(all.Only("MLAM", "EM"), "EM"); !slices.IsSorted(curves[1].Y) || len(curves[0].Y) != 6 {
		t.Errorf("ordered %v", curves)
	}
	if rows := study.FitTable(all.Only("EM"), best).Rows; len(rows) != 2 || len(rows[1]) != 5 {
		t.Errorf("table %v", rows)
	}
	if i, by := study.Furthest(all, "MLAM", "EM"); by > 0 && all.At("EM", -1)[i]-all.At("MLAM", -1)[i] != by {
		t.Errorf("furthest %g on %d", by, i)
	}

	// one race in the light of another that knows more
	few := study.JudgedBy(all, race(trace.Entry{Name: "drawn", Rule: mixture.RandomPoints}))
	for i, e := range few.At("drawn", -1) {
		if f := study.Ends(few, "drawn")[i]; math.Abs(f-e-all.Optima[i].F) > 1e-12 {
			t.Errorf("problem %d: F %g lies %g above %g", i, f, e, all.Optima[i].F)
		}
	}
	low := study.LowestOf(few, "lowest")
	for i, e := range low.At("lowest", -1) {
		if e != few.LowestOn("drawn")[i] {
			t.Errorf("problem %d: lowest %g", i, e)
		}
	}
	early := study.StoppedAt(all.Only("EM"), math.Inf(1)) // after the first step
	for i, e := range early.At(early.Names[0], -1) {
		if e != all.At("EM", 1)[i] {
			t.Errorf("problem %d: stopped at %g", i, e)
		}
	}

	var entries []trace.Entry
	for _, name := range []string{"EM", "MLAM", "four constants", "EM, random points", "EM, best of five"} {
		entries = append(entries, trace.Entry{Name: name, Rule: mixture.EM})
	}
	fits := race(entries...)
	rows := study.MixtureRows(fits, fits, []int{4}, func(int) *trace.Results { return fits })
	if len(rows) != 18 {
		t.Errorf("%d rows", len(rows))
	}
	for _, r := range rows {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestFlowers(t *testing.T) {
	small := mixture.RoundFlower
	small.Points = 1000
	rule := study.WithoutNetwork("mlam-flower")
	g, err := study.Flowers(context.Background(), 1, small, 2, trace.Entry{Name: "EM from the truth", Rule: study.FromTruth(mixture.EM)}, trace.Entry{Name: "four constants", Rule: rule})
	if err != nil || g.Petals["EM from the truth"] < 7.5 {
		t.Errorf("petals %v (%v)", g.Petals, err)
	}
	if table := g.Table(); len(table.Rows) != 2 || len(table.Rows[0]) != 4 {
		t.Errorf("table %v", table)
	}
	of := study.MixtureConstants("mlam-flower")
	for i, c := range study.PaceCurves("mlam-flower") {
		if want := []float64{of[1].Share, of[1].Momentum, of[0].Share, of[0].Momentum}[i]; c.Y[19] != want {
			t.Errorf("%s ends at %g, not at %g", c.Name, c.Y[19], want)
		}
	}
}
