package train

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/l2olab/l2o/pkg/nn"
)

// NumericsVersion is part of the key of every kept result. It is raised by hand
// when a change alters the numbers that a training gives; TestNumerics fails then.
const NumericsVersion = "2"

// Config says how to train. What is encoded as JSON decides the result to the last
// bit on one platform; the rest decides only what is seen of it on the way.
//
// Words: a problem is drawn for each instance of a minibatch; a rule takes
// Iterations steps on it, split into segments of Segment steps; the gradient of a
// segment's loss stops at the segment's start; each segment ends in one Adam step.
type Config struct {
	Minibatches int     // minibatches of fresh problems
	Batch       int     // problems in a minibatch
	Iterations  int     // steps on each problem
	Segment     int     // steps of a segment; divides Iterations
	LR          float64 // of Adam with β = 0.9, 0.999, ε = 1e-8
	Seed        uint64

	Halve int `json:",omitempty"` // minibatches in which LR falls to half, a little with each; 0 for a rate that stays

	Validation Validation
	Guard      Guard

	Checkpoint      string        `json:"-"` // file to resume from and write to; "" for none
	CheckpointEvery time.Duration `json:"-"` // at least between two writes; default 10 s
	Report          func(Event)   `json:"-"` // called from the goroutine of Run; nil for nobody
	Start           nn.Params     `json:"-"` // parameters to begin with instead of drawn ones
}

// Validation fixes the problems on which the best θ is chosen. They are drawn again
// from their seeds each time, so they cost no memory.
type Validation struct {
	Problems int // 0 for no validation: the last θ counts as the best
	Every    int // minibatches between two validations
}

// Guard keeps a training alive through exploding segments. The zero Guard does
// nothing, as in the published settings: then a loss that is not finite ends the
// training.
type Guard struct {
	Above float64 // a gradient of larger norm is rescaled …
	To    float64 // … to this norm; a gradient that is not finite is skipped
	Loss  float64 // a minibatch ends early when its loss exceeds this multiple of F at the start
}

// Paper is the setting of the L2O-PA paper on LASSO (2,500 Adam steps), with our
// guard: at this rate the training diverges without one.
var Paper = Config{
	Minibatches: 500, Batch: 64, Iterations: 100, Segment: 20, LR: 1e-2, Seed: 118,
	Validation: Validation{Problems: 1024, Every: 20}, Guard: DefaultGuard,
}

// DefaultGuard rescales gradients of norm above 5 to 0.5 and ends minibatches whose
// loss doubles. On LASSO it fires in a few per cent of the minibatches.
var DefaultGuard = Guard{Above: 5, To: 0.5, Loss: 2}

// rate is the learning rate of a minibatch, counted from 0.
func (c Config) rate(minibatch int) float64 {
	if c.Halve == 0 {
		return c.LR
	}
	return c.LR * math.Exp2(-float64(minibatch)/float64(c.Halve))
}

// check reports the settings with which no training can start.
func (c Config) check() error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("train: "+format, args...))
		}
	}
	need(c.Minibatches > 0 && c.Batch > 0, "%d minibatches of %d problems: both have to be positive", c.Minibatches, c.Batch)
	need(c.Segment > 0 && c.Iterations > 0, "%d iterations in segments of %d: both have to be positive", c.Iterations, c.Segment)
	need(c.Segment <= 0 || c.Iterations%c.Segment == 0, "%d iterations cannot be split into segments of %d: choose a divisor", c.Iterations, c.Segment)
	need(c.LR > 0, "learning rate %g: it has to be positive", c.LR)
	need(c.Halve >= 0, "the learning rate halves every %d minibatches: 0 is never", c.Halve)
	need(c.Validation.Problems >= 0, "%d validation problems", c.Validation.Problems)
	need(c.Validation.Problems == 0 || c.Validation.Every > 0, "validation every %d minibatches: it has to be positive", c.Validation.Every)
	need(c.Guard.Above >= 0 && c.Guard.To >= 0 && c.Guard.Loss >= 0, "guard %+v: no field may be negative", c.Guard)
	need(c.Guard.Above == 0 || c.Guard.To > 0, "the guard rescales gradients above %g to %g: To has to be positive", c.Guard.Above, c.Guard.To)
	return errors.Join(errs...)
}
