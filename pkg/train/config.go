package train

import (
	"errors"
	"fmt"
	"time"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/trace"
)

// NumericsVersion is part of the key of every kept result. It is raised by hand
// when a change alters the numbers that a training gives; TestNumerics fails then.
const NumericsVersion = "2"

// Config says how to train. What is encoded as JSON decides the result to the last
// bit on one platform; the rest decides only what is seen of it on the way.
//
// A 0 is what its line says; where none does, it is refused.
//
// Words: a problem is drawn for each instance of a minibatch; a rule takes
// Iterations steps on it, split into segments of Segment steps; the gradient of a
// segment's loss stops at the segment's start; each segment ends in one Adam step.
type Config struct {
	Minibatches int     // minibatches of fresh problems; with Phases the most of each of them
	Batch       int     // problems in a minibatch
	Iterations  int     // steps on each problem
	Segment     int     // steps of a segment; divides Iterations; 0 for one segment of all
	LR          float64 // of Adam with β = 0.9, 0.999, ε = 1e-8
	Seed        uint64  // any; 0 is one like the others

	Halve int `json:",omitempty"` // minibatches in which LR falls to half, a little with each; 0 for a rate that stays

	Loss   learned.Loss // of a segment; the zero Loss is the mean of F over its steps
	Phases []Phase      `json:",omitempty"` // one after the other; none for one phase that trains everything

	Imitate *Imitation `json:",omitempty"` // minibatches that learn the steps of another rule; nil for none

	Validation Validation
	Guard      Guard

	Checkpoint      string                             `json:"-"` // file to resume from and write to; "" for none
	CheckpointEvery time.Duration                      `json:"-"` // at least between two writes; 0 for 20 s, a nanosecond for after each minibatch
	Report          func(Event)                        `json:"-"` // called from the goroutine of Run; nil for nobody
	Observe         func(of PhaseResult, th nn.Params) `json:"-"` // called after each phase with its best θ; nil for nobody
	Start           nn.Params                          `json:"-"` // parameters to begin with instead of drawn ones
}

// Validation fixes the problems on which the best θ is chosen. They are drawn again
// from their seeds each time, so they cost no memory.
type Validation struct {
	Problems int           // 0 for no validation: the last θ counts as the best
	Every    int           // minibatches between two validations
	Patience int           `json:",omitempty"` // a phase ends after so many in a row that found nothing lower; 0 for never
	Measure  trace.Measure // of where the runs end, by its Of or Parts; the zero Measure is the loss, over all steps

	Ahead       bool `json:",omitempty"` // over the iterations of the next phase, where there is one: θ is chosen by how far it carries
	AtLeast     int  `json:",omitempty"` // validations of a phase before it may end by Patience, that of its start not counted
	MustImprove bool `json:",omitempty"` // a phase in which none is lower than at its start is the last one
}

