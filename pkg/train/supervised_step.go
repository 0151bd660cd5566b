package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// supervised is a training between two steps: everything that a checkpoint holds.
type supervised struct {
	o   learned.Optimizer
	fam optimizee.Family
	c   Supervision

	theta, best nn.Params   // best of this phase
	m, v        nn.Params   // Adam's moments of what this phase trains
	names       []string    // of what this phase trains
	spare       [][]float64 // room for the next values of these
	phase       int         // number of phases done
	step        int         // steps done in this phase
	idle        int         // validations since the best one
	total       int         // steps done in all
	value       float64     // of best; NaN before the first validation
	due         bool        // validation comes next
	loss        float64     // of the last step, for the report
	phases      []Reached
	validation  []Point

	workers []worker
	began   time.Time
	saved   time.Time
	note    string
}

// worker computes the gradient of one problem of a step.
type worker struct {
	tape  ad.Tape
	loss  float64
	grads [][]float64 // of what the phase trains; the tape's, so valid until its next step
}

// enter begins the next phase: Adam anew, the parameters that it trains.
func (s *supervised) enter() {
	s.m, s.v, s.names, s.step, s.idle = nn.NewParams(), nn.NewParams(), nil, 0, 0
	if s.phase == len(s.c.Phases) {
		return
	}
	ph := s.c.Phases[s.phase]
	s.names = ph.trains(s.theta)
	s.spare = make([][]float64, len(s.names))
	for _, n := range s.names {
		v := s.theta.At(n)
		s.m.Set(n, ad.New(v.R, v.C, nil))
		s.v.Set(n, ad.New(v.R, v.C, nil))
	}
	if s.phase == 0 || s.c.Phases[s.phase-1].Layers != ph.Layers {
		s.due, s.value = true, math.NaN() // a network of another depth has another value
	}
	s.note = ph.words(s.c.deepest())
}

// advance validates when that is due, else it makes a step. It changes the state only at
// its end, so that an interruption leaves one from which the training can go on.
func (s *supervised) advance(ctx context.Context) error {
	ph := s.c.Phases[s.phase]
	if s.due {
		return s.judge(ctx, ph)
	}
	loss, err := s.gradients(ctx, ph)
	if err != nil {
		return err
	}
	if !finite(loss) {
		s.theta = s.best
		return fmt.Errorf("train: diverged at step %d (%s) with loss %g; the best θ so far is kept. Try a lower rate", s.total+1, ph.words(s.c.deepest()), loss)
	}
	s.adam(ph.LR)
	s.step, s.total, s.loss = s.step+1, s.total+1, loss
	if s.due = s.step%s.c.Every == 0 || s.step == s.c.Steps; !s.due {
		s.report(math.NaN())
	}
	return s.keep()
}

// judge validates, keeps the best θ, and ends the phase when it is time to.
func (s *supervised) judge(ctx context.Context, ph Phase) error {
	value, err := s.validate(ctx, ph.Layers)
	if err != nil {
		return err
	}
	s.due, s.validation = false, append(s.validation, Point{s.total, value})
	if s.idle++; s.step == 0 || value < s.value {
		s.value, s.best, s.idle = value, s.theta, 0
	}
	s.report(value)
	if s.step == s.c.Steps || s.idle == s.c.Patience {
		s.phases = append(s.phases, Reached{ph, s.step, s.value})
		s.theta = s.best
		s.phase++
		s.enter()
	}
	return s.keep()
}

// keep writes the checkpoint when it is time to.
func (s *supervised) keep() error {
	if time.Since(s.saved) < cmp.Or(s.c.CheckpointEvery, time.Minute) {
		return nil
	}
	return s.save()
}

// gradients computes the loss of a step, and leaves a gradient with each worker.
func (s *supervised) gradients(ctx context.Context, ph Phase) (loss float64, err error) {
	if err := parallel(ctx, runtime.GOMAXPROCS(0), s.c.Batch, func(_, i int) error {
		return s.workers[i].gradient(s, ph, i)
	}); err != nil {
		return 0, err
	}
	for i := range s.workers {
		loss += s.workers[i].loss
	}
	return loss, nil
}

