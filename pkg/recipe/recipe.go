// Package recipe holds the trainings behind the weights and curves that ship with
// the module, as data: family, optimizer, schedule and seed. The command
// `go run ./kernelext/lab train NAME` makes any of them again.
package recipe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/near"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// A Recipe is a training, complete to the last bit of its result.
type Recipe struct {
	Name      string
	About     string // one line: what it is for
	Optimizer learned.Optimizer
	Family    optimizee.Family
	Train     train.Config
	Limits    string // what is known not to work
	CurveOnly bool   // no θ ships, for its size or because only the curve is of interest: see [Load]

	Loss *mlam.MetaLoss // trains by [train.Alternate] on this loss of an outer step; nil for F of every step by [train.Run]

	// Supervision trains an unrolled network instead of Train, on problems with their
	// Truth; with rounds, Grid searches its parameters.
	Supervision train.Supervision
	Grid        train.Grid

	Fresh int // problems on which [Recipe.Keep] measures what each layer recovers, or where an alternation ends; 0 for none

	prepare func() (Recipe, error) // completes a recipe whose family is learned from data
}

// All lists the recipes. Those that need data are complete after [Recipe.Ready].
func All() []Recipe {
	return slices.Concat(small(), paper(), unrolled(), alternations(), clusterings())
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
	return Recipe{}, fmt.Errorf("recipe: there is no %q among %d; nearest: %s", name, len(names), strings.Join(near.Keys(name, names, 5), ", "))
}

// Ready returns the recipe with its family and optimizer, which some learn from data
// first. Run and Keep do that by themselves.
func (r Recipe) Ready() (Recipe, error) {
	if r.prepare == nil {
		return r, nil
	}
	ready, err := r.prepare()
	if err != nil {
		err = fmt.Errorf("recipe: %s: %w", r.Name, err)
	}
	return ready, err
}

// Run trains the recipe and returns θ with its card. checkpoint names the file to
// resume from and write to, "" for none; report may be nil. A grid search is over so soon
// that it leaves no checkpoint.
func (r Recipe) Run(ctx context.Context, checkpoint string, report func(train.Event)) (weights.Trained, train.Result, error) {
	r, err := r.Ready()
	if err != nil {
		return weights.Trained{}, train.Result{}, err
	}
	card := weights.Card{
		Name: r.Name, Recipe: "go run ./kernelext/lab train " + r.Name,
		Numerics: train.NumericsVersion, License: "Apache-2.0", Limits: r.Limits,
	}
	if _, err := weights.NewTrained(r.Optimizer, nn.NewParams(), r.Family, card); err != nil { // not after hours
		return weights.Trained{}, train.Result{}, err
	}
	run := r.unroll
	switch {
	case r.Grid.Rounds > 0:
		run = r.search
	case len(r.Supervision.Phases) > 0:
		run = r.supervise
	}
	res, err := run(ctx, &card, checkpoint, report)
	if err != nil {
		return weights.Trained{}, res, err
	}
	for _, p := range res.Validation {
		card.Curve = append(card.Curve, weights.Validated{After: p.Minibatch, Value: p.Value})
	}
	t, err := weights.NewTrained(r.Optimizer, res.Theta, r.Family, card)
	return t, res, err
}

// unroll trains by truncated back-propagation.
func (r Recipe) unroll(ctx context.Context, card *weights.Card, checkpoint string, report func(train.Event)) (train.Result, error) {
	c := r.Train
	c.Checkpoint, c.Report = checkpoint, report
	res, err := r.truncated(ctx, c)
	what := "objective"
	if r.Loss != nil && !r.Loss.Sum {
		what = "logarithm of the objective"
	}
	card.Seed = fmt.Sprint(c.Seed)
	card.Reached = fmt.Sprintf("validation %.6g, the mean %s over %d steps of %d problems, after %d minibatches of %d; in all %d minibatches the guard rescaled %d segments, skipped %d and ended %d minibatches",
		res.Best, what, c.Iterations, c.Validation.Problems, bestAt(res), c.Batch, res.Minibatch, res.Clipped, res.Skipped, res.Ended)
	return res, err
}

// truncated is the training that the recipe means, with these settings.
func (r Recipe) truncated(ctx context.Context, c train.Config) (train.Result, error) {
	if r.Loss == nil {
		return train.Run(ctx, r.Optimizer, r.Family, c)
	}
	return train.Alternate(ctx, r.Optimizer, r.Family, train.AlternateConfig{Config: c, Loss: *r.Loss})
}

// supervise trains towards known solutions; a step of it is a minibatch of the result,
// whose validations are those that ended the phases.
func (r Recipe) supervise(ctx context.Context, card *weights.Card, checkpoint string, report func(train.Event)) (train.Result, error) {
	c := r.Supervision
	c.Checkpoint, c.Report = checkpoint, report
	got, err := train.Supervise(ctx, r.Optimizer, r.Family, c)
	what := " dB, the NMSE"
	if c.Objective {
		what = ", the mean F"
	}
	card.Seed = fmt.Sprint(c.Seed)
	card.Reached = fmt.Sprintf("validation %.4g%s of the last layer on %d problems, after %d steps of %d problems in %d phases",
		got.Best, what, c.Problems, got.Steps, c.Batch, len(got.Phases))
	res := train.Result{Theta: got.Theta, Last: got.Theta, Best: got.Best, Minibatch: got.Steps}
	steps := 0
	for _, ph := range got.Phases {
		steps += ph.Steps
		res.Validation = append(res.Validation, train.Point{Minibatch: steps, Value: ph.Value})
	}
	return res, err
}

// search compares the points of a grid; one of them is a minibatch of the result.
func (r Recipe) search(ctx context.Context, card *weights.Card, _ string, report func(train.Event)) (train.Result, error) {
	g := r.Grid
	done := 0
	g.Report = func(e train.Event) {
		if done = e.Minibatch; report != nil {
			report(e)
		}
	}
	got, err := g.Search(ctx, r.Optimizer, r.Family)
	card.Seed = fmt.Sprint(g.Seed)
	card.Reached = fmt.Sprintf("validation %.4g dB, the NMSE of layer %d on %d problems, the best of %d points in %d grids",
		got.Value, g.Layers, g.Problems, done, g.Rounds)
	if len(got.Border) > 0 {
		card.Reached += ", at the border of the last one in " + strings.Join(got.Border, ", ")
	}
	return train.Result{Theta: got.Theta, Last: got.Theta, Best: got.Value, Minibatch: done}, err
}

func bestAt(res train.Result) int {
	for _, p := range res.Validation {
		if p.Value == res.Best {
			return p.Minibatch
		}
	}
	return res.Minibatch
}