// Guard keeps a training alive through exploding segments. The zero Guard does
// nothing, as in the published settings: then a loss that is not finite ends the
// training.
type Guard struct {
	Above float64 // a gradient of larger norm is rescaled …; 0 for none
	To    float64 // … to this norm; a gradient that is not finite is skipped
	Loss  float64 // a minibatch ends early when its loss exceeds this multiple of F at the start; 0 for none
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

// MLAM trains learned alternating minimisation in its default wiring on completions of
// 100×100 in a few minutes; its 300 updates are clipped, because first rollouts explode.
// In the words of the paper Iterations are the T outer steps and Segment is t_out, the
// outer steps between two updates of θ.
var MLAM = Config{
	Minibatches: 60, Batch: 4, Iterations: 50, Segment: 10, LR: 2e-3, Seed: 1, Loss: learned.LogObjective,
	Validation: Validation{Problems: 16, Every: 5}, Guard: Guard{Above: 1, To: 1},
}

// PaperMLAM is the published setting (MLAM, Section V): 100 problems, one after the
// other, T = 100 and t_out = 10, F itself, and no guard.
var PaperMLAM = Config{Minibatches: 100, Batch: 1, Iterations: 100, Segment: 10, LR: 1e-3, Seed: 1}

// Seeds is the training n times, each time with the next seed.
func (c Config) Seeds(n int) []Config {
	if n < 0 {
		panic(fmt.Sprintf("train: Seeds(%d): a number of trainings", n))
	}
	all := make([]Config, n)
	for i := range all {
		all[i] = c
		all[i].Seed += uint64(i)
	}
	return all
}

// most bounds what a list is made for: no machine holds so many problems.
const most = 1 << 24

// maxLR keeps θ finite: a step of Adam moves no parameter by more than a few times the rate.
const maxLR = 1e250

// check reports the settings with which no training can start.
func (c Config) check() error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		errs = append(errs, check.That(ok, "train: "+format, args...))
	}
	need(c.Batch > 0 && c.Batch <= most, "%d problems in a minibatch: there has to be one, and there can be %d", c.Batch, most)
	need(c.Halve >= 0, "the learning rate halves every %d minibatches: 0 is never", c.Halve)
	need(c.CheckpointEvery >= 0, "a checkpoint every %v: it has to be positive, and 0 is every %v", c.CheckpointEvery, checkpointEvery)
	for i, p := range c.phases() {
		which := p.which(i, len(c.Phases))
		need(p.Minibatches > 0 && p.Minibatches <= 1<<40, "%d minibatches%s: there has to be one, and there can be %d", p.Minibatches, which, 1<<40)
		need(p.Segment > 0 && p.Iterations > 0, "%d iterations in segments of %d%s: both have to be positive", p.Iterations, p.Segment, which)
		need(p.Segment <= 0 || p.Iterations%p.Segment == 0, "%d iterations cannot be split into segments of %d%s: choose a divisor", p.Iterations, p.Segment, which)
		need(p.LR > 0 && p.LR <= maxLR, "learning rate %g%s: it has to be positive and at most %g", p.LR, which, maxLR)
		need(p.Patience >= -1 && (p.Patience <= 0 || c.Validation.Problems > 0), "patience %d%s: it counts validations, so there have to be problems for them", p.Patience, which)
	}
	v, g := c.Validation, c.Guard
	need(v.Problems >= 0 && v.Problems <= most, "%d validation problems: there can be none to %d", v.Problems, most)
	need(v.Every >= 0 && (v.Problems == 0 || v.Every > 0), "validation every %d minibatches: it has to be positive", v.Every)
	need(!v.Ahead || len(c.Phases) > 0 && v.Problems > 0, "Validation.Ahead looks at the iterations of the next phase: it needs Phases, and problems to validate on")
	need(v.AtLeast >= 0 && (v.AtLeast == 0 || v.Problems > 0), "at least %d validations of a phase: it counts them, so it may not be negative, and there have to be problems for them", v.AtLeast)
	need(!v.MustImprove || v.Problems > 0, "Validation.MustImprove needs problems to validate on")
	need(v.Patience >= 0, "patience %d: it counts validations, and 0 never stops", v.Patience)
	need(v.Measure.Name == "" || v.Measure.Of != nil || v.Measure.Parts != nil, "validation by the measure %q: it has to be one of a point, with Of or Parts, such as train.AtEnd for F", v.Measure.Name)
	need(v.Measure.Name != "" || v.Measure.Of == nil && v.Measure.Parts == nil, "the measure of the validation has no name, which tells trainings apart")
	need(g.Above >= 0 && g.To >= 0 && g.Loss >= 0 && check.IsFinite(g.Above, g.To, g.Loss), "guard %+v: no field may be negative, and all have to be finite; 0 is for none", g)
	need(g.Above == 0 == (g.To == 0), "the guard rescales gradients above %g to %g: To has to be positive where Above is, and 0 where it is 0", g.Above, g.To)
	if err := c.Imitate.check(); err != nil {
		need(false, "%w", err)
	}
	need(g.Loss == 0 || c.Loss.Of == nil && c.Loss.Path == nil && !c.Loss.Last && c.Loss.Weights == nil, "Guard.Loss is %g: it compares losses with F at the start, and this loss is another: set it to 0", g.Loss)
	if err := c.Loss.Check(); err != nil {
		need(false, "%w", err)
	}
	return errors.Join(errs...)
}
