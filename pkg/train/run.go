package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Result is what a training reached. After an error it holds the last good state.
type Result struct {
	Theta      nn.Params // the best θ by validation; the last one without validation
	Last       nn.Params // θ after the last minibatch
	Best       float64   // lowest validation so far, NaN before the first
	Minibatch  int       // minibatches done
	Validation []Point   // all validations
	Clipped    int       // segments whose gradient the guard rescaled
	Skipped    int       // segments whose gradient was not finite
	Ended      int       // minibatches that the guard ended early
}

// A Point is a validation: its value after that many minibatches.
type Point struct {
	Minibatch int
	Value     float64
}

// A Divergence ends a training. Result has the θ from before.
type Divergence struct {
	Minibatch int
	Loss      float64
	Guarded   bool
}

func (d *Divergence) Error() string {
	try := "set Config.Guard (train.DefaultGuard), or lower LR"
	if d.Guarded {
		try = "lower LR or Guard.To, or shorten Segment"
	}
	if math.IsInf(d.Loss, 1) {
		try += "; F is infinite where the rule stepped: with a constraint, step through feasible points (learned.PAConfig.ReturnX)"
	}
	return fmt.Sprintf("train: diverged at minibatch %d with loss %g; the last good θ is kept. Try: %s", d.Minibatch, d.Loss, try)
}

// patience is how many minibatches in a row the guard may end before the training
// counts as diverged.
const patience = 20

// Run trains an optimizer on a family: it minimises the mean of F over the
// iterations by truncated back-propagation and Adam. Instances run in parallel, each
// on one core, and their gradients are added in the order of their index, so the
// result does not depend on the number of cores. With Config.Checkpoint the
// training resumes where it was stopped or killed, to the same bits.
//
// When the context ends, Run returns its error and what was reached, after writing
// the checkpoint. Divergence comes back as *[Divergence].
func Run(ctx context.Context, o learned.Optimizer, fam optimizee.Family, c Config) (Result, error) {
	if err := c.check(); err != nil {
		return Result{}, err
	}
	t, err := begin(o, fam, c)
	if err != nil {
		return Result{}, err
	}
	for t.Minibatch < c.Minibatches {
		if err := t.minibatch(ctx); err != nil {
			t.finalNote(err)
			return t.Result, errors.Join(err, t.save())
		}
	}
	return t.Result, nil
}

// training is a run between two minibatches: everything that a checkpoint holds.
type training struct {
	Result
	c         Config
	o         learned.Optimizer
	fam       optimizee.Family
	opt       adam
	badInARow int // minibatches that the guard ended, one after the other

	tapes     []ad.Tape // one for each worker
	began     time.Time
	lastSaved time.Time
	note      string
}

func begin(o learned.Optimizer, fam optimizee.Family, c Config) (*training, error) {
	if err := fam.Draw(optimizee.Stream(c.Seed, forProblem, 0, 0)).Check(); err != nil {
		return nil, fmt.Errorf("train: the family's first problem: %w", err)
	}
	theta := nn.NewParams()
	o.Init(theta, optimizee.Stream(c.Seed, forTheta))
	if start := c.Start; start != (nn.Params{}) {
		if err := nn.Match(start, theta); err != nil {
			return nil, fmt.Errorf("train: Config.Start: %w", err)
		}
		theta = start.Clone()
	}
	t := &training{
		Result: Result{Theta: theta, Last: theta, Best: math.NaN()},
		c:      c, o: o, fam: fam, opt: newAdam(c.LR, theta),
		tapes: make([]ad.Tape, runtime.GOMAXPROCS(0)),
		began: time.Now(), lastSaved: time.Now(),
	}
	return t, t.resume()
}

