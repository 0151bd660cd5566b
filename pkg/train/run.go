package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// A Result is what a training reached. After an error it holds the last good state.
// Rule runs it, and weights.NewTrained makes a file of it.
type Result struct {
	Optimizer   learned.Optimizer    `json:"-"`
	Theta       nn.Params            // the best θ of the last phase by validation; the last one without validation
	Last        nn.Params            // θ after the last minibatch
	Best        float64              // lowest validation of the last phase so far, NaN before the first
	Minibatches int                  // done, over all phases
	Validation  []weights.Validation // all validations
	Phases      []PhaseResult        // those that ended
	Clipped     int                  // segments whose gradient the guard rescaled
	Skipped     int                  // segments whose gradient was not finite
	Ended       int                  // minibatches that the guard ended early
	Imitated    int                  `json:",omitempty"` // minibatches that imitated a teacher
}

// Rule is the trained rule. A Result that was kept on disk has lost its Optimizer: there it
// is o.Rule(r.Theta).
func (r Result) Rule() optim.Rule {
	if r.Optimizer.Rule == nil {
		panic("train: this Result has no Optimizer, which is not kept on disk: take the rule of the optimizer, o.Rule(r.Theta)")
	}
	return r.Optimizer.Rule(r.Theta)
}

// Curve is the validation against the minibatches.
func (r Result) Curve(name string) trace.Curve {
	c := trace.Curve{Name: name}
	for _, v := range r.Validation {
		c.X, c.Y = append(c.X, float64(v.After)), append(c.Y, v.Value)
	}
	return c
}

// checkpointEvery is the default of Config.CheckpointEvery: a power cut costs no more.
const checkpointEvery = 20 * time.Second

// patience is how many minibatches in a row the guard may end before the training
// counts as diverged.
const patience = 20

// The purposes that key the random streams.
const (
	forTheta uint64 = iota
	forProblem
	forState
	forValidation
	forValidationState
	forLesson
	forTeacher
)

// Run trains an optimizer on a family: it minimises Config.Loss over the iterations by
// truncated back-propagation and Adam. Instances run in parallel, each on one core, and
// their gradients are added in the order of their index, so the result does not depend on
// the number of cores. With Config.Checkpoint the training resumes where it was stopped
// or killed, to the same bits.
//
// When the context ends, Run returns what was reached with a *[Stopped], which wraps the
// context's error, after writing the checkpoint. Divergence comes back as *[Divergence]. A
// checkpoint that cannot be written is a note in the next event; where it is the last one
// of a training that is complete, an *[Unsaved] comes with the result.
func Run(ctx context.Context, o learned.Optimizer, fam optimizee.Family, c Config) (Result, error) {
	if ctx == nil || fam == nil || o.Init == nil || o.Rule == nil {
		return Result{}, errors.New("train: Run needs a context, an optimizer with Init and Rule, and a family: one of them is nil")
	}
	if err := c.check(); err != nil {
		return Result{}, err
	}
	var t *training
	if err := par.Until(ctx, func() (err error) { t, err = begin(o, fam, c); return err }); err != nil {
		if ended := ctx.Err(); ended != nil && errors.Is(err, ended) {
			err = &Stopped{Err: fmt.Errorf("before it began: %w", err)}
		}
		return Result{}, err
	}
	var err error
	for {
		switch {
		case t.due:
			err = t.validate(ctx)
		case !t.ended():
			err = t.minibatch(ctx)
		case t.phase+1 < len(t.phases) && !t.stuck():
			t.leave()
			t.phase++
			t.enter()
		default:
			return t.finish()
		}
		if err != nil {
			return t.stop(err)
		}
		if time.Since(t.saved) > cmp.Or(c.CheckpointEvery, checkpointEvery) {
			t.unkept = t.save()
		}
	}
}

