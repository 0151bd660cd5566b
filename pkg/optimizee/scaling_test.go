package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Random units change how a problem is written, and nothing else: F of the same point is the
// same, starts are, and Newton's answer is.
func TestRandomScaling(t *testing.T) {
	fam := optimizee.RastriginSpec{N: 2}
	scaled := optimizee.RandomScaling(fam, 3)
	p, q := fam.Draw(optimizee.Stream(5)), scaled.Draw(optimizee.Stream(5))
	if a, b := p.Value(p.Start).Item(), q.Value(q.Start).Item(); math.Abs(a-b) > 1e-12*math.Abs(a) {
		t.Errorf("F is %g at the start, and %g in other units", a, b)
	}
	if a, b := p.Value(optimizee.X(p.Solve("x", p.Start))).Item(), q.Value(optimizee.X(q.Solve("x", q.Start))).Item(); math.Abs(a-b) > 1e-9 {
		t.Errorf("the minimum is %g, and %g in other units", a, b)
	}
	if a, b := p.Bound(p.Start), q.Bound(q.Start); a != b {
		t.Errorf("the bound is %g, and %g in other units", a, b)
	}
	ratio := p.Start.X().Div(q.Start.X()) // c
	for i, c := range ratio.Data {
		if !(math.Abs(math.Log(c)) <= 3) || c == 1 {
			t.Errorf("unit %d is %g", i, c)
		}
	}
	g := p.Grad("x", p.Start).Mul(ratio)
	for i, v := range q.Grad("x", q.Start).Data {
		if math.Abs(v-g.Data[i]) > 1e-12*math.Abs(v) {
			t.Errorf("the slope is %g, want c times that of F, %g", v, g.Data[i])
		}
	}
	if p.Name != q.Name || !strings.Contains(scaled.String(), fam.String()+", in random units of exp(±3)") {
		t.Errorf("%q, %q", q.Name, scaled)
	}
	if one := optimizee.RandomScaling(fam, 0).Draw(optimizee.Stream(5)); one.Value(one.Start).Item() != p.Value(p.Start).Item() {
		t.Error("exp(±0) is another unit than 1")
	}
	for want, p := range map[string]*optimizee.Problem{
		"exponent has to be":       optimizee.RandomScaling(fam, -1).Draw(optimizee.Stream(5)),
		"unit 1 of block":          optimizee.InUnitsOf(p, optimizee.X(ad.New(2, 1, []float64{1, 0}))),
		"units of block \"x\" are": optimizee.InUnitsOf(p, optimizee.X(ad.New(3, 1, []float64{1, 2, 3}))),
		"there is no \"x\"":        optimizee.InUnitsOf(p, optimizee.Point{}),
		"N has to be positive":     optimizee.RandomScaling(optimizee.RastriginSpec{}, 1).Draw(optimizee.Stream(5)),
	} {
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The add-on is apart from F: both parts are minimised at once, each to its own minimum.
func TestConvexAddOn(t *testing.T) {
	fam := optimizee.QuadraticSpec{Rows: 15, Cols: 10}
	with := optimizee.ConvexAddOn(fam, 1)
	p, q := fam.Draw(optimizee.Stream(5)), with.Draw(optimizee.Stream(5))
	if x := q.Start.X(); x.R != 30 || x.C != 1 {
		t.Fatalf("x is %s", x.Shape())
	}
	extra := q.Value(q.Start).Item() - p.Value(p.Start).Item()
	if !(extra > 0 && extra < 1) { // mean a² with a in [−1, 1]
		t.Errorf("the add-on is %g at its start", extra)
	}
	values, x, err := optim.Minimize(q, optim.Adam(optim.AdamConfig{LR: 0.05}), 2000, nil)
	if err != nil {
		t.Fatal(err)
	}
	least := p.Value(optimizee.X(p.Solve("x", p.Start))).Item()
	if last := values[2000]; math.Abs(last-least) > 1e-3 {
		t.Errorf("together they end at %g, and F alone at %g", last, least)
	}
	far := x.Map(func(_ string, v ad.Value) ad.Value {
		v = v.Copy()
		for i := 10; i < 30; i++ {
			v.Data[i] = 1e3
		}
		return v
	})
	if d := q.Value(far).Item() - q.Value(x).Item(); math.Abs(d-10) > 1e-2 {
		t.Errorf("far out it is %g higher, want 10", d)
	}
	for want, f := range map[string]optimizee.Family{
		"one column":          optimizee.ConvexAddOn(optimizee.Only(optimizee.Quadratic(gauss(1, 4, 3), gauss(2, 4, 2))), 1),
		"exponent has to be":  optimizee.ConvexAddOn(fam, -1),
		"have to be positive": optimizee.ConvexAddOn(optimizee.QuadraticSpec{}, 1),
	} {
		if err := f.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
