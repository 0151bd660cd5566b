package recipe

import (
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

const mixtureLimits = "Trained for 6 outer steps. It stands still where EM does, and is stuck there about as often: start it several times, or from mixture.KMeansPP. In other units set InputScale to 0.5/σ."

// mixing is the training of learned alternating minimisation on mixtures. EM has done
// nearly all of its work in 60 steps, so 6 outer steps of 10 are enough, and the rate has
// to fall, because a rule that has begun to overshoot is not easily brought back.
func mixing(name, about string, o learned.Optimizer, fam optimizee.Family) Recipe {
	return Recipe{
		Name: name, About: about, Optimizer: o, Family: fam,
		Train: train.Config{
			Minibatches: 120, Batch: 16, Iterations: 6, Segment: 3, LR: 6e-3, Halve: 40, Seed: 1, Loss: learned.LogObjective,
			Validation: train.Validation{Problems: 128, Every: 10}, Guard: train.MLAM.Guard,
		},
		Limits: mixtureLimits,
	}
}

// clusterings lists the trainings of MLAM on Gaussian mixtures.
func clusterings() []Recipe {
	inUnits := func(sigma float64) learned.Optimizer {
		c := mlam.Mixture
		c.InputScale = 0.5 / sigma
		return mlam.MLAM(c)
	}
	plane := mixture.Paper
	r := mixing("mlam-mixture-2d", "MLAM on the mixtures of its Fig. 6", inUnits(plane.Sigma), plane)
	all := []Recipe{r, r.seeded(2), r.seeded(3), printed(r)}

	high := mixture.HighDim(16)
	r = mixing("mlam-mixture-16d", "MLAM on the 16-dimensional mixtures of its Table VI, for all dimensions of it", inUnits(high.Sigma), high)
	r.Train.Batch = 8
	all = append(all, r)

	flower := mixture.PaperFlower // any component may take any petal, and a tenth of the points show them as well
	flower.Points, flower.Round = 1000, true
	r = mixing("mlam-flower", "MLAM on the flowers of its Fig. 8", inUnits(1), flower)
	r.Train.Batch = 8
	return append(all, r)
}

// printed is the wiring that the paper prints, in a size that trains in a minute: raw
// gradients, outputs that are added, every inner loop from new random variables and a new
// state, and the sum of F. Its outputs are in tens, because ten of them have to carry a
// mean through the box.
func printed(r Recipe) Recipe {
	c := mlam.Paper
	c.Hidden, c.Blocks, c.OutputScale = 20, mlam.Mixture.Blocks, 10
	r.Name += "-printed"
	r.About += ", wired as it is printed"
	r.Optimizer = mlam.MLAM(c)
	r.Train.Minibatches, r.Train.Batch, r.Train.Iterations, r.Train.Segment = 300, 4, 10, 10
	r.Train.Loss = learned.Objective
	r.Limits = "Trained for 10 outer steps, of which each begins at random: what it returns is what ten steps make of that. Take the lowest of many."
	return r
}
