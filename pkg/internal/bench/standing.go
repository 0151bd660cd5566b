package main

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// standing is one long train.Run that stands still between two minibatches: each has the
// memory that those before it left, as in a real training. next runs one.
func standing(o learned.Optimizer, fam optimizee.Family, c train.Config) (next func() error, stop func()) {
	pull, stop := iter.Pull(func(yield func(error) bool) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		c.Minibatches = math.MaxInt32
		c.Report = func(train.Event) {
			if ctx.Err() == nil && !yield(nil) {
				cancel()
			}
		}
		if _, err := train.Run(ctx, o, fam, c); ctx.Err() == nil {
			yield(err)
		}
	})
	return func() error {
		err, _ := pull()
		return err
	}, stop
}

// losses are those of a training's minibatches.
func losses(o learned.Optimizer, fam optimizee.Family, c train.Config) (all []float64, err error) {
	c.Report = func(e train.Event) { all = append(all, e.Loss) }
	_, err = train.Run(context.Background(), o, fam, c)
	return all, err
}

// inTurn hands out the same problems again and again: as a minibatch of all of them, each
// has every one once.
func inTurn(what string, problems []*optimizee.Problem) optimizee.Family {
	var next atomic.Int64
	return optimizee.FamilyFunc(what, func(*rand.Rand) *optimizee.Problem {
		return problems[int(next.Add(1))%len(problems)]
	})
}
