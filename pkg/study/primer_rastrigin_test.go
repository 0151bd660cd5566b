package study_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/study"
	"github.com/l2olab/l2o/pkg/trace"
)

// Figure 7 in two numbers: minima are certified, no run is below, and a row answers each number.
func TestFigure7(t *testing.T) {
	two, err := study.Figure7(2)
	if err != nil {
		t.Fatal(err)
	}
	ten, err := study.Figure7(10)
	if err != nil {
		t.Fatal(err)
	}
	if len(two.Star) != recipe.Test2Problems || two.Certificate > 1e-8 || !math.IsNaN(ten.Certificate) {
		t.Errorf("%d minima, certified to %g and %g", len(two.Star), two.Certificate, ten.Certificate)
	}
	for _, f := range []study.Test2{two, ten} {
		for _, name := range f.Names {
			starts := len(f.Walks[name].Ends) / len(f.Star)
			for run, end := range f.Walks[name].Ends {
				if end < f.Star[run/starts]-1e-3 {
					t.Errorf("n = %d: run %d of %s ends at %g, below F* = %g", f.N, run, name, end, f.Star[run/starts])
				}
			}
		}
		if a, b := f.Stuck("GD", study.Trapped), f.Stuck("Run-and-Inspect", study.Trapped); a < b {
			t.Errorf("n = %d: GD is stuck in %g of runs, Run-and-Inspect in %g", f.N, a, b)
		}
		curves := f.Curves("GD", "nobody", "Adam")
		if len(curves) != 2 || len(curves[0].X) != len(curves[0].Y) || curves[1].X[len(curves[1].X)-1] != recipe.Test2Steps {
			t.Errorf("%d curves", len(curves))
		}
		if table := f.Table(); len(table.Rows) != len(f.Names)-1 || len(table.Rows[0]) != len(table.Header) {
			t.Error(table)
		}
	}
	for _, r := range study.Figure7Rows(two, ten) {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// What restarts, radii and maps of basins say of the first problems.
func TestValleys(t *testing.T) {
	two, err := study.Figure7(2)
	if err != nil {
		t.Fatal(err)
	}
	gd := optim.GD(optim.LineSearch(0.1))
	one, err := two.BestOf(t.Context(), gd, 4, 1, 60)
	five, err2 := two.BestOf(t.Context(), gd, 4, 5, 300)
	if err != nil || err2 != nil || trace.Mean(five) > trace.Mean(one) {
		t.Errorf("gaps %v from one start, %v from five: %v, %v", one, five, err, err2)
	}
	solved, asked, err := two.Radii(4, 0.5, 3)
	if err != nil || solved[0] > solved[1] || len(asked) != 4 || asked[0] < 3 {
		t.Error(solved, asked, err)
	}
	rise, rows, cols, err := two.Basins(12, gd, 5, 1)
	if err != nil || len(rise) != len(rows) || len(rise[0]) != len(cols) || rise[0][0] < 0 {
		t.Error(len(rise), len(rows), len(cols), err)
	}
}

// The mean of the bound is its expectation, up to three standard errors, and a part of a mean has its gradient.
func TestBounds(t *testing.T) {
	for _, n := range []int{2, 10} {
		got, want := trace.Mean(study.Bounds(n, 200)), study.MeanBound(n)
		if math.Abs(got-want) > 3*6.1*math.Sqrt(float64(n)/(200*128)) {
			t.Errorf("n = %d: %g, want %g", n, got, want)
		}
	}
	p := study.Test2Problem(2, 0)
	q := study.Averaged(p, 128)
	a, b := p.Grad("x", p.Start), q.Grad("x", p.Start).Scale(128)
	if d := a.Sub(b).Norm1().Item(); d > 1e-9*(1+a.Norm1().Item()) {
		t.Errorf("the gradient is %v, and 128 times that of the part %v", a, b)
	}
}
