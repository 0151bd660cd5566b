package optimizee_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A matrix of rank 1 from five of its six entries, and how far off the sixth is.
func ExampleMatrixCompletion() {
	truth := ad.New(2, 3, []float64{1, 2, 3, 2, 4, 6})
	o := optimizee.Observed{Rows: 2, Cols: 3, Row: []int{0, 0, 0, 1, 1}, Col: []int{0, 1, 2, 0, 1}, Value: []float64{1, 2, 3, 2, 4}}
	p := optimizee.MatrixCompletion(o, optimizee.CompletionConfig{P: 1, Lambda: 1e-3, Truth: truth})
	fmt.Println(p)
	_, x, err := optim.Minimize(p, optim.ALS, 20, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the hidden entry is %.3f, relative error %.4f\n", x.At("U").MatMulT(x.At("V")).At(1, 2), p.Data.(*optimizee.Completion).HiddenRMSE(x))
	// Output:
	// matrix completion (U 2×1, V 3×1): Value Grad ValueGrad Subgrad Prox Lipschitz Solve
	// the hidden entry is 5.990, relative error 0.0017
}

// A random matrix to complete, as the papers have it.
func ExampleCompletionSpec() {
	fmt.Println(optimizee.PaperCompletion)
	p := optimizee.PaperCompletion.Draw(optimizee.Stream(1))
	_, x, err := optim.Minimize(p, optim.ALSLowered(optim.LoweredConfig{}), 50, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := optimizee.DataOf[optimizee.Completion](p, "the example")
	fmt.Printf("RMSE %.3f from %d of %d entries, error %v\n", c.RMSE(x), len(c.Value), c.Rows*c.Cols, err)
	// Output:
	// completion of 100×100, rank 5, 20 % observed, uniform factors, λ = 0.001
	// RMSE 0.000 from 2000 of 10000 entries, error <nil>
}

// The mixture of MLAM Fig. 3: two means are free, the third and the weights are given.
func ExampleMixtureFig3() {
	p := optimizee.MixtureFig3(5000)(optimizee.Stream(1))
	_, x, err := optim.Minimize(p, optim.EM, 200, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	mu := x.At("mu")
	fmt.Printf("means %.1f, %.1f and %.1f\n", mu.At(0, 0), mu.At(1, 0), mu.At(2, 0))
	// Output:
	// means -3.0, 3.2 and 0.0
}
