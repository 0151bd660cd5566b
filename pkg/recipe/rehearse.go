package recipe

import (
	"context"
	"reflect"
	"slices"

	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// Rehearse is a short training by a recipe: the family, the network and the kinds of phases
// are those of the recipe, but there are three layers at most, about so many steps of Adam
// in all, and two problems for minibatch and validation; a grid has three points on each
// axis, and a training without phases has two segments of two steps. It returns θ and its
// validation, which show in a second whether the training is still the same.
func (r Recipe) Rehearse(ctx context.Context, steps int) (theta nn.Params, value float64, err error) {
	const layers, problems = 3, 2
	if r, err = r.Ready(); err != nil {
		return theta, 0, err
	}
	if r.Search.Rounds > 0 {
		s := r.Search
		s.Config.Steps, s.Config.Problems, s.By, s.Over = layers, problems, trace.LowestAt(layers), slices.Clone(s.Over)
		for i, o := range s.Over {
			n := len(o.Values)
			s.Over[i] = trace.Log(o.Name, o.Values[0], o.Values[n-1], 3)
		}
		got, err := s.Run(ctx)
		return Place(r.Optimizer, s.Config.Seed, s.Over, got.Best.At), got.Best.Score, err
	}
	c := r.Train
	c.Batch, c.Validation.Problems, c.Phases = min(c.Batch, problems), problems, nil
	for _, ph := range r.Train.Phases {
		ph.Iterations = min(ph.Iterations, layers)
		if !slices.ContainsFunc(c.Phases, func(p train.Phase) bool { return reflect.DeepEqual(p, ph) }) {
			c.Phases = append(c.Phases, ph)
		}
	}
	if n := len(c.Phases); n > 0 {
		c.Minibatches = max(1, steps/n)
		c.Validation.Every = max(1, c.Minibatches/2)
	} else {
		c.Segment, c.Iterations, c.Minibatches = 2, 4, max(1, steps/2)
		c.Validation.Every = c.Minibatches
	}
	got, err := train.Run(ctx, r.Optimizer, r.Family, c)
	return got.Theta, got.Best, err
}
