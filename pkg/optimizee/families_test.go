package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The published constant of the logistic problems is ‖W‖₂, a hundred times the true one
// at the paper's size.
func TestPublishedL(t *testing.T) {
	w, y := classes(30, 60, 7)
	p := optimizee.Logistic(w, y, 0.1)
	norm, m := linear.SpectralNorm(w), float64(w.R)
	if l := p.Lipschitz("x", p.Start); math.Abs(l/(norm*norm/(4*m))-1) > 1e-12 {
		t.Errorf("L is %g, want ‖W‖₂²/(4m) = %g", l, norm*norm/(4*m))
	}
	q := optimizee.PublishedL(p)
	if l := q.Lipschitz("x", p.Start); math.Abs(l/norm-1) > 1e-12 {
		t.Errorf("the published L is %g, want ‖W‖₂ = %g", l, norm)
	}
	if l := optimizee.WithLipschitz(p, norm).Lipschitz("x", p.Start); l != norm {
		t.Errorf("WithLipschitz gives %g, want %g", l, norm)
	}
	own, published := optimizee.PaperLogistic.Draw(optimizee.Stream(1)), optimizee.PaperLogistic.Published().Draw(optimizee.Stream(1))
	ratio := published.Lipschitz("x", published.Start) / own.Lipschitz("x", own.Start)
	if ratio < 95 || ratio > 115 {
		t.Errorf("at the paper's size the published L is %.1f times the true one, want about 105", ratio)
	}
	if a, b := own.Value(own.Start).Item(), published.Value(own.Start).Item(); a != b {
		t.Errorf("F(0) is %g and %g: the two families differ in more than L", a, b)
	}
	if err := optimizee.PublishedL(optimizee.SmallLasso.Draw(optimizee.Stream(1))).Check(); err == nil || !strings.Contains(err.Error(), "no problem made by Logistic") {
		t.Error(err)
	}
	if p := optimizee.PublishedL(optimizee.SmallLogistic.Draw(optimizee.Stream(1))); p.Traits["public step"] != 1 {
		t.Error("the trait is missing:", p.Traits)
	}
	if err := (optimizee.LogisticSpec{}).Published().Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), "have to be positive") {
		t.Error(err)
	}
}

// The large problems have the law of the paper's: unit columns and a share of nonzeros.
func TestLargeLasso(t *testing.T) {
	if testing.Short() {
		t.Skip("draws a 1000×2000 problem; run without -short")
	}
	l, s := optimizee.LargeLasso, optimizee.PaperLasso
	if l.Rows*s.Cols != l.Cols*s.Rows || l.Nonzeros*s.Cols != l.Cols*s.Nonzeros || l.Lambda != s.Lambda {
		t.Errorf("%v has other proportions than %v", l, s)
	}
	p := l.Draw(optimizee.Stream(1))
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	// (1 + √(n/m))² for columns of length 1 (Marchenko and Pastur)
	if got, want := p.Lipschitz("x", p.Start), (1+math.Sqrt2)*(1+math.Sqrt2); math.Abs(got/want-1) > 0.05 {
		t.Errorf("L is %.4g, want about %.4g", got, want)
	}
}

// TestInUnits compares a problem in other units with the one that is made of the data in
// these units.
func TestInUnits(t *testing.T) {
	a, b := gauss(1, 6, 12), gauss(2, 6, 1)
	p := optimizee.InUnits(optimizee.Lasso(a, b, 0.3), 10)
	q := optimizee.Lasso(a, b.Scale(0.1), 0.03)
	c := optimizee.Times(optimizee.Lasso(a, b, 0.3), 4)
	d := optimizee.Lasso(a.Scale(2), b.Scale(2), 1.2)
	x := optimizee.X(gauss(3, 12, 1))
	for _, pair := range [][2]*optimizee.Problem{{p, q}, {c, d}} {
		for name, f := range map[string]func(p *optimizee.Problem) float64{
			"F":            func(p *optimizee.Problem) float64 { return p.Value(x).Item() },
			"Bound":        func(p *optimizee.Problem) float64 { return p.Bound(x) },
			"L":            func(p *optimizee.Problem) float64 { return p.Lipschitz("x", x) },
			"gradient":     func(p *optimizee.Problem) float64 { return p.Grad("x", x).Dot(x.X()).Item() },
			"Prox":         func(p *optimizee.Problem) float64 { return p.Prox("x", x.X(), ad.Scalar(0.7)).Norm1().Item() },
			"residual":     func(p *optimizee.Problem) float64 { return p.Residual(x).SumSquares().Item() },
			"trait lambda": func(p *optimizee.Problem) float64 { return p.Traits["lambda"] },
			"column norm":  func(p *optimizee.Problem) float64 { return p.Traits["column norm"] },
		} {
			if got, want := f(pair[0]), f(pair[1]); math.Abs(got-want) > 1e-6*math.Abs(want) {
				t.Errorf("%s is %g, want %g", name, got, want)
			}
		}
	}
	if err := optimizee.InUnits(p, 0).Check(); err == nil || !strings.Contains(err.Error(), "positive and finite") {
		t.Error(err)
	}
}

// TestData reads problems back from their Data.
func TestData(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	d, err := optimizee.DataOf[optimizee.LassoData](p, "a test")
	if err != nil {
		t.Fatal(err)
	}
	if q := optimizee.Lasso(ad.FromLists(d.A.Lists()), d.B, d.Lambda); q.Value(p.Truth).Item() != p.Value(p.Truth).Item() {
		t.Error("another lasso")
	}
	if _, err := optimizee.DataOf[optimizee.LogisticData](p, "a test"); err == nil {
		t.Error("a lasso has the data of a logistic problem")
	}
	if _, err := optimizee.DataOf[optimizee.LassoData](optimizee.InUnits(p, 2), "a test"); err == nil {
		t.Error("data in units of 1 belong to no problem in units of 2")
	}
}
