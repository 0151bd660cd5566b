package study_test

import (
	"context"
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// What is given in the mean over both parts is what is given in the mean over all.
func TestByPart(t *testing.T) {
	tr, err := weights.Load("l2opa-lasso-20x40")
	if err != nil {
		t.Fatal(err)
	}
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	parts, err := study.ByPart(tr.Theta, p, 3)
	if err != nil || len(parts) != len(study.Parts) || len(parts[3].Y) != 3 {
		t.Fatal(parts, err)
	}
	heard, err := learned.Listen(tr.Optimizer, tr.Theta, p, optimizee.Stream(118), 3)
	if err != nil {
		t.Fatal(err)
	}
	star, _, err := trace.Minimiser(p)
	on := float64(len(learned.Support(star)))
	for i, term := range []string{"p", "a"} {
		want := trace.Mean(heard[term][2])
		got := (on*parts[2*i].Y[2] + (40-on)*parts[2*i+1].Y[2]) / 40
		if err != nil || math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %g in the mean, by part %g (%v)", term, want, got, err)
		}
	}
	if table := study.PartsTable(2, []string{"it"}, parts); len(table.Rows) != 1 || len(table.Rows[0]) != len(table.Header) {
		t.Error(table)
	}
}

// The direct ways to the next point are cut one by one: without the ∇f in the update a
// gradient over two steps differs, over one it does not.
func TestFlow(t *testing.T) {
	p, full := optimizee.SmallLasso.Draw(optimizee.Stream(1)), learned.PA(learned.PAConfig{Through: true})
	th := full.First(optimizee.Stream(2))
	cosine := func(c learned.PAConfig, n int) float64 {
		a, err := learned.GradientOf(learned.PA(c), th, p, optimizee.Stream(3), n)
		if err != nil {
			t.Fatal(err)
		}
		b, err := learned.GradientOf(full, th, p, optimizee.Stream(3), n)
		if err != nil {
			t.Fatal(err)
		}
		return study.Cosine(a, b)
	}
	for name, c := range map[string]learned.PAConfig{"published": {}, "∇f detached": {DetachGradient: true}} {
		if one, ten := cosine(c, 1), cosine(c, 10); !(math.Abs(one-1) < 1e-12) || !(ten < 1-1e-10) {
			t.Errorf("%s: cosine %g over one step, %g over ten", name, one, ten)
		}
	}
	if c := study.OverSegments("", func(_ uint64, n int) float64 { return float64(n) }); c.Y[6] != 100 {
		t.Error(c)
	}
}

func TestPermutedAndTable1(t *testing.T) {
	if far, err := study.Permuted(optim.FISTA); err != nil || !(far < 1e-12) {
		t.Errorf("FISTA is %g from its permuted run (%v)", far, err)
	}
	other := optimizee.LassoSpec{Rows: 30, Cols: 60, Nonzeros: 6, Lambda: 0.1}
	table, race, err := study.Table1(context.Background(), optimizee.SmallLasso, other, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
	if err != nil || len(table.Rows) != 1 || len(table.Rows[0]) != len(table.Header) || !(race.Mean("FISTA", 100) < 1e-3) {
		t.Error(table, err)
	}
}
