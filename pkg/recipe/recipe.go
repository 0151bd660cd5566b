// Package recipe holds the trainings behind the weights and curves that ship with
// the module, as data: family, optimizer, schedule and seed. The command
// `go run ./kernelext/lab train NAME` makes any of them again.
package recipe

import (
	"context"
	"fmt"
	"slices"

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
	Diverges  bool   // shows what happens without a guard: Run returns the *train.Divergence, and no θ ships
}

// All lists the recipes.
func All() []Recipe { return slices.Concat(small(), paper()) }

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
		Reached: fmt.Sprintf("validation %.6g, the mean objective over %d steps of %d problems, after %d minibatches of %d; in all %d minibatches the guard rescaled %d segments, skipped %d and ended %d minibatches",
			res.Best, c.Iterations, c.Validation.Problems, bestAt(res), c.Batch, res.Minibatch, res.Clipped, res.Skipped, res.Ended),
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
