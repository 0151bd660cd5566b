package mixture_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// The mixture of MLAM Fig. 3: two means are free, the third and the weights are given.
func ExampleFig3() {
	p := mixture.Fig3(5000).Draw(optimizee.Stream(1))
	_, x, err := optim.Minimize(p, mixture.EM, 200, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	mu := x.At("mu")
	fmt.Printf("means %.1f, %.1f and %.1f\n", mu.At(0, 0), mu.At(1, 0), mu.At(2, 0))
	// Output:
	// means -3.0, 3.2 and 0.0
}

// Points of your own, in three clusters: the best of ten runs of expectation
// maximisation from k-means++.
func ExampleEM() {
	x := ad.New(9, 2, []float64{0, 0, 1, 0, 0, 1, 9, 9, 8, 9, 9, 8, 0, 9, 1, 9, 0, 8})
	p := mixture.Problem(x, mixture.Config{K: 3, Cov: []ad.Value{ad.Scalar(0.5)}})
	_, at, err := optim.Minimize(p, optim.BestOf(10, optim.From(mixture.KMeansPP, mixture.EM)), 20, optimizee.Stream(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	l := p.Data.(*mixture.Data).Labels(at)
	fmt.Println(l[0] == l[1] && l[1] == l[2], l[3] == l[4] && l[4] == l[5], l[6] == l[7] && l[7] == l[8])
	fmt.Printf("F = %.4f\n", p.Value(at).Item())
	// Output:
	// true true true
	// F = 2.6878
}

// Your own points: how many clusters there are, and which one each point is in.
func ExampleSelect() {
	rng := optimizee.Stream(1)
	x := mixture.Family{Points: 300, Dim: 2, Components: 4, Box: 20, Sigma: 1}.Draw(rng).Data.(*mixture.Data).X
	best, all, err := mixture.Select(x, mixture.Config{Covariance: mixture.Full}, mixture.Search{From: 2, To: 6}, rng)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, fit := range all {
		fmt.Printf("K = %d: %d parameters, BIC %.0f\n", fit.K, fit.Parameters, fit.BIC)
	}
	fmt.Println(best.K, "clusters; the first points are in", best.Labels()[:6])
	// Output:
	// K = 2: 11 parameters, BIC 3385
	// K = 3: 17 parameters, BIC 2773
	// K = 4: 23 parameters, BIC 2639
	// K = 5: 29 parameters, BIC 2649
	// K = 6: 35 parameters, BIC 2665
	// 4 clusters; the first points are in [1 0 3 0 3 0]
}
