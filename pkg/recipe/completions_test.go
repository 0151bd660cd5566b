package recipe_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/recipe"
)

// TestCompletions: the kept tables are complete, and their first problems come out alike.
func TestCompletions(t *testing.T) {
	kept, err := recipe.Completions()
	if err != nil {
		t.Fatal(err)
	}
	methods := recipe.Completers()
	of := map[string][]float64{}
	for _, c := range kept {
		of[fmt.Sprint(c.Table, c.Spec, c.Method)] = c.RMSE
	}
	for _, col := range recipe.Columns() {
		for _, m := range methods {
			rmse := of[fmt.Sprint(col.Table, col.Spec, m.Name)]
			if m.In(col) != (len(rmse) == col.Problems) {
				t.Errorf("table %s, %v, %s: %d of %d problems", col.Table, col.Spec, m.Name, len(rmse), col.Problems)
				continue
			}
			if col.Table != "I" || col.Spec.Observe != 0.6 || col.Spec.Law != completion.UniformFactors {
				continue
			}
			again, err := m.Complete(t.Context(), col.Spec, 1)
			if err != nil || !(math.Abs(again[0]-rmse[0]) <= 1e-3*rmse[0]) {
				t.Errorf("%s: the first problem of table I at 60 %% ends at %g, kept is %g: %v", m.Name, again, rmse[0], err)
			}
		}
	}
}

// A method that does not start says on what.
func TestCompleteRefuses(t *testing.T) {
	methods := recipe.Completers()
	if _, err := methods[0].Complete(t.Context(), completion.Family{Rows: 3, Cols: 3, Rank: 7, Observe: 1}, 2); err == nil || !strings.Contains(err.Error(), "rank 7 of a 3×3 matrix") {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := methods[0].Complete(ctx, completion.SmallCompletion, 2); err == nil {
		t.Error("a cancelled context does not stop it")
	}
}

// TestFigure4: the kept sweep is whole, and a cell of it comes out alike.
func TestFigure4(t *testing.T) {
	kept, err := recipe.Figure4Errors()
	if err != nil {
		t.Fatal(err)
	}
	cell := recipe.Figure4().Cells[4] // t_in = 1, t_out = 20: the cheapest
	got, err := cell.Measure(t.Context(), "")
	if err != nil || !(math.Abs(got[0]-kept[0][4]) <= 1e-3*kept[0][4]) {
		t.Errorf("%s gives %g, kept is %g: %v", cell.Name, got, kept[0][4], err)
	}
}

// Tables are complete: there is nothing left to measure.
func TestTables(t *testing.T) {
	for _, s := range recipe.Tables() {
		kept, err := recipe.Measured(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Cells {
			if kept[c.Name] == nil {
				t.Errorf("%s: %s is missing", s.Name, c.Name)
			}
		}
	}
}
