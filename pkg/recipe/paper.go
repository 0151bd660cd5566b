package recipe

import (
	"fmt"
	"strings"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

const paperLimits = "Trained for 100 steps on problems of one size, one sparsity and one λ. Elsewhere it is slower or may diverge: Guard it where it has to be safe."

// A task is a family of the L2O-PA paper and what its public code trains there with:
// the output maps, the learning rate of Adam and the minibatches between two
// validations, which differ for RNNprop on Lasso.
type task struct {
	name   string
	family optimizee.Family
	pa     learned.PAConfig
	lr     float64
	every  int
}

// of is the training of an optimizer on the task: 500 minibatches of 64 problems, five
// segments of 20 steps, 1,024 validation problems, with our guard.
func (t task) of(name, about string, o learned.Optimizer) Recipe {
	c := train.Paper
	c.LR, c.Validation.Every = t.lr, t.every
	return Recipe{
		Name: name + "-" + t.name, About: about + " on " + t.family.String(), Optimizer: o,
		Family: t.family, Train: c, Limits: paperLimits,
	}
}

// learning is L2O-PA or one of its ablations on the task.
func (t task) learning(terms string) Recipe {
	c := t.pa
	c.Learn = terms
	name, about := "l2opa", "L2O-PA"
	if terms != "PA" {
		name, about = "l2opa-"+strings.ToLower(terms), "the ablation "+terms+" of L2O-PA"
	}
	return t.of(name, about, learned.PA(c))
}

// seeded is the recipe with another seed: n = 2, 3, … of the repetitions.
func (r Recipe) seeded(n int) Recipe {
	r.Name += fmt.Sprintf("-seed%d", n)
	r.About += fmt.Sprintf(", repetition %d", n)
	r.Train.Seed += uint64(n - 1)
	return r
}

// unguarded is the recipe without a guard, as published.
func (r Recipe) unguarded() Recipe {
	r.Name += "-noguard"
	r.About += ", without a guard, as published"
	r.Train.Guard = train.Guard{}
	r.CurveOnly = true
	return r
}

// paper lists the trainings of the L2O-PA paper at its scale.
func paper() []Recipe {
	lasso := task{"lasso-250x500", optimizee.PaperLasso, learned.PAConfig{}, 1e-2, 20}
	logistic := task{"logistic-1000x50", optimizee.PaperLogistic, learned.LogisticPA, 3e-3, 5}
	public := logistic
	public.name += "-public"
	public.family = optimizee.PaperLogistic.Published()
	slow := lasso // RNNprop's rate there; the public code validates it every 5 minibatches, here as all others every 20
	slow.lr = logistic.lr
	rnn := func(states float64) learned.Optimizer {
		return learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{StateScale: states}})
	}

	var all []Recipe
	for _, t := range []task{lasso, logistic} {
		pa := t.learning("PA")
		all = append(all, pa, pa.seeded(2), pa.seeded(3))
		for _, terms := range learned.Variants() {
			if terms != "PA" {
				all = append(all, t.learning(terms))
			}
		}
		all = append(all, t.of("l2odm", "L2O-DM", learned.DM(learned.DMConfig{})))
	}
	all = append(all,
		slow.of("rnnprop", "RNNprop", rnn(0.01)), logistic.of("rnnprop", "RNNprop", rnn(1)),
		adaLISTA(lasso), lasso.learning("PA").unguarded()) // on logistic the guard never fires

	// what the public code does and the paper does not say
	all = append(all, public.learning("PA"))
	for _, terms := range []string{"PBA1", "PBA2", "PBA12"} {
		t := lasso
		t.pa.PublicBias = true
		r := t.learning(terms)
		r.Name += "-publicbias"
		r.About += ", whose biases the public code keeps positive"
		all = append(all, r)
	}
	r := lasso.of("l2odm", "L2O-DM", learned.DM(learned.DMConfig{GradScale: 1. / float64(train.Paper.Batch)}))
	r.Name += "-publicscale"
	r.About += ", with the gradient of the batch mean, as the public code trains it; it is tested there with 1/32"
	return append(all, r)
}

// Seeds lists the recipe of this name and its repetitions with other seeds.
func Seeds(name string) []string {
	var names []string
	for _, r := range All() {
		if r.Name == name || strings.HasPrefix(r.Name, name+"-seed") {
			names = append(names, r.Name)
		}
	}
	return names
}

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
