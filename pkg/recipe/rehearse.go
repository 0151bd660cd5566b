package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/train"
)

// Rehearse trains by a recipe for unrolled networks or for learned alternating
// minimisation in the small: the family, the network and the kinds of phases are those of
// the recipe, but there are three layers at most, about so many steps of Adam in all, and
// two problems for minibatch and validation; a grid has three points on each axis, and an
// alternation has two segments of two outer steps. It returns θ and its validation: what
// tells in a second whether the training is still the same.
func (r Recipe) Rehearse(ctx context.Context, steps int) (theta nn.Params, value float64, err error) {
	const layers, problems = 3, 2
	if r, err = r.Ready(); err != nil {
		return theta, 0, err
	}
	switch {
	case r.Grid.Rounds > 0:
		g := r.Grid
		g.Axes, g.Layers, g.Problems = slices.Clone(g.Axes), layers, problems
		for i := range g.Axes {
			g.Axes[i].Points = 3
		}
		got, err := g.Search(ctx, r.Optimizer, r.Family)
		return got.Theta, got.Value, err
	case len(r.Supervision.Phases) > 0:
		c := r.Supervision
		c.Phases = nil
		for _, ph := range r.Supervision.Phases {
			if ph.Layers = min(ph.Layers, layers); !slices.Contains(c.Phases, ph) {
				c.Phases = append(c.Phases, ph)
			}
		}
		c.Batch, c.Problems = min(c.Batch, problems), problems
		c.Steps = max(1, steps/len(c.Phases))
		c.Every = max(1, c.Steps/2)
		got, err := train.Supervise(ctx, r.Optimizer, r.Family, c)
		return got.Theta, got.Best, err
	case r.Loss != nil:
		c := r.Train
		c.Segment, c.Iterations = 2, 4
		c.Minibatches, c.Batch = max(1, steps/2), min(c.Batch, problems)
		c.Validation = train.Validation{Problems: problems, Every: c.Minibatches}
		got, err := r.truncated(ctx, c)
		return got.Theta, got.Best, err
	}
	return theta, 0, fmt.Errorf("recipe: %s trains by truncated back-propagation, which has no short form", r.Name)
}
