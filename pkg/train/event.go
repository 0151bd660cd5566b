// Package train meta-trains learned optimizers by truncated back-propagation:
//
//	result, err := train.Run(ctx, learned.PA(learned.PAConfig{}), optimizee.SmallLasso, config)
//
// The result depends on what is trained, on what and how, and on the seed: not on
// the number of cores, and not on whether the training was interrupted.
package train

import "time"

// An Event reports where a training stands, once after each minibatch. Whoever draws or logs a training
// needs nothing else from this package.
type Event struct {
	Name       string        // what is trained
	Minibatch  int           // minibatches done
	Of         int           // minibatches planned
	Loss       float64       // mean meta-loss of the last minibatch
	Validation float64       // mean over the validation curve, NaN where this event has none
	Best       float64       // lowest validation so far, NaN before the first
	Elapsed    time.Duration // since this run started; a resumed run counts from its resumption
	Note       string        // what the reader should know; "stopped …" or "diverged …" in the last event of a training that ended early
}
