package mixture_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// What wraps a problem wraps SolveAll too.
func TestEMOnWrappers(t *testing.T) {
	p := mixtures()
	want, _ := run(t, p, mixture.EM, 5)
	counted, calls := optimizee.Count(p)
	if got, _ := run(t, counted, mixture.EM, 5); got[5] != want[5] || calls.Solve != 10 {
		t.Errorf("counted: F = %g, %d calls; F = %g without", got[5], calls.Solve, want[5])
	}
	q := optimizee.InUnits(p, 4)
	q.Start = q.Start.With("pi", p.Start.At("pi")) // of which only the proportions count
	if got, _ := run(t, q, mixture.EM, 5); !(got[5]*16-want[5] < 1e-9 && want[5]-got[5]*16 < 1e-9) {
		t.Errorf("in other units F = %g, times 16 %g", got[5], want[5])
	}
	if way, err := trace.Path(p, mixture.EM, 5, nil); err != nil || len(way) != 6 {
		t.Errorf("a path of %d points for 5 steps, %v", len(way), err)
	}
}
