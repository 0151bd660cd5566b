package optim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A search among valleys finds the minimum where that is certified, and descent from the
// bottom of the bowl, whose gradient is that of the waves alone, ends not far above.
func TestLowestValley(t *testing.T) {
	for i := range 6 {
		p := optimizee.RastriginSpec{N: 2}.Draw(optimizee.Stream(uint64(i)))
		least := p.Value(optimizee.X(p.Solve("x", p.Start))).Item()
		values, _, err := optim.Minimize(p, optim.LowestValley, 1, nil)
		if err != nil || values[1] > least+0.01*(1+math.Abs(least)) || values[1] < least-1e-9*(1+math.Abs(least)) {
			t.Errorf("problem %d: %g, certified is %g: %v", i, values[1], least, err)
		}
		_, x, err := optim.Minimize(p, optim.BottomOfBowl, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := optimizee.DataOf[optimizee.RastriginData](p, "a test")
		if err != nil {
			t.Fatal(err)
		}
		if r := d.A.MatMul(x.X()).Sub(d.B); r.SumSquares().Item() > 1e-16 {
			t.Errorf("problem %d: ‖Ax − b‖² = %g", i, r.SumSquares().Item())
		}
	}
	other := optimizee.QuadraticForm(linear.Dense(ad.Eye(2)), ad.Col(0, 0))
	for _, r := range []optim.Rule{optim.LowestValley, optim.BottomOfBowl} {
		if _, err := r(other, nil); err == nil || !strings.Contains(err.Error(), "RastriginData") {
			t.Errorf("on a quadratic: %v", err)
		}
	}
}
