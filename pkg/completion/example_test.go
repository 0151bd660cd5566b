package completion_test

import (
	"fmt"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A matrix of rank 1 from five of its six entries, and how far off the sixth is.
func ExampleProblem() {
	truth := ad.New(2, 3, []float64{1, 2, 3, 2, 4, 6})
	o := completion.Observed{Rows: 2, Cols: 3, Row: []int{0, 0, 0, 1, 1}, Col: []int{0, 1, 2, 0, 1}, Value: []float64{1, 2, 3, 2, 4}}
	p := completion.WithTruth(completion.Problem(o, completion.Config{P: 1, Lambda: 1e-3}), truth)
	fmt.Println(p)
	_, x, err := optim.Minimize(p, completion.ALS, 20, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the hidden entry is %.3f, relative error %.4f\n", x.At("U").MatMulT(x.At("V")).At(1, 2), completion.HiddenRMSE(p, x))
	// Output:
	// matrix completion (U 2×1, V 3×1): Value Grad ValueGrad Subgrad Prox Lipschitz Solve
	// the hidden entry is 5.990, relative error 0.0017
}

// A random matrix to complete, as the papers have it.
func ExampleFamily() {
	fmt.Println(completion.Paper)
	p := completion.Paper.Draw(optimizee.Stream(1))
	_, x, err := optim.Minimize(p, completion.ALSLowered(completion.LoweredConfig{}), 50, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := optimizee.DataOf[completion.Data](p, "the example")
	fmt.Printf("RMSE %.3f from %d of %d entries, error %v\n", completion.RMSE(p, x), len(c.Value), c.Rows*c.Cols, err)
	// Output:
	// completion of 100×100, rank 5, 20 % observed, uniform factors, λ = 0.001
	// RMSE 0.000 from 2000 of 10000 entries, error <nil>
}

// A matrix of your own, from a file with a row, a column and a value in each line: the
// λ is the one that predicts held-out entries best.
func ExampleALSHeldOut() {
	r, err := datasets.ReadRatings("testdata/ratings.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := completion.Problem(completion.Observed(r.Entries), completion.Config{P: 1})
	_, x, err := optim.Minimize(p, completion.ALSHeldOut(completion.HeldOutConfig{}), 10, optimizee.Stream(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	full := x.At("U").MatMulT(x.At("V"))
	fmt.Println(r)
	fmt.Printf("%s would rate %s at %.1f\n", r.Users[3], r.Items[2], full.At(3, 2))
	// Output:
	// ratings: 18 ratings by 5 users of 5 items, 72 % of all
	// dora would rate film at 2.0
}
