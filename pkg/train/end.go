package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/internal/check"
)

// A Divergence ends a training. Result has the θ from before.
type Divergence struct {
	Minibatch int
	Loss      float64
	Guarded   bool
	Imitating bool // the minibatch imitated a teacher
}

func (d *Divergence) Error() string {
	try := "set Config.Guard (train.DefaultGuard), or lower LR"
	if d.Guarded {
		try = "lower LR or Guard.To, or shorten Segment"
	}
	switch {
	case d.Imitating:
		try = "another teacher, whose path stays finite, or a lower Imitate.LR"
	case math.IsInf(d.Loss, 1):
		try += "; F is infinite where the rule stepped: with a constraint, step through feasible points (learned.PAConfig.ReturnX)"
	}
	return fmt.Sprintf("train: diverged at minibatch %d with loss %g; the last good θ is kept. Try: %s", d.Minibatch, d.Loss, try)
}

// Stopped is the error of a training whose context ended before it was complete.
type Stopped struct {
	Minibatches int    // done
	Checkpoint  string // the file from which the same call goes on; "" for none
	Err         error  // of the context
}

func (s *Stopped) Error() string {
	if s.Checkpoint == "" {
		return fmt.Sprintf("train: stopped at minibatch %d: %v", s.Minibatches, s.Err)
	}
	return fmt.Sprintf("train: stopped at minibatch %d, with a checkpoint from which the same call goes on: %v", s.Minibatches, s.Err)
}

// Unwrap returns the error of the context.
func (s *Stopped) Unwrap() error { return s.Err }

// Unsaved is the error of a training or a sweep that is complete, and whose file could not
// be written. The result beside it is whole.
type Unsaved struct{ Err error }

func (u *Unsaved) Error() string {
	return fmt.Sprintf("%v; all that was to be computed is done, and the result is whole", u.Err)
}

// Unwrap returns why the file could not be written.
func (u *Unsaved) Unwrap() error { return u.Err }

// lost reports that all validations of a phase gave nothing by which to choose.
func (t *training) lost() bool {
	return t.c.Validation.Problems > 0 && !(t.Best < math.Inf(1)) && t.done > 0
}

// finish ends a training that is complete.
func (t *training) finish() (Result, error) {
	err := t.save()
	switch {
	case t.lost():
		err = errors.Join(fmt.Errorf("train: no validation of the last phase was finite, by which to choose the best θ: Theta is that from its start, and Last the one after all minibatches; lower LR, or look at how %s is measured", cmp.Or(t.c.Validation.Measure.Name, "the loss")), err)
	case t.c.Validation.Problems == 0 && t.Minibatches > t.Imitated && !check.IsFinite(t.loss):
		err = errors.Join(fmt.Errorf("train: the last minibatch has the loss %g, and without validation the θ after it is the result: lower LR, or set Validation", t.loss), err)
	case err != nil:
		err = &Unsaved{err}
	}
	t.leave()
	return t.Result, err
}

// stop ends a training because of an error, which is written down before it is reported.
func (t *training) stop(err error) (Result, error) {
	unsaved := t.save()
	note := "stopped: " + err.Error()
	var d *Divergence
	switch {
	case errors.As(err, &d):
		note = fmt.Sprintf("diverged at minibatch %d", d.Minibatch)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		s := &Stopped{Minibatches: t.Minibatches, Err: err}
		note = fmt.Sprintf("stopped at minibatch %d", t.Minibatches)
		if t.c.Checkpoint != "" && unsaved == nil {
			s.Checkpoint = t.c.Checkpoint
			note = fmt.Sprintf("checkpoint at minibatch %d: the same call goes on", t.Minibatches)
		}
		err = s
	}
	if unsaved != nil {
		note += "; " + unsaved.Error()
	}
	t.tell(Event{Loss: math.NaN(), Validation: math.NaN(), Note: note, Over: true})
	return t.Result, errors.Join(err, unsaved)
}
