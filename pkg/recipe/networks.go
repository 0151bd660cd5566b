package recipe

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/realdata"
	"github.com/l2olab/l2o/pkg/train"
)

// mnist are the images on which networks are trained, read once in a process; without them a
// stand-in, whose name says so.
var mnist = sync.OnceValues(func() (datasets.Table, error) {
	t, err := datasets.MNISTTrainOrStandIn(context.Background())
	if t.Rows > 0 {
		err = nil
	}
	return t, err
})

// A network task is a training on networks for images.
type networkTask struct {
	name, about string
	optimizer   learned.Optimizer
	scale       float64                                 // of the weights at the start
	tricks      func(optimizee.Family) optimizee.Family // what training adds; nil for nothing
	train       train.Config
	limits      string
}

// over is the family of the task on images.
func (t networkTask) over(images datasets.Table) optimizee.Family {
	f := realdata.Network(neural.PaperMLP, images)
	f.Scale = t.scale
	if t.tricks != nil {
		return t.tricks(f)
	}
	return f
}

// recipe reads the images when it is made ready.
func (t networkTask) recipe() Recipe {
	first := &optimizee.Problem{Name: neural.PaperMLP.String(), Err: errors.New("the images are read first: use the recipe that Ready returns")}
	r := Recipe{
		Name: t.name + "-mlp", About: t.about, Optimizer: t.optimizer, Train: t.train, Limits: t.limits,
		Family: optimizee.FamilyFunc(t.over(datasets.Table{Name: "MNIST training images"}).String(), optimizee.Only(first).Draw),
	}
	r.prepare = func() (Recipe, error) {
		images, err := mnist()
		if err != nil {
			return Recipe{}, err
		}
		ready := r
		ready.Family, ready.prepare = t.over(images), nil
		return ready, nil
	}
	return r
}

// networks lists the trainings of the Primer's test 3, on the perceptron 784-20-10 with
// sigmoids: each minibatch is one network from a new start, over 100 steps on fresh minibatches of
// 128 images. The published 10,000 networks are cut to 40 for RNNprop, at the rate of the
// Primer's code, 1e-3, in the place of its own 1e-4, and to 400 for L2O-DM, which after 40 has
// learned nothing yet. The horizons of L2O-enhanced are cut to 100, 200 and 500. Each takes up to
// ten minutes of processor time.
func networks() []Recipe {
	base := train.Config{Minibatches: 400, Batch: 1, Iterations: 100, Segment: 20, LR: 1e-3, Seed: train.Paper.Seed}
	base.Validation = train.Validation{Problems: 4, Every: 50, Measure: train.AtEnd}
	last := base
	last.Loss, last.Minibatches, last.Validation.Every = learned.Objective.AtEnd(), 40, 25

	const cut = "Trained on %d networks where the papers have 10,000, for 100 steps; beyond them it may rise. Guard compares values, which fresh minibatches make noisy."
	dm := networkTask{"l2odm", "L2O-DM of 2016, as published, on the perceptron 784-20-10 for MNIST", learned.OriginalDM(learned.OriginalDMConfig{}), 0.01, nil, base, fmt.Sprintf(cut, base.Minibatches)}
	rnn := networkTask{
		"rnnprop", "RNNprop on the perceptron 784-20-10 for MNIST, with random scaling, a convex add-on and the loss of the last step",
		learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{ZeroState: true}}), 0.1,
		func(f optimizee.Family) optimizee.Family {
			return optimizee.ConvexAddOn(optimizee.RandomScaling(f, 3), 1)
		},
		last, fmt.Sprintf(cut, last.Minibatches),
	}
	enhanced := dm
	enhanced.name, enhanced.about = "enhanced", "L2O-enhanced, which is L2O-DM with a curriculum and imitation, on the perceptron 784-20-10 for MNIST"
	enhanced.limits = "Trained over horizons of 100, 200 and 500 steps, at most 50 networks each, where the public code goes on to 3,000."
	enhanced.train.Validation.Problems = 2
	enhanced.train = Recipe{Train: enhanced.train}.enhanced(50, 10, train.PublishedImitation.Chance, 100, 200, 500).Train
	return []Recipe{dm.recipe(), rnn.recipe(), enhanced.recipe()}
}