// training is a run between two minibatches or validations: everything that a checkpoint
// holds.
type training struct {
	Result
	c      Config
	o      learned.Optimizer
	fam    optimizee.Family
	phases []Phase
	phase  int      // number of phases left behind
	names  []string // of what this phase trains
	opt    *nn.Adam // for these
	pupil  *nn.Adam // the same of minibatches that imitate; nil without them
	done   int      // minibatches done in this phase
	idle   int      // validations since the best one
	due    bool     // validation comes next
	lesson bool     // this minibatch imitates
	bad    int      // minibatches that the guard ended, one after the other
	loss   float64  // of the last minibatch
	past   past     // losses so far
	id     identity // of a training with a checkpoint
	unkept error    // why the checkpoint could not be written last time
	told   []Event  // what the first event says of the time before the resumption

	batch []*instance
	sum   []float64 // of their gradients
	tiles []tile    // of the sum
	tapes []ad.Tape // one for each worker
	began time.Time
	saved time.Time
	note  string
}

// begin is the state before the first minibatch, or that of the checkpoint.
func begin(o learned.Optimizer, fam optimizee.Family, c Config) (*training, error) {
	first := fam.Draw(optimizee.Stream(c.Seed, forProblem, 0, 0))
	if err := first.Check(); err != nil {
		return nil, fmt.Errorf("train: the family's first problem: %w", err)
	}
	theta := nn.NewParams()
	o.Init(theta, optimizee.Stream(c.Seed, forTheta))
	if _, err := o.Rule(theta)(first, optimizee.Stream(c.Seed, forState)); err != nil {
		return nil, err
	}
	if err := c.Loss.CheckOn(first); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if !c.Start.IsZero() {
		if err := nn.Match(c.Start, theta); err != nil {
			return nil, fmt.Errorf("train: Config.Start: %w", err)
		}
		theta = c.Start
	}
	if err := theta.Finite(); err != nil {
		return nil, fmt.Errorf("train: the first θ: %w", err)
	}
	lost, err := probe(o, theta, first, optimizee.Stream(c.Seed, forState))
	if err != nil {
		return nil, err
	}
	note, err := through(lost, o, first)
	if err != nil {
		return nil, err
	}
	t := &training{
		Result: Result{Optimizer: o, Theta: theta, Last: theta.Clone(), Best: math.NaN()},
		c:      c, o: o, fam: fam, phases: c.phases(), loss: math.NaN(),
		batch: make([]*instance, c.Batch), tapes: make([]ad.Tape, min(runtime.GOMAXPROCS(0), c.Batch)),
		began: time.Now(), saved: time.Now(),
	}
	for i, p := range t.phases {
		if len(p.trains(theta)) == 0 {
			return nil, fmt.Errorf("train: %s has no parameters to train%s: %s", o.Name, p.which(i, len(c.Phases)), p.words(i, len(t.phases)))
		}
	}
	if err := c.Imitate.checkOn(first, optimizee.Stream(c.Seed, forTeacher)); err != nil {
		return nil, err
	}
	t.enter()
	if note != "" {
		t.say(note)
	}
	if c.Checkpoint != "" {
		var err error
		if t.id, err = t.identify(first); err != nil {
			return nil, err
		}
	}
	return t, t.resume()
}

// minibatch trains on one minibatch. It changes t only at the end, so that an
// interruption leaves the state between two minibatches.
func (t *training) minibatch(ctx context.Context) error {
	c, p := t.c, t.phases[t.phase]
	t.lesson = t.imitates()
	if err := t.draw(ctx); err != nil {
		return err
	}
	limit := math.Inf(1)
	if c.Guard.Loss > 0 && !t.lesson {
		var start float64
		for _, in := range t.batch {
			start += in.problem.Value(in.x).Item() / float64(c.Batch)
		}
		limit = c.Guard.Loss * start
	}
	next, segments := *t, p.Iterations/p.Segment
	adam, rate := &next.opt, p.rate(t.done, c.Halve)
	if t.lesson {
		adam, rate = &next.pupil, c.Imitate.rate()
	}
	if segments > 1 { // else the one update is the last that can fail
		*adam = (*adam).Clone()
	}
	var losses []float64
	bad := false
	for range segments {
		loss, grad, err := next.segment(ctx, p.Segment)
		if err != nil {
			return err
		}
		losses = append(losses, loss)
		if bad = !(loss <= limit) || !check.IsFinite(loss); bad {
			if guarded := c.Guard != (Guard{}); !guarded || t.bad+1 >= patience {
				return &Divergence{Minibatch: t.Minibatches, Loss: trace.Mean(losses), Guarded: guarded, Imitating: t.lesson}
			}
		}
		if segments > 1 { // what a rule remembers of θ stays what it was
			next.Last = next.Last.Clone()
		}
		next.update(*adam, grad, rate) // also after an explosion: the rescaled gradient leads out of it
		if bad {
			break
		}
	}
	next.done, next.Minibatches, next.bad = t.done+1, t.Minibatches+1, 0
	if t.lesson {
		next.Imitated = t.Imitated + 1
	} else {
		next.loss = trace.Mean(losses)
	}
	if bad {
		next.Ended, next.bad = t.Ended+1, t.bad+1
	}
	v := c.Validation
	next.due = v.Problems > 0 && (next.done%v.Every == 0 || next.done == p.Minibatches)
	if *t = next; v.Problems == 0 {
		t.Theta = t.Last
	}
	if !t.due {
		t.report(math.NaN(), false)
	}
	return nil
}

