package optimizee_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A population is its particles, side by side.
func TestPopulation(t *testing.T) {
	one := optimizee.RastriginSpec{N: 2}.Draw(optimizee.Stream(1))
	x := gauss(2, 2, 3)
	p := optimizee.Population(one, x)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	each := p.Data.(*optimizee.PopulationData).Each(p.Start)
	g := p.Grad("x", p.Start)
	var sum float64
	for j := range x.C {
		at := optimizee.X(x.Cols(j, j+1))
		f := one.Value(at).Item()
		if sum += f; each.Data[j] != f || !slices.Equal(g.Cols(j, j+1).Data, one.Grad("x", at).Data) {
			t.Errorf("particle %d has F = %g and the gradient %v, alone it has %g and %v", j, each.Data[j], g.Cols(j, j+1), f, one.Grad("x", at))
		}
	}
	if f := p.Value(p.Start).Item(); f != sum || p.Name != one.Name || p.Traits["cols"] != 2 {
		t.Errorf("%s has F = %g, and its particles in all %g", p, f, sum)
	}
	for want, p := range map[string]*optimizee.Problem{
		"no problem":             optimizee.Population(nil, x),
		"has the term":           optimizee.Population(optimizee.Lasso(gauss(3, 4, 2), gauss(4, 4, 1), 0.1), x),
		"a column of as many":    optimizee.Population(one, gauss(5, 3, 3)),
		"one column in the":      optimizee.Population(optimizee.Quadratic(gauss(3, 4, 2), gauss(4, 4, 2)), x),
		"the population holds":   optimizee.Population(one, ad.New(2, 1, []float64{0, math.NaN()})),
		"needs the Value oracle": optimizee.Population(&optimizee.Problem{Start: one.Start}, x),
	} {
		if p.Err == nil || !strings.Contains(p.Err.Error(), want) {
			t.Errorf("error %v, want %q", p.Err, want)
		}
	}
}
