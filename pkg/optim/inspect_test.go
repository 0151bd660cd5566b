package optim_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Within the radius of the theorem, run and inspect ends at the global minimum from any start.
func TestInspectedMinimaAreGlobal(t *testing.T) {
	tried := 0
	for seed := range uint64(40) {
		for _, n := range []int{1, 2} {
			p := optimizee.RastriginSpec{N: n, Alpha: 2}.Draw(optimizee.Stream(seed, uint64(n)))
			d, err := optimizee.DataOf[optimizee.RastriginData](p, "a test")
			if err != nil {
				t.Fatal(err)
			}
			var svd mat.SVD
			svd.Factorize(mat.NewDense(n, n, d.A.Data), mat.SVDNone)
			least := svd.Values(nil)[n-1]
			radius := optim.InspectionRadius(2*d.Alpha*d.C.Norm1().Item(), least*least)
			if p.Solve == nil || radius > 12 {
				continue // too many points for a test
			}
			tried++
			rule := optim.RunAndInspect(optim.GD(optim.LineSearch(0.1)), optim.Inspection{Radius: radius, Spacing: 0.1, Block: n})
			values, _, err := optim.Minimize(p, rule, 400, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := values[len(values)-1], p.Value(optimizee.X(p.Solve("x", p.Start))).Item(); got > want+1e-4*(1+math.Abs(want)) {
				t.Errorf("n = %d, seed %d: it ends at %g, and the minimum is %g", n, seed, got, want)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d problems were tried", tried)
	}
}

// One entry at a time is enough where the waves of entries are independent, in ten unknowns as well.
func TestInspectionByEntries(t *testing.T) {
	p := optimizee.Rastrigin(ad.Eye(10), ad.New(10, 1, nil), ad.Full(10, 1, 1), 10)
	p.Start = optimizee.X(optimizee.Gaussian(optimizee.Stream(1), 10, 1).Scale(2))
	alone, _, err := optim.Minimize(p, optim.GD(optim.LineSearch(0.1)), 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	inspected, _, err := optim.Minimize(p, optim.RunAndInspect(optim.GD(optim.LineSearch(0.1)), optim.Inspection{Radius: 5, Spacing: 0.5}), 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := alone[300], inspected[300]; a < 1 || b > 1e-6 {
		t.Errorf("gradient descent ends at %g, inspected at %g", a, b)
	}
	for k, f := range inspected[1:] {
		if f > inspected[k]+1e-9 {
			t.Errorf("F rises from %g to %g at step %d", inspected[k], f, k)
		}
	}
}

func TestInspectionSettings(t *testing.T) {
	p := optimizee.RastriginSpec{N: 3}.Draw(optimizee.Stream(1))
	for want, c := range map[string]optim.Inspection{
		"the radius":   {Spacing: 1},
		"the spacing":  {Radius: 1},
		"of 3 entries": {Radius: 1, Spacing: 1, Block: 3},
		"no point":     {Radius: 1, Spacing: 2},
	} {
		if _, err := optim.RunAndInspect(optim.GD(optim.LineSearch(0.1)), c)(p, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
