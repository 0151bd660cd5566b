package optim_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// brownDennis is problem 16 of Moré, Garbow and Hillstrom (1981), with terms of very
// different size and a minimum of 85822.2, far from 0.
func brownDennis() *optimizee.Problem {
	terms := func(x []float64, see func(a, b, s, sin, f float64)) {
		for i := range 20 {
			s := float64(i+1) / 5
			a, b := x[0]+s*x[1]-math.Exp(s), x[2]+math.Sin(s)*x[3]-math.Cos(s)
			see(a, b, s, math.Sin(s), a*a+b*b)
		}
	}
	return &optimizee.Problem{
		Name: "Brown and Dennis", Start: optimizee.X(ad.Col(25, 5, -5, -1)),
		Value: func(x optimizee.Point) ad.Value {
			var sum float64
			terms(x.X().Data, func(_, _, _, _, f float64) { sum += f * f })
			return ad.Scalar(sum)
		},
		Grad: func(_ string, x optimizee.Point) ad.Value {
			g := ad.New(4, 1, nil)
			terms(x.X().Data, func(a, b, s, sin, f float64) {
				for k, d := range []float64{a, a * s, b, b * sin} {
					g.Data[k] += 4 * f * d
				}
			})
			return g
		},
	}
}

// TestLineSearchNearRounding: steps are found where values of F agree to all digits, and at
// the price of few values.
func TestLineSearchNearRounding(t *testing.T) {
	for _, unit := range []float64{1e-8, 1, 1e8} {
		p, calls := optimizee.Count(optimizee.InUnits(brownDennis(), unit))
		step, err := optim.GD(optim.LineSearch(1))(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		first := 0.
		for k, x := range optim.Steps(step, p.Start) {
			g := p.Gradient(x)
			size := math.Sqrt(g.Dot(g))
			if k == 0 {
				first = size
			}
			if size <= 1e-11*first {
				t.Logf("in units of %g: %d steps, %+v", unit, k, *calls)
				break
			}
			if k == 3000 {
				t.Errorf("in units of %g the gradient is still %g of its first after %d steps and %+v", unit, size/first, k, *calls)
				break
			}
		}
	}
}
