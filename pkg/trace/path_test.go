package trace_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/trace"
)

func TestPath(t *testing.T) {
	way, err := trace.Path(parabola(), optim.GD(optim.Fixed(0.5)), 3, nil)
	if err != nil || len(way) != 4 {
		t.Fatalf("%d points, %v", len(way), err)
	}
	for k, x := range way {
		if want := 1 / float64(int(1)<<k); x.X().Item() != want {
			t.Errorf("point %d is %v, want %g", k, x.X(), want)
		}
	}
	if _, err := trace.Path(parabola(), optim.ISTA, 3, nil); err == nil {
		t.Error("a rule without its oracle has a path")
	}
	flat := parabola()
	flat.Start = flat.Start.With("x", ad.Scalar(0))
	if way, err := trace.Path(flat, optim.GD(optim.Fixed(0.5)), 3, nil); err != nil || len(way) != 1 {
		t.Errorf("a rule that stays has a path of %d points, %v", len(way), err)
	}
}
