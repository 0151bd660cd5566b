package recipe_test

import (
	"os"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// What the shipped L2O-PA reaches at the paper's size, on as many fresh problems as the
// paper takes, beside two tuned constants and FISTA with adaptive restart.
func TestPaperLassoReached(t *testing.T) {
	if testing.Short() || os.Getenv("L2O_REQUIRE") != "1" {
		t.Skip("1,024 problems take a minute or two: runs with L2O_REQUIRE=1, without -short")
	}
	const name = "l2opa-lasso-250x500"
	pa, err := weights.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	c := pa.Optimizer.Config.(learned.PAConfig)
	c.ReturnX = true
	res, err := trace.RaceFamily(t.Context(), optimizee.PaperLasso, trace.Config{Problems: 1024, Steps: 100, Seed: 2},
		trace.Entry{Name: "y", Rule: pa.Rule()}, trace.Entry{Name: "x", Rule: learned.PA(c).Rule(pa.Theta)},
		trace.Entry{Name: "constants", Rule: optim.ProxMomentum(1.5, 0.7)},
		trace.Entry{Name: "restart", Rule: optim.FISTARestart}, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("optima certified to %.0e; mean relative gaps:\n%v", res.Floor(), res.Table(trace.After(20, 50, 100)))
	for k, most := range map[int]float64{20: 5e-5, 50: 1e-9, 100: 1e-13} {
		if gap := res.Mean("y", k); !(gap <= most) {
			t.Errorf("%s: mean gap %.2g at %d, more than %.0e", name, gap, k, most)
		}
	}
	for who, want := range map[string][2]int{"y": {1, 30}, "x": {1, 31}, "constants": {35, 45}, "restart": {45, 49}, "FISTA": {90, 105}} {
		if k := res.First(who, 1e-6); k < want[0] || k > want[1] {
			t.Errorf("%s needs %d iterations to 1e-6, expected %d to %d", who, k, want[0], want[1])
		}
	}
}
