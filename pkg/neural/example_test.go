package neural_test

import (
	"context"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// An optimizer for a network of one's own, which tells the quadrants of the plane apart: it is
// trained on runs of 25 steps and then raced, from starts that it has not seen, against Adam
// with the best of four rates.
func ExampleFamily() {
	points, quadrant := optimizee.Gaussian(optimizee.Stream(1), 500, 2), ad.New(500, 1, nil)
	for i := range quadrant.Data {
		quadrant.Data[i] = 1.5 + math.Copysign(1, points.At(i, 0)) + math.Copysign(0.5, points.At(i, 1))
	}
	family := neural.Family{
		Network: neural.MLP{Sizes: []int{2, 8, 4}, Activation: neural.Sigmoid},
		Samples: points, Labels: quadrant, Name: "points of the plane", Batch: 64, Scale: 0.5, Fresh: true,
	}
	rnnprop := learned.RNNprop(learned.RNNpropConfig{OutputScale: 1, Network: learned.Network{Hidden: 8, ZeroState: true}})
	mine, _ := train.Run(context.Background(), rnnprop, family, train.Config{Minibatches: 80, Batch: 4, Iterations: 25, Segment: 25, LR: 3e-2, Seed: 1})
	entries := []trace.Entry{{Name: "mine", Rule: mine.Rule()}}
	for _, lr := range []float64{0.1, 0.3, 0.6, 1} {
		entries = append(entries, trace.Entry{Name: fmt.Sprint("Adam, ", lr), Rule: optim.Adam(optim.AdamConfig{LR: lr})})
	}
	race, _ := trace.RaceFamily(context.Background(), family, trace.Config{Problems: 20, Steps: 25, Measure: trace.Value}, entries...)
	for _, name := range race.Names[1:] {
		fmt.Println(name, "is behind:", race.Mean(name, 25) > race.Mean("mine", 25))
	}
	// Output:
	// Adam, 0.1 is behind: true
	// Adam, 0.3 is behind: true
	// Adam, 0.6 is behind: true
	// Adam, 1 is behind: true
}
