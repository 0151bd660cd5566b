// Package recipe holds the trainings behind the weights and curves that ship with
// the module, as data: family, optimizer, schedule and seed. The command
// `go run ./kernelext/lab train NAME` makes any of them again.
package recipe

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// A Recipe is a training, complete to the last bit of its result.
type Recipe struct {
	Name      string
	About     string // one line: what it is for
	Optimizer learned.Optimizer
	Family    optimizee.Family
	Words     string // the family in words
	Train     train.Config
	Limits    string // what is known not to work
}

// small is the setting of the notebooks that train live: the paper's schedule on
// small problems, with fewer minibatches and validation problems.
func small(lr float64) train.Config {
	c := train.Paper
	c.Minibatches, c.LR = 200, lr
	c.Validation = train.Validation{Problems: 256, Every: 10}
	return c
}

const smallLimits = "Trained for 100 steps on problems of one size and one λ. On other sizes, sparsity or λ it is slower or stalls; past the horizon restarted FISTA is better. Guard it where it has to be safe."

// All lists the recipes.
func All() []Recipe {
	lasso := optimizee.SmallLasso
	return []Recipe{
		{
			Name: "l2opa-lasso-20x40", About: "L2O-PA on small Lasso problems: the notebook 00-start-here trains it live",
			Optimizer: learned.PA(learned.PAConfig{}), Family: lasso.Draw, Words: lasso.String(), Train: small(1e-2), Limits: smallLimits,
		},
		{
			Name: "l2odm-lasso-20x40", About: "L2O-DM on the same problems, the black box to compare with",
			Optimizer: learned.DM(learned.DMConfig{}), Family: lasso.Draw, Words: lasso.String(), Train: small(1e-2), Limits: smallLimits,
		},
		{
			Name: "rnnprop-lasso-20x40", About: "RNNprop on the same problems, with the states and rate of the public code",
			Optimizer: learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{StateScale: 0.01}}), Family: lasso.Draw, Words: lasso.String(),
			Train: small(3e-3), Limits: smallLimits,
		},
	}
}

// Get returns a recipe by name.
func Get(name string) (Recipe, error) {
	var names []string
	for _, r := range All() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, fmt.Errorf("recipe: there is no %q; there are %q", name, names)
}

// Run trains the recipe and returns θ with its card. checkpoint names the file to
// resume from and write to, "" for none; report may be nil.
func (r Recipe) Run(ctx context.Context, checkpoint string, report func(train.Event)) (learned.Trained, train.Result, error) {
	c := r.Train
	c.Checkpoint, c.Report = checkpoint, report
	res, err := train.Run(ctx, r.Optimizer, r.Family, c)
	if err != nil {
		return learned.Trained{}, res, err
	}
	t, err := learned.NewTrained(r.Optimizer, res.Theta, r.Family, learned.Card{
		Name: r.Name, Family: r.Words, Recipe: "go run ./kernelext/lab train " + r.Name,
		Seed: fmt.Sprint(c.Seed), Numerics: train.NumericsVersion,
		Reached: fmt.Sprintf("validation %.6g, the mean objective over %d steps of %d problems, after %d minibatches of %d",
			res.Best, c.Iterations, c.Validation.Problems, bestAt(res), c.Batch),
		License: "Apache-2.0", Limits: r.Limits,
	})
	return t, res, err
}

func bestAt(res train.Result) int {
	for _, p := range res.Validation {
		if p.Value == res.Best {
			return p.Minibatch
		}
	}
	return res.Minibatch
}
