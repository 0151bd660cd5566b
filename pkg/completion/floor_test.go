package completion_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optimizee"
)

func TestFloor(t *testing.T) {
	f := completion.Paper
	at := func(rank int, observe float64) float64 {
		f.Rank, f.Observe = rank, observe
		floor, err := f.Floor(100, 400, optimizee.Stream(1, uint64(rank)))
		if err != nil {
			t.Fatal(err)
		}
		return floor
	}
	// of nothing observed and rank 1: the variance of a uniform number over its mean square
	if got := at(1, 1e-4); math.Abs(got-0.5) > 0.06 {
		t.Errorf("the floor of unknown numbers is %g, want about 1/2", got)
	}
	if got := at(5, 1); got != 0 {
		t.Errorf("of a matrix that is known the floor is %g", got)
	}
	if low, high := at(20, 0.2), at(80, 0.2); !(low < high && high > 0.02) {
		t.Errorf("floors %g at rank 20 and %g at rank 80", low, high)
	}
	f.Law = completion.GaussianFactors
	if _, err := f.Floor(25, 10, optimizee.Stream(1)); err == nil || !strings.Contains(err.Error(), "only uniform factors") {
		t.Errorf("Gaussian factors: %v", err)
	}
}
