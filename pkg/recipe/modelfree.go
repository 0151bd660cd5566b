package recipe

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/train"
)

// publicBatch is the batch of the public code, which differentiates its mean: each instance
// sees so small a part of its gradient.
const publicBatch = 128

// A modelFree task is a family of the Primer and the settings on it that are shared.
type modelFreeTask struct {
	name   string
	family optimizee.Family
	train  train.Config
	limits string // what the budget is
	bounds string // and what else is known not to work

	most, every int // minibatches of a phase of L2O-enhanced, and between two of its validations
}

// of is the training of an optimizer on the task.
func (t modelFreeTask) of(name, about string, o learned.Optimizer) Recipe {
	return Recipe{Name: name + "-" + t.name, About: about + " on " + t.family.String(), Optimizer: o, Family: t.family, Train: t.train, Limits: t.limits}
}

// rawDM is L2O-DM as the public code has it on everything that is no network.
func rawDM() learned.Optimizer {
	return learned.OriginalDM(learned.OriginalDMConfig{Raw: true, GradScale: 1. / publicBatch})
}

// publicRNNprop is RNNprop as the code of the Primer has it.
func publicRNNprop() learned.Optimizer {
	return learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{ZeroState: true}, OutputScale: 0.01})
}

// enhanced is the recipe with a curriculum of horizons and with imitation, as L2O-enhanced.
func (r Recipe) enhanced(minibatches, every int, chance []float64, horizons ...int) Recipe {
	c := r.Train
	c.Minibatches, c.Validation.Every, c.Imitate = minibatches, every, &train.Imitation{Chance: chance}
	r.Train = c.Curriculum(horizons...)
	return r
}

// three are the trainings of the Primer's tests 1 and 2: L2O-DM and RNNprop over runs of
// 1,000 steps, and L2O-enhanced, which is L2O-DM trained with a curriculum and
// imitation. Its horizons end where the others train.
func (t modelFreeTask) three() []Recipe {
	growing := t
	growing.limits = fmt.Sprintf("Trained over horizons that grow to 1,000 steps, at most %d minibatches of 16 instances each and a validation every %d; it goes no further than to the first horizon on which nothing improves, as the card says. %s", t.most, t.every, t.bounds)
	t.limits += " " + t.bounds
	return []Recipe{
		t.of("l2odm", "L2O-DM", rawDM()), t.of("rnnprop", "RNNprop", publicRNNprop()),
		growing.of("enhanced", "L2O-enhanced, which is L2O-DM with a curriculum and imitation,", rawDM()).enhanced(t.most, t.every, train.PublishedImitation.Chance, 100, 200, 500, 1000),
	}
}

// modelFree lists the trainings of rules that know nothing of the problem but its gradient:
// on the quadratics of the first paper, and on the Primer's Rastrigin functions and Lasso. The
// published budgets are cut to at most some minutes of processor time, which [Efforts] has: to 60
// of 100 minibatches, of 16 instances in the place of 128, and on the quadratics to 1,000 of 10,000.
func modelFree() []Recipe {
	const instances = 16
	base := train.Config{Minibatches: 60, Batch: instances, Iterations: 1000, Segment: 20, LR: 1e-3, Seed: train.Paper.Seed}
	base.Validation = train.Validation{Problems: 2 * instances, Every: 10, Measure: train.AtEnd}

	quadratic := modelFreeTask{
		name: "quadratic-10", family: optimizee.UniformQuadraticSpec{N: 10}, train: base,
		limits: "Trained for 100 steps on quadratics of 10 numbers, from near 0; it sees 1/128 of the gradient, as in the public code. Minibatches were cut from 10,000 of 128 problems to 1,000 of 16.",
	}
	quadratic.train.Iterations, quadratic.train.Minibatches = 100, 1000
	quadratic.train.Validation.Problems, quadratic.train.Validation.Every = 128, 100

	const budget = "Trained for 1,000 steps, in 60 minibatches of 16 fresh problems where the public code has 100 of 128 that come again."
	all := []Recipe{quadratic.of("l2odm", "L2O-DM of 2016", rawDM())}
	for _, n := range []int{2, 10} {
		all = append(all, modelFreeTask{
			name: fmt.Sprintf("rastrigin-%d", n), family: optimizee.RastriginSpec{N: n}, train: base, most: 40, every: 4,
			limits: budget, bounds: "It is made for one size, and no global method: it ends in a local minimum near its start.",
		}.three()...)
	}
	for _, s := range []struct {
		size string
		sparse.Recovery
	}{{"5x10", Lasso5x10}, {"25x50", Lasso25x50}} {
		s.Columns = instances
		task := modelFreeTask{
			name: "lasso-" + s.size, family: nearZero(s.Recovery), train: base, most: 200, every: 20,
			limits: budget, bounds: "It is made for one dictionary and λ = 0.005. No public script has these settings; they are those of its other problems.",
		}
		task.train.Batch, task.train.Validation.Problems, task.train.Loss = 1, 2, learned.PerInstance
		all = append(all, task.three()...)
	}
	return all
}

// nearZero is Lasso minimisation from N(0, 0.01²), where model-free rules begin.
func nearZero(s sparse.Recovery) optimizee.Family {
	return optimizee.FamilyFunc(minimisation(s)+", from N(0, 0.01²)", func(rng *rand.Rand) *optimizee.Problem {
		p := s.Draw(rng)
		if p.Err == nil {
			x := p.Start.X()
			p.Start = optimizee.X(optimizee.Gaussian(rng, x.R, x.C).Scale(0.01))
		}
		return p
	})
}
