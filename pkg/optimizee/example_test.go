package optimizee_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A problem of your own: F and its gradient as formulas. Smooth adds what proximal
// methods ask for.
func Example() {
	a, b := ad.New(3, 2, []float64{1, 0, 1, 1, 0, 2}), ad.Col(1, 2, 3)
	res := func(x optimizee.Point) ad.Value { return a.MatMul(x.X()).Sub(b) }
	p := &optimizee.Problem{
		Name:  "mine",
		Start: optimizee.X(ad.New(2, 1, nil)),
		Value: func(x optimizee.Point) ad.Value {
			return res(x).SumSquares().Add(x.X().SumSquares().Scale(0.1)).Scale(0.5)
		},
		Grad: func(_ string, x optimizee.Point) ad.Value {
			return a.TMatMul(res(x)).Add(x.X().Scale(0.1))
		},
	}
	_, _, err := optim.Minimize(p, optim.FISTA, 100, nil)
	fmt.Println(err)
	smooth := optimizee.Smooth(p)
	fmt.Println(smooth)
	_, x, err := optim.Minimize(smooth, optim.FISTA, 100, nil)
	fmt.Printf("x = (%.3f, %.3f), error %v\n", x.X().At(0, 0), x.X().At(1, 0), err)
	// Output:
	// FISTA needs the Prox oracle, which mine has not: if F is smooth, optimizee.Smooth adds the identity
	// mine (x 2×1): Value Grad Subgrad Prox Lipschitz
	// x = (0.752, 1.421), error <nil>
}

func ExampleProblem_Check() {
	fmt.Println(optimizee.Lasso(ad.New(3, 2, nil), ad.Col(1, 2), 0.1).Check())
	fmt.Println(optimizee.Logistic(ad.Col(1, 2), ad.Col(-1, 1), 0.1).Check())
	// Output:
	// lasso: A is 3×2 and b is 2×1: b has to have one row for each row of A
	// logistic: label 0 is -1: labels have to be 0 or 1
}

// Counting the oracle calls of a run.
func ExampleCount() {
	p, calls := optimizee.Count(optimizee.SmallLasso.Draw(optimizee.Stream(1)))
	step, err := optim.ISTA(p, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := p.Start
	for range 10 {
		x = step(x)
	}
	fmt.Printf("%+v, %d passes over the data\n", *calls, calls.Oracle())
	// Output: {Value:0 Grad:10 Prox:10 Solve:0}, 10 passes over the data
}
