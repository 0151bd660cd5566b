package recipe

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// scaled is the training of L2O-Scale here. Of the public benchmark command it keeps 100
// steps in segments of 20, the published setting of the network, and that gradients above
// 1e4 are bounded, of which the guard bounds the norm and the command each entry. In three things it
// differs:
//
//   - Adam at 3e-3 for 200 minibatches of 16, where the command has RMSProp at 1e-6 for 100
//     iterations: 500 updates of that size move no parameter by more than about 2e-3, so
//     that what comes out is nearly what was drawn.
//   - The mean of F, where it has that of ln F, which these functions do not have: they are
//     negative in places. A bound of 5 on the norm, below that of most gradients, made it
//     worse than untrained after 40 minibatches in 10 numbers: runs that explode then count no
//     more than others.
//   - No curriculum and no imitation, which the command adds to the rule of 2017.
func scaled(n int) Recipe {
	return Recipe{
		Name:      fmt.Sprintf("l2oscale-rastrigin-%d", n),
		About:     fmt.Sprintf("L2O-Scale on Rastrigin functions of %d numbers, by Adam in place of RMSProp at 1e-6, which would leave it as it was drawn", n),
		Optimizer: learned.Scale(learned.ScaleConfig{}),
		Family:    optimizee.RastriginSpec{N: n},
		Train: train.Config{
			Minibatches: 200, Batch: 16, Iterations: 100, Segment: 20, LR: 3e-3, Seed: 1,
			Validation: train.Validation{Problems: 64, Every: 20}, Guard: train.Guard{Above: 1e4, To: 1e4},
		},
		Limits: "Trained for 100 steps on functions of one size; it stays where it is by then. It is no global method: it ends in a local minimum near its start, in the mean a little above where Adam at 0.1 does.",
	}
}

// scaledNetwork is its training on the perceptron of test 3, whose loss is positive and has a
// logarithm. A run costs some five times as much processor time as one of L2O-DM.
func scaledNetwork() Recipe {
	c := scaled(2).Train
	c.Minibatches, c.Batch, c.Loss = 50, 1, learned.LogObjective
	c.Validation = train.Validation{Problems: 2, Every: 10}
	return networkTask{
		"l2oscale", "L2O-Scale on the perceptron 784-20-10 for MNIST, for the mean of ln F, by Adam in place of RMSProp at 1e-6",
		learned.Scale(learned.ScaleConfig{}), 0.01, nil, c,
		"Trained on 50 networks for 100 steps. The paper trains on many small problems and on no network of this kind.",
	}.recipe()
}

// scales lists the trainings of L2O-Scale.
func scales() []Recipe { return []Recipe{scaled(2), scaled(10), scaledNetwork()} }
