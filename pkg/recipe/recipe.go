// Package recipe holds the trainings behind the weights and curves that ship with
// the module, as data: family, optimizer, schedule and seed. The command
// `go run ./kernelext/lab train NAME` makes any of them again.
package recipe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/internal/near"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
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

	Search trace.Search // a [ParameterSearch] takes the place of Train, where it has rounds

	Fresh int // problems on which [Recipe.Keep] measures what each layer recovers, or where an alternation ends; 0 for none

	prepare func() (Recipe, error) // completes a recipe whose family is learned from data
}

// All lists the recipes. Those that need data are complete after [Recipe.Ready].
func All() []Recipe {
	return slices.Concat(small(), paper(), unrolled(), alternations(), clusterings(), modelFree(), networks(), swarms(), scales())
}

// Get returns a recipe by name.
func Get(name string) (Recipe, error) {
	all := All()
	if i := slices.IndexFunc(all, func(r Recipe) bool { return r.Name == name }); i >= 0 {
		return all[i], nil
	}
	return Recipe{}, fmt.Errorf("recipe: there is no %q among %d; nearest: %s", name, len(all), near.Keys(name, all, func(r Recipe) string { return r.Name }))
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
// that it leaves no checkpoint. A *train.Unsaved comes with a result that is whole.
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
	if r.Search.Rounds > 0 {
		return r.search(ctx, card, report)
	}
	c := r.Train
	c.Checkpoint, c.Report = checkpoint, report
	res, err := train.Run(ctx, r.Optimizer, r.Family, c)
	var unsaved *train.Unsaved
	if err != nil && !errors.As(err, &unsaved) {
		return weights.Trained{}, res, err
	}
	card.Seed, card.Reached, card.Curve = fmt.Sprint(c.Seed), reached(c, res), res.Validation
	if len(c.Phases) > 0 { // of many validations those that ended the phases
		card.Curve = nil
		done := 0
		for _, ph := range res.Phases {
			done += ph.Minibatches
			card.Curve = append(card.Curve, weights.Validation{After: done, Value: ph.Value})
		}
	}
	t, failed := weights.NewTrained(r.Optimizer, res.Theta, r.Family, card)
	if failed != nil {
		return t, res, failed
	}
	return t, res, err
}

// reached says in words what a training reached.
func reached(c train.Config, res train.Result) string {
	what, unit := "mean "+cmp.Or(c.Loss.Name, learned.Objective.Name), ""
	if m := c.Validation.Measure; m.Name != "" {
		what, unit = m.Name, strings.TrimRight(" "+m.Unit, " ")
	}
	n := len(c.Phases)
	if c.Validation.Ahead {
		last := c.Phases[min(len(res.Phases), n-1)] // over its iterations the last phase that was trained is validated
		return fmt.Sprintf("validation %.6g, the %s over %d steps of %d problems, after %d minibatches of %d; %d of %d horizons were trained, and %d minibatches imitated",
			res.Best, what, last.Iterations, c.Validation.Problems, res.Minibatches, c.Batch, len(res.Phases), n, res.Imitated)
	}
	if n > 0 {
		return fmt.Sprintf("validation %.4g%s, the %s after the last layer on %d problems, after %d minibatches of %d problems in %d phases",
			res.Best, unit, what, c.Validation.Problems, res.Minibatches, c.Batch, n)
	}
	return fmt.Sprintf("validation %.6g, the %s over %d steps of %d problems, after %d minibatches of %d; in all %d minibatches the guard rescaled %d segments, skipped %d and ended %d minibatches",
		res.Best, what, c.Iterations, c.Validation.Problems, bestAt(res), c.Batch, res.Minibatches, res.Clipped, res.Skipped, res.Ended)
}

// search is the training of a recipe with a search; a trial of it is a minibatch of the
// result.
func (r Recipe) search(ctx context.Context, card weights.Card, report func(train.Event)) (weights.Trained, train.Result, error) {
	s, res, began := r.Search, train.Result{Optimizer: r.Optimizer}, time.Now()
	s.Report = func(done, of int, best trace.Trial) {
		if res.Minibatches = done; report != nil {
			report(train.Event{
				Name: r.Name, Unit: "trials", Done: done, Of: of, Loss: math.NaN(), Validation: math.NaN(), Best: best.Score,
				Elapsed: time.Since(began), Over: done == of,
			})
		}
	}
	got, err := s.Run(ctx)
	if err != nil {
		return weights.Trained{}, res, err
	}
	res.Theta, res.Best = Place(r.Optimizer, s.Config.Seed, s.Over, got.Best.At), got.Best.Score
	res.Last = res.Theta
	card.Seed, card.Reached = fmt.Sprint(s.Config.Seed), got.Note
	t, err := weights.NewTrained(r.Optimizer, res.Theta, r.Family, card)
	return t, res, err
}

func bestAt(res train.Result) int {
	for _, p := range res.Validation {
		if p.Value == res.Best {
			return p.After
		}
	}
	return res.Minibatches
}
