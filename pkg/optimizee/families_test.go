package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// The published constant of the logistic problems is ‖W‖₂, a hundred times the true one
// at the paper's size.
func TestPublishedLogistic(t *testing.T) {
	w, y := classes(30, 60, 7)
	p := optimizee.Logistic(w, y, 0.1)
	norm, m := optimizee.SpectralNorm(w), float64(w.R)
	if l := p.Lipschitz("x", p.Start); math.Abs(l/(norm*norm/(4*m))-1) > 1e-12 {
		t.Errorf("L is %g, want ‖W‖₂²/(4m) = %g", l, norm*norm/(4*m))
	}
	q := optimizee.PublishedLogistic(p)
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
	if err := optimizee.PublishedLogistic(optimizee.SmallLasso.Draw(optimizee.Stream(1))).Check(); err == nil || !strings.Contains(err.Error(), "no problem made by Logistic") {
		t.Error(err)
	}
	if p := optimizee.PublishedLogistic(optimizee.SmallLogistic.Draw(optimizee.Stream(1))); p.Traits["public step"] != 1 {
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
