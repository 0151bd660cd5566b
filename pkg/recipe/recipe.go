// Package recipe holds the trainings behind the weights and curves that ship with
// the module, as data: family, optimizer, schedule and seed. The command
// `go run ./kernelext/lab train NAME` makes any of them again.
package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
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
	CurveOnly bool   // made for the curve of its training: no θ ships

	// Solutions and Supervision train an unrolled network instead of Train, on problems
	// with the points that it should reach.
	Solutions   optimizee.Supervised
	Supervision train.Supervision
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
	card := learned.Card{
		Name: r.Name, Family: r.Words, Recipe: "go run ./kernelext/lab train " + r.Name,
		Numerics: train.NumericsVersion, License: "Apache-2.0", Limits: r.Limits,
	}
	if _, err := learned.NewTrained(r.Optimizer, nn.NewParams(), r.Family, card); err != nil { // not after hours
		return learned.Trained{}, train.Result{}, err
	}
	run := r.unroll
	if r.Solutions != nil {
		run = r.supervise
	}
	res, err := run(ctx, &card, checkpoint, report)
	if err != nil {
		return learned.Trained{}, res, err
	}
	for _, p := range res.Validation {
		card.Curve = append(card.Curve, learned.Validated{After: p.Minibatch, Value: p.Value})
	}
	t, err := learned.NewTrained(r.Optimizer, res.Theta, r.Family, card)
	return t, res, err
}

// unroll trains by truncated back-propagation.
func (r Recipe) unroll(ctx context.Context, card *learned.Card, checkpoint string, report func(train.Event)) (train.Result, error) {
	c := r.Train
	c.Checkpoint, c.Report = checkpoint, report
	res, err := train.Run(ctx, r.Optimizer, r.Family, c)
	card.Seed = fmt.Sprint(c.Seed)
	card.Reached = fmt.Sprintf("validation %.6g, the mean objective over %d steps of %d problems, after %d minibatches of %d; in all %d minibatches the guard rescaled %d segments, skipped %d and ended %d minibatches",
		res.Best, c.Iterations, c.Validation.Problems, bestAt(res), c.Batch, res.Minibatch, res.Clipped, res.Skipped, res.Ended)
	return res, err
}

// supervise trains towards known solutions; a step of it is a minibatch of the result.
func (r Recipe) supervise(ctx context.Context, card *learned.Card, checkpoint string, report func(train.Event)) (train.Result, error) {
	c := r.Supervision
	c.Checkpoint, c.Report = checkpoint, report
	got, err := train.Supervise(ctx, r.Optimizer, r.Solutions, c)
	card.Seed = fmt.Sprint(c.Seed)
	card.Reached = fmt.Sprintf("validation %.4g dB, the NMSE of the last layer on %d problems, after %d steps of %d problems in %d phases",
		got.Best, c.Problems, got.Steps, c.Batch, len(got.Phases))
	return train.Result{Theta: got.Theta, Last: got.Theta, Best: got.Best, Minibatch: got.Steps, Validation: got.Validation}, err
}

func bestAt(res train.Result) int {
	for _, p := range res.Validation {
		if p.Value == res.Best {
			return p.Minibatch
		}
	}
	return res.Minibatch
}
