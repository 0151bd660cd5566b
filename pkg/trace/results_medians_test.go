package trace_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// A median stays in its band where a mean does not, and the note says which it is.
func TestMediansStayInTheirBands(t *testing.T) {
	r, err := trace.RaceFamily(t.Context(), optimizee.SmallLasso, trace.Config{Problems: 12, Steps: 120, Seed: 3}, trace.Classic("FISTA restart")...)
	if err != nil {
		t.Fatal(err)
	}
	outside := func(r *trace.Results) (n int) {
		c := r.Curves(trace.Iterations)[0]
		for k, y := range c.Y {
			if y < c.Lo[k] || y > c.Hi[k] {
				n++
			}
		}
		return n
	}
	m := r.Medians()
	if outside(r) == 0 || outside(m) != 0 {
		t.Errorf("%d means and %d medians are outside of their bands", outside(r), outside(m))
	}
	c := m.Only("FISTA restart").Curves(trace.Iterations)[0]
	for k, y := range c.Y {
		if want := r.Quantile("FISTA restart", k, .5); math.Abs(y-want) > 1e-15*want {
			t.Fatalf("after %d steps %v, want the median %v", k, y, want)
		}
	}
	if !strings.HasPrefix(m.Note(), "Median and 10–90 % band over 12 problems.") || !strings.HasPrefix(r.Note(), "Mean and") {
		t.Errorf("the notes are %q and %q", m.Note(), r.Note())
	}
}
