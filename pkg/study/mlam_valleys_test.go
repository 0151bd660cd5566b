package study_test

import (
	"context"
	"testing"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
)

// From the truth EM is right, what it frees is what it was not right on from elsewhere, and
// a step of 20 passes counts as 20.
func TestEscapes(t *testing.T) {
	const n = 8
	res, err := study.Escapes(context.Background(), study.Corrector.Family, n, 7,
		study.Method{Name: "EM", Rule: mixture.EM, Passes: 1},
		study.Method{Name: "momentum", Rule: optim.Momentum(2, 0.95, mixture.EM), Passes: 1},
		study.Method{Name: "from truth", Rule: study.FromTruth(optim.Repeat(20, mixture.EM)), Passes: 20})
	if err != nil {
		t.Fatal(err)
	}
	em, best := study.Right(res, "EM"), study.Against(res, "from truth")
	if want := (study.Count{Right: n, Frees: n - em}); best != want || em == 0 || em == n {
		t.Errorf("%+v from the truth, want %+v; EM is right on %d", best, want, em)
	}
	if c := study.Against(res, "EM"); c != (study.Count{Right: em}) {
		t.Errorf("EM against itself: %+v", c)
	}
	if table := study.AgainstTable(res); len(table.Rows) != 3 || len(table.Rows[2]) != len(table.Header) {
		t.Error(table)
	}
	curve := study.RightOver(res)[2]
	if k := len(curve.X) - 1; curve.X[1] != 20 || curve.X[k] != study.Passes || curve.Y[1] != n {
		t.Errorf("right %v after %v passes", curve.Y, curve.X)
	}
	if ofEM, of := study.Price(res, "EM", "from truth"); ofEM <= 1 || of != 20 {
		t.Errorf("passes until right: %g and %g", ofEM, of)
	}
	if rows := study.Figure3Rows(res, "momentum", "momentum", "from truth"); len(rows) != 3 {
		t.Error(rows)
	}
}

// Where EM ends depends on µ₁: all rows are alike.
func TestBasins(t *testing.T) {
	rise, rows, cols, err := study.Basins(study.Corrector.Family.Draw(optimizee.Stream(3)), mixture.EM, 20)
	if err != nil || len(rows) != 16 || len(cols) != 31 || rise[0][0] < 0.1 || rise[0][12] > 0.01 {
		t.Error(rise, err)
	}
}

// With variables redrawn and memories reset no step gets credit for what comes later; what
// is carried on gives some.
func TestCredit(t *testing.T) {
	fam := completion.Family{Rows: 6, Cols: 5, Rank: 1, Observe: 0.6, Lambda: 0.1}
	for _, w := range study.Readings() {
		grid, err := study.Credit(w.Config, fam, 3)
		if err != nil {
			t.Fatal(w, err)
		}
		if past := study.Past(grid); (past == 0) != (w.Redraw && w.Reset) || grid[0][0] == 0 || grid[2][0] != 0 {
			t.Errorf("%s: %g of the credit goes to earlier steps: %v", w, past, grid)
		}
	}
	if n := len(study.AllReadings()); n != 9 {
		t.Errorf("%d readings", n)
	}
	if got := study.Jump(trace.Line("", []float64{5, 0, 1, 3})); got != 2 {
		t.Errorf("jumps of %g", got)
	}
}
