package study_test

import (
	"context"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

func TestAblation(t *testing.T) {
	ctx, must := context.Background(), func(r *trace.Results, err error) *trace.Results {
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	two := trace.Entry{Name: "two tuned constants", Rule: trace.TwoConstants([]float64{1.5, 0.7})}
	names := func(entries []trace.Entry) (n []string) {
		for _, e := range entries {
			n = append(n, e.Name)
		}
		return n
	}
	r := must(trace.RaceFamily(ctx, study.Lasso.Family, trace.Config{Problems: 1, Steps: 60, Seed: 1}, append(study.Variants("lasso-250x500"), two)...))
	for _, row := range study.AblationRows(r) {
		if err := row.Validate(); err != nil {
			t.Error(err)
		}
	}
	if got := names(study.Repetitions(study.Lasso.Weights)); !slices.Equal(got, []string{"L2O-PA, seed2", "L2O-PA, seed3"}) {
		t.Errorf("repetitions %q", got)
	}

	e := study.Exchange{Weights: "l2opa-lasso-20x40", Family: optimizee.SmallLasso, Problems: 2, P: 1.3, A: 0.7}
	races, err := e.Race(ctx)
	if err != nil {
		t.Fatal(err)
	}
	table := trace.Across(trace.To(1e-3)[0], e.Steps(), races...)
	if len(table.Rows) != 4 || len(table.Rows[0]) != 4 || table.Header[2] != "p = 1.3/L" {
		t.Errorf("exchanged: %v", table)
	}
	if own := races[2].First("the network's a", 1e-3); own < 0 || own >= races[0].Steps {
		t.Errorf("L2O-PA itself needs %d steps", own)
	}
}

func TestStudents(t *testing.T) {
	ctx, trained, entries := context.Background(), map[string][]train.Result{}, []trace.Entry{}
	for _, s := range study.Students() {
		if s.Name != "L2O-PBA12" && s.Name != "P with a = 0.7" {
			continue
		}
		for _, j := range s.Jobs() {
			j.Config.Minibatches, j.Config.Validation = 1, train.Validation{}
			r, err := j.Run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			trained[s.Name], entries = append(trained[s.Name], r), append(entries, trace.Entry{Name: s.Name, Rule: r.Rule()})
		}
	}
	r, err := trace.RaceFamily(ctx, optimizee.SmallLasso, trace.Config{Problems: 1, Steps: 400, Seed: 1}, append(entries, trace.Classic("ISTA")...)...)
	if err != nil {
		t.Fatal(err)
	}
	table, err := study.StudentTable(ctx, r, trained)
	if err != nil || len(table.Rows) != 3 || table.Rows[0][1] != "2" || table.Rows[1][1] != "1" || table.Rows[2][3] != "–" {
		t.Errorf("%v (%v)", table, err)
	}

	full := trained["L2O-PBA12"][0]
	s := study.Subject{Name: "small", Family: optimizee.SmallLasso, Optimizer: full.Optimizer, Theta: full.Theta, Problems: 2}
	b, err := s.Hear(ctx, 200)
	if err != nil || len(b.Table().Rows) != 8 || study.BiasRow("small", b).Validate() != nil {
		t.Errorf("%v (%v)", b.Table(), err)
	}
	if b.Size1[3] < b.B1[3] || b.Distance[0] <= 0 {
		t.Errorf("mean size %g of b₁ below its mean %g; distance %g", b.Size1[3], b.B1[3], b.Distance[0])
	}
}

func TestLassoRows(t *testing.T) {
	entries := append(trace.Classic("FISTA", "FISTA restart"), trace.Entry{Name: "two tuned constants", Rule: trace.TwoConstants([]float64{1.5, 0.7})},
		trace.Entry{Name: "restart, steps of 1.3/L", Rule: trace.Classic("FISTA restart, 1.3/L")[0].Rule}, weights.Entry("L2O-PA", study.Lasso.Weights))
	r, err := trace.RaceFamily(context.Background(), study.Lasso.Family, trace.Config{Problems: 1, Steps: 300, Seed: 1}, append(entries, study.Lasso.BlackBoxes()...)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range append(study.PatchRows(r, r), study.LassoRow(r), study.LargeRow(r)) {
		if err := row.Validate(); err != nil {
			t.Error(err)
		}
	}
	if got := learned.Variants(); len(got) != len(study.Seven) {
		t.Errorf("%d variants", len(got))
	}
}
