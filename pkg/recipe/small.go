package recipe

import (
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

const smallLimits = "Trained for 100 steps on problems of one size and one λ. On other sizes, sparsity or λ it is slower, stalls or may diverge; past the horizon restarted FISTA is better. Guard it where it has to be safe."

// small lists the trainings of the notebooks that train live: the paper's schedule on
// small problems, with fewer minibatches and validation problems.
func small() []Recipe {
	of := func(name, about string, o learned.Optimizer, lr float64) Recipe {
		c := train.Paper
		c.Minibatches, c.LR = 200, lr
		c.Validation = train.Validation{Problems: 1024, Every: 5} // one problem in a thousand may diverge, and ruins the mean
		return Recipe{
			Name: name + "-lasso-20x40", About: about, Optimizer: o,
			Family: optimizee.SmallLasso, Train: c, Limits: smallLimits,
		}
	}
	return []Recipe{
		of("l2opa", "L2O-PA on small Lasso problems: the notebook 00-start-here trains it live", learned.PA(learned.PAConfig{}), 1e-2),
		of("l2odm", "L2O-DM on the same problems, the black box to compare with", learned.DM(learned.DMConfig{}), 1e-2),
		of("rnnprop", "RNNprop on the same problems, with the states and rate of the public code",
			learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{StateScale: 0.01}}), 3e-3),
	}
}