// minibatch trains on one minibatch. It changes t only at the end, so that an
// interruption leaves the state between two minibatches.
func (t *training) minibatch(ctx context.Context) error {
	c, next := t.c, *t
	next.Result.Validation = slices.Clone(t.Result.Validation)
	batch := make([]*instance, c.Batch)
	if err := parallel(ctx, len(t.tapes), c.Batch, func(_, i int) (err error) {
		batch[i], err = draw(t.o, t.fam, t.Last, c.Seed, t.Minibatch, i)
		return err
	}); err != nil {
		return err
	}
	limit := math.Inf(1)
	if c.Guard.Loss > 0 {
		var start float64
		for _, in := range batch {
			start += in.problem.Value(in.x).Item() / float64(c.Batch)
		}
		limit = c.Guard.Loss * start
	}
	var losses []float64 // of the segments
	ended := false
	for range c.Iterations / c.Segment {
		if err := parallel(ctx, len(t.tapes), c.Batch, func(w, i int) error {
			batch[i].segment(&t.tapes[w], next.Last, c.Segment)
			return nil
		}); err != nil {
			return err
		}
		loss, grad := reduce(batch)
		losses = append(losses, loss)
		next.update(grad) // also after an explosion: the rescaled gradient leads out of it
		if ended = !(loss <= limit) || !finite(loss); ended {
			break
		}
	}
	total := mean(losses)
	next.Minibatch++
	if !ended {
		next.badInARow = 0
	} else {
		next.Ended++
		next.badInARow++
		if guarded := c.Guard != (Guard{}); !guarded || next.badInARow >= patience {
			return &Divergence{Minibatch: t.Minibatch, Loss: total, Guarded: guarded}
		}
	}
	if err := next.choose(ctx); err != nil {
		return err
	}
	*t = next
	return t.report(total)
}

// reduce returns the mean loss and gradient, added in the order of the instances.
func reduce(batch []*instance) (float64, []float64) {
	loss, grad := 0.0, make([]float64, len(batch[0].grad))
	for _, in := range batch {
		loss += in.loss
		for i, g := range in.grad {
			grad[i] += g
		}
	}
	for i := range grad {
		grad[i] /= float64(len(batch))
	}
	return loss / float64(len(batch)), grad
}

// update makes one guarded Adam step.
func (t *training) update(grad []float64) {
	n := norm(grad)
	switch g := t.c.Guard; {
	case !finite(n):
		t.Skipped++
		return
	case g.Above > 0 && n > g.Above:
		t.Clipped++
		for i := range grad {
			grad[i] *= g.To / n
		}
	}
	t.opt.lr = t.c.rate(t.Minibatch)
	t.opt, t.Last = t.opt.step(t.Last, grad)
}

// choose validates when it is time to, and keeps the best θ.
func (t *training) choose(ctx context.Context) error {
	v := t.c.Validation
	if v.Problems == 0 {
		t.Theta = t.Last
		return nil
	}
	if t.Minibatch%v.Every != 0 && t.Minibatch != t.c.Minibatches {
		return nil
	}
	value, err := validate(ctx, t.o, t.fam, t.Last, t.c)
	if err != nil {
		return err
	}
	t.Result.Validation = append(t.Result.Validation, Point{t.Minibatch, value})
	if math.IsNaN(t.Best) || value < t.Best {
		t.Best, t.Theta = value, t.Last
	}
	return nil
}

// finalNote tells who watches that no more events will come.
func (t *training) finalNote(err error) {
	if t.c.Report == nil {
		return
	}
	note := "stopped: " + err.Error()
	var d *Divergence
	switch {
	case errors.As(err, &d):
		note = fmt.Sprintf("diverged at minibatch %d", d.Minibatch)
	case errors.Is(err, context.Canceled):
		note = fmt.Sprintf("stopped at minibatch %d", t.Minibatch)
	}
	t.c.Report(Event{
		Name: t.o.Name, Minibatch: t.Minibatch, Of: t.c.Minibatches, Loss: math.NaN(), Validation: math.NaN(), Best: t.Best,
		Elapsed: time.Since(t.began), Note: note,
	})
}

// report sends the event of the minibatch that just ended, and writes the
// checkpoint when it is time to or the training is over.
func (t *training) report(loss float64) error {
	e := Event{
		Name: t.o.Name, Minibatch: t.Minibatch, Of: t.c.Minibatches, Loss: loss,
		Validation: math.NaN(), Best: t.Best, Elapsed: time.Since(t.began), Note: t.note,
	}
	t.note = ""
	if v := t.Result.Validation; len(v) > 0 && v[len(v)-1].Minibatch == t.Minibatch {
		e.Validation = v[len(v)-1].Value
	}
	if t.Clipped+t.Skipped+t.Ended > 0 && e.Note == "" {
		e.Note = fmt.Sprintf("guard so far: %d segments rescaled, %d skipped, %d minibatches ended", t.Clipped, t.Skipped, t.Ended)
	}
	if t.c.Report != nil {
		t.c.Report(e)
	}
	if t.Minibatch == t.c.Minibatches || time.Since(t.lastSaved) > cmp.Or(t.c.CheckpointEvery, 10*time.Second) {
		return t.save()
	}
	return nil
}
