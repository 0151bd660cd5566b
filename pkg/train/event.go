// Package train trains learned optimizers by truncated back-propagation:
//
//	result, err := train.Run(ctx, learned.PA(learned.PAConfig{}), optimizee.SmallLasso, train.Paper) // minutes
//
// Config says for how long, for which loss (learned.Loss), in which phases, and how the
// best θ is chosen: recurrent networks, networks that are unrolled layer by layer, and
// learned alternating minimisation are trained by the same few lines, and so is what makes
// the training longer than its runs: a [Config.Curriculum] of horizons, an [Imitation].
//
// The result depends on what is trained, on what and how, and on the seed: not on
// the number of cores, and not on whether the training was interrupted.
package train

import "time"

// An Event reports where a training, or another long computation that is made of equal
// parts, stands. It is all that is needed to draw or log it.
type Event struct {
	Name       string        // what is trained
	Unit       string        // what Done counts: "minibatches" of a training, "cells" of a sweep
	Done, Of   int           // so many of so many that are planned
	Loss       float64       // mean loss of the last minibatch that was none of imitation; NaN in the last event of a training that was stopped
	Validation float64       // NaN where this event has none
	Validated  bool          // this event has a validation, and where it is NaN that is its value
	Best       float64       // lowest validation so far, of this phase; NaN before the first
	Elapsed    time.Duration // since this run started; a resumed run counts from its resumption
	Note       string        // what the reader should know
	Over       bool          // no event follows: done, or ended early for the reason in Note
	Past       []Event       // of the first event of a resumed training: losses and validations from before, by Done
}
