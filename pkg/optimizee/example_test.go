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
	// FISTA needs the Prox oracle, which mine does not have: if F is smooth, optimizee.Smooth adds the identity
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

// Three classes of points in the plane, each point with a constant feature for the
// intercept.
func ExampleSoftmax() {
	w := ad.New(6, 3, []float64{1, 0, 1, 0.9, 0.1, 1, 0, 1, 1, 0.1, 0.9, 1, -1, -1, 1, -0.9, -1, 1})
	p := optimizee.Softmax(w, ad.Col(0, 0, 1, 1, 2, 2), 3, 0.01)
	_, x, err := optim.Minimize(p, optim.FISTA, 2000, nil)
	scores := w.MatMul(x.X())
	fmt.Println(p, err)
	fmt.Printf("the first point: %.2f of class 0\n", scores.Sub(scores.LogSumExp()).Exp().At(0, 0))
	fmt.Println("the certificate closes:", p.Value(x).Item()-p.Bound(x) < 1e-9)
	// Output:
	// softmax (x 3×3): Value Grad ValueGrad Subgrad Prox Lipschitz Bound <nil>
	// the first point: 0.98 of class 0
	// the certificate closes: true
}

// The step of the L2O-PA paper's public code beside the true one.
func ExamplePublishedL() {
	p := optimizee.PaperLogistic.Draw(optimizee.Stream(1))
	q := optimizee.PublishedL(p)
	for _, r := range []*optimizee.Problem{q, p} {
		_, x, err := optim.Minimize(r, optim.ISTA, 20, nil)
		fmt.Printf("L = %5.2f: gap %.0e %v\n", r.Lipschitz("x", x), r.Value(x).Item()-r.Bound(x), err)
	}
	// Output:
	// L = 37.97: gap 6e-02 <nil>
	// L =  0.36: gap 2e-09 <nil>
}