// gradient computes loss and gradient of problem i of a step.
func (w *worker) gradient(s *supervised, ph Phase, i int) error {
	w.tape.Reset()
	live := s.theta.Map(func(_ string, v ad.Value) ad.Value { return v })
	for _, n := range s.names {
		live.Set(n, w.tape.Watch(s.theta.At(n)))
	}
	key := []uint64{uint64(s.total), uint64(i)}
	p := s.fam.Draw(optimizee.Stream(s.c.Seed, append([]uint64{forProblem}, key...)...))
	x, err := run(s.o.Rule(live), p, ph.Layers, optimizee.Stream(s.c.Seed, append([]uint64{forState}, key...)...))
	if err != nil {
		return err
	}
	loss := s.c.loss(p, x).Scale(1 / float64(s.c.Batch))
	if w.loss = loss.Item(); loss.Recorded() {
		loss.Backward()
	}
	w.grads = w.grads[:0]
	for _, n := range s.names { // here, because a tape belongs to one goroutine
		w.grads = append(w.grads, live.At(n).Grad())
	}
	return nil
}

// run takes so many steps from the start.
func run(r optim.Rule, p *optimizee.Problem, steps int, rng *rand.Rand) (optimizee.Point, error) {
	step, err := r(p, rng)
	if err != nil {
		return optimizee.Point{}, err
	}
	x := p.Start
	for range steps {
		x = step(x)
	}
	return x, nil
}

// loss is what is minimised, for a mean instance of one problem.
func (c Supervision) loss(p *optimizee.Problem, x optimizee.Point) ad.Value {
	n := float64(x.X().C)
	if c.Objective {
		return p.Value(x).Scale(1 / n)
	}
	return x.X().Sub(p.Truth.X()).SumSquares().Scale(0.5 / n)
}

// adam makes a step along the sum of the gradients. It writes into the moments, which
// nobody else sees, and puts the new θ where the one before the last was: nobody but the
// best θ, which is left alone, outlives a step.
func (s *supervised) adam(lr float64) {
	a := kern.AdamStep(lr, float64(s.step+1))
	next := make([]ad.Value, len(s.names))
	_ = parallel(context.Background(), runtime.GOMAXPROCS(0), len(s.names), func(_, i int) error {
		n := s.names[i]
		g := s.workers[0].grads[i]
		for j := 1; j < len(s.workers); j++ {
			kern.Axpy64(1, s.workers[j].grads[i], g)
		}
		old := s.theta.At(n)
		next[i] = ad.New(old.R, old.C, s.spare[i])
		copy(next[i].Data, old.Data)
		if s.spare[i] = old.Data; old.Same(s.best.At(n)) {
			s.spare[i] = nil
		}
		kern.Adam64(next[i].Data, s.m.At(n).Data, s.v.At(n).Data, g, a)
		return nil
	}) // no call has an error
	s.theta = s.theta.Map(func(_ string, v ad.Value) ad.Value { return v })
	for i, n := range s.names {
		s.theta.Set(n, next[i])
	}
}

// validate is the value of θ on the fixed problems.
func (s *supervised) validate(ctx context.Context, layers int) (float64, error) {
	sets, values := make([]sparse.Errors, s.c.Problems), make([]float64, s.c.Problems)
	err := parallel(ctx, runtime.GOMAXPROCS(0), s.c.Problems, func(_, i int) error {
		p := s.fam.Draw(optimizee.Stream(s.c.Seed, forValidation, uint64(i)))
		x, err := run(s.o.Rule(s.theta), p, layers, optimizee.Stream(s.c.Seed, forValidationState, uint64(i)))
		if err != nil {
			return err
		}
		if s.c.Objective {
			values[i] = p.Value(x).Item() / float64(x.X().C)
			return nil
		}
		sets[i].Add(x.X(), p.Truth.X())
		return nil
	})
	if err != nil || s.c.Objective {
		return mean(values), err
	}
	var all sparse.Errors
	for _, e := range sets {
		all.Join(e)
	}
	return all.RatioOfSums(), nil
}

// result is what was reached so far.
func (s *supervised) result() Learnt {
	return Learnt{Theta: s.best, Best: s.value, Steps: s.total, Phases: s.phases, Validation: s.validation}
}

func (s *supervised) report(validation float64) {
	if s.c.Report != nil {
		s.c.Report(s.event(s.loss, validation, s.note))
	}
	s.note = ""
}

func (s *supervised) event(loss, validation float64, note string) Event {
	of := s.total + (len(s.c.Phases)-s.phase)*s.c.Steps - s.step // if no phase ends early
	return Event{Name: s.o.Name, Minibatch: s.total, Of: of, Loss: loss, Validation: validation, Best: s.value, Elapsed: time.Since(s.began), Note: note}
}

// stopped tells who watches that no more events will come.
func (s *supervised) stopped(err error) {
	if s.c.Report == nil {
		return
	}
	note := "stopped: " + err.Error()
	if errors.Is(err, context.Canceled) {
		note = fmt.Sprintf("stopped at step %d", s.total)
	}
	s.c.Report(s.event(math.NaN(), math.NaN(), note))
}
