package optim_test

import (
	"fmt"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A matrix of your own, from a file with a row, a column and a value in each line: the
// λ is the one that predicts held-out entries best.
func ExampleALSHeldOut() {
	r, err := datasets.ReadRatings("testdata/ratings.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := optimizee.MatrixCompletion(optimizee.Observed(r.Entries), optimizee.CompletionConfig{P: 1})
	_, x, err := optim.Minimize(p, optim.ALSHeldOut(optim.HeldOutConfig{}), 10, optimizee.Stream(1))
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

// Points of your own, in three clusters: the best of ten runs of expectation
// maximisation from k-means++.
func ExampleEM() {
	x := ad.New(9, 2, []float64{0, 0, 1, 0, 0, 1, 9, 9, 8, 9, 9, 8, 0, 9, 1, 9, 0, 8})
	p := optimizee.GaussianMixture(x, optimizee.MixtureConfig{K: 3, Cov: []ad.Value{ad.Scalar(0.5)}})
	_, at, err := optim.Minimize(p, optim.BestOf(10, optim.From(optim.KMeansPP, optim.EM)), 20, optimizee.Stream(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	l := p.Data.(*optimizee.Mixture).Labels(at)
	fmt.Println(l[0] == l[1] && l[1] == l[2], l[3] == l[4] && l[4] == l[5], l[6] == l[7] && l[7] == l[8])
	fmt.Printf("F = %.4f\n", p.Value(at).Item())
	// Output:
	// true true true
	// F = 2.6878
}