// update makes one guarded Adam step.
func (t *training) update(adam *nn.Adam, s sum, rate float64) {
	n, g, limit := math.Sqrt(s.squares), t.c.Guard, math.Sqrt(math.MaxFloat64)
	if g.Above > 0 {
		limit = g.Above
	}
	if !(n < limit*(1-1e-6)) { // from there on the last bits of the length count: it is that of all entries in their order
		n = math.Sqrt(kern.ShortDot(s.grad, s.grad))
	}
	switch {
	case !check.IsFinite(n):
		t.Skipped++
		return
	case g.Above > 0 && n > g.Above:
		t.Clipped++
		for i := range s.grad {
			s.grad[i] *= g.To / n
		}
	}
	adam.Step(t.Last, s.grad, rate)
}

// validate judges θ, and keeps the best one.
func (t *training) validate(ctx context.Context) error {
	value, err := t.validation(ctx)
	if err != nil {
		return err
	}
	t.due = false
	t.Result.Validation = append(slices.Clip(t.Result.Validation), weights.Validation{After: t.Minibatches, Value: value})
	if !(value < math.Inf(1)) {
		t.say(fmt.Sprintf("the validation at minibatch %d is %g, so its θ is not taken", t.Minibatches, value))
	}
	if t.idle++; value < math.Inf(1) && !(value >= t.Best) { // Best may be NaN
		t.Best, t.Theta, t.idle = value, t.Last.Clone(), 0
	}
	t.report(value, true)
	return nil
}

// report sends the event of what just ended.
func (t *training) report(validation float64, validated bool) {
	note := t.note
	if t.Clipped+t.Skipped+t.Ended > 0 && note == "" {
		note = fmt.Sprintf("guard so far: %d segments rescaled, %d skipped, %d minibatches ended", t.Clipped, t.Skipped, t.Ended)
	}
	t.note = ""
	if t.unkept != nil {
		note = strings.TrimPrefix(fmt.Sprintf("%s; the training goes on without a checkpoint: %v", note, t.unkept), "; ")
	}
	t.past.add(t.Minibatches, t.loss)
	t.tell(Event{Loss: t.loss, Validation: validation, Validated: validated, Note: note, Over: !t.due && t.ended() && (t.phase+1 == len(t.phases) || t.stuck())})
}

// say adds to the note of the next event.
func (t *training) say(what string) {
	if t.note != "" {
		what = t.note + "; " + what
	}
	t.note = what
}

// tell reports an event, with where the training stands.
func (t *training) tell(e Event) {
	if t.c.Report == nil {
		return
	}
	of := t.Minibatches - t.done // if no phase ends early
	for _, p := range t.phases[t.phase:] {
		of += p.Minibatches
	}
	if e.Over && t.ended() {
		of = t.Minibatches
	}
	e.Name, e.Unit, e.Done, e.Of, e.Best = t.o.Name, "minibatches", t.Minibatches, of, t.Best
	e.Elapsed, e.Past, t.told = time.Since(t.began), t.told, nil
	t.c.Report(e)
}
