package optim_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// small is ½‖Ax − b‖² + 0.1‖x‖₁ in two numbers.
func small() *optimizee.Problem {
	return optimizee.Lasso(ad.New(2, 2, []float64{2, 1, 0, 1}), ad.Col(3, 1), 0.1)
}

// The loop decides when to stop.
func ExampleSteps() {
	p := small()
	step, err := optim.FISTA(p, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for k, x := range optim.Steps(step, p.Start) {
		if gap := p.Value(x).Item() - p.Bound(x); gap < 1e-6 || k == 1000 {
			fmt.Printf("x = (%.3f, %.3f), F within 1e-6 of the minimum after %d steps\n", x.X().At(0, 0), x.X().At(1, 0), k)
			break
		}
	}
	// Output: x = (1.000, 0.950), F within 1e-6 of the minimum after 73 steps
}

func ExampleMinimize() {
	values, x, err := optim.Minimize(small(), optim.ISTA, 100, nil)
	fmt.Printf("F from %.3f to %.3f at (%.3f, %.3f), error %v\n", values[0], values[100], x.X().At(0, 0), x.X().At(1, 0), err)
	_, _, err = optim.Minimize(small(), optim.Exact, 100, nil)
	fmt.Println(err)
	// Output:
	// F from 5.000 to 0.198 at (1.000, 0.950), error <nil>
	// Exact needs the Solve oracle, which lasso does not have: only problems with a closed-form block minimiser have one
}

// A step that is far too long is safe under guard.
func ExampleGuard() {
	wild := optim.ProxMomentum(3, 0.9)
	for _, r := range []optim.Rule{wild, optim.Guard(wild, optim.ISTA)} {
		values, _, err := optim.Minimize(small(), r, 100, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.3g\n", values[100])
	}
	// Output:
	// 8.65e+125
	// 0.198
}

// Alternating minimisation of ½(uv − 1)² + ½u² over v and u: exact in v, a gradient
// step in u.
func ExampleAlternate() {
	residual := func(x optimizee.Point) ad.Value { return x.At("u").Mul(x.At("v")).Shift(-1) }
	p := &optimizee.Problem{
		Name:  "two numbers",
		Start: optimizee.Point{}.Plus("u", ad.Scalar(2)).Plus("v", ad.Scalar(2)),
		Value: func(x optimizee.Point) ad.Value {
			return residual(x).Square().Add(x.At("u").Square()).Scale(0.5)
		},
		Grad: func(block string, x optimizee.Point) ad.Value {
			if block == "u" {
				return residual(x).Mul(x.At("v")).Add(x.At("u"))
			}
			return residual(x).Mul(x.At("u"))
		},
		Solve: func(_ string, x optimizee.Point) ad.Value { return ad.Scalar(1).Div(x.At("u")) },
	}
	rule := optim.Alternate(optim.On("u", optim.GD(optim.LineSearch(1))), optim.On("v", optim.Exact))
	values, x, err := optim.Minimize(p, rule, 20, nil)
	fmt.Printf("F from %.3g to %.3g, u·v = %.3g, error %v\n", values[0], values[20], x.At("u").Mul(x.At("v")).Item(), err)
	// Output: F from 6.5 to 0.0197, u·v = 1, error <nil>
}
