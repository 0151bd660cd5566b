package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Imitation is the imitation learning of L2O-enhanced (Chen et al. 2020, §4.2). Some
// minibatches minimise nothing: a teacher, a rule that nobody trained, takes its own path
// x_0, x_1, …, and the optimizer, which sees the points of this path, learns its steps.
// With the step δ_k that the optimizer takes at x_k, the loss of a segment is
//
//	Σ_k ½·mean((δ_k − (x_{k+1} − x_k))²),
//
// with the mean over the coordinates. Hidden states go on along the path, as do moments. These
// minibatches have an Adam of their own, whose rate stays, so that its means hold gradients of
// one loss; the stream of the seed and the minibatch says which they are.
type Imitation struct {
	Teacher string     // its name, which stands for Rule in keys and checkpoints; "" with no Rule is Adam with steps of 0.01, as published
	Rule    optim.Rule `json:"-"`
	Chance  []float64  // probability that a minibatch of phase 1, 2, … imitates, the last from there on; 0, 0.1, 0.3 for L2O-DM as published, and 0.3 for RNNprop
	LR      float64    // of its Adam; 0 for 1e-3, as published
}

// PublishedImitation is that of L2O-DM with a curriculum in the public code.
var PublishedImitation = &Imitation{Chance: []float64{0, 0.1, 0.3}}

func (m *Imitation) rule() optim.Rule {
	if m.Rule == nil {
		return optim.Adam(optim.AdamConfig{LR: 1e-2})
	}
	return m.Rule
}

func (m *Imitation) rate() float64 { return cmp.Or(m.LR, 1e-3) }

// check reports settings with which nothing can be imitated; none are fine.
func (m *Imitation) check() error {
	if m == nil {
		return nil
	}
	errs := []error{
		check.That(len(m.Chance) > 0, "Imitate.Chance is empty: it has to say how many minibatches imitate, such as {0.3}"),
		check.That(m.LR >= 0 && m.LR <= maxLR, "Imitate.LR is %g: it has to be at least 0 and at most %g, and 0 is 1e-3", m.LR, maxLR),
		check.That((m.Teacher == "") == (m.Rule == nil), "Imitate has the Teacher %q and a Rule or none: the name stands for the rule in keys, so give both, or neither for Adam", m.Teacher),
	}
	for i, p := range m.Chance {
		errs = append(errs, check.That(p >= 0 && p <= 1, "Imitate.Chance of phase %d is %g: a probability is from 0 to 1", i+1, p))
	}
	return errors.Join(errs...)
}

// checkOn reports why the teacher cannot teach on a problem.
func (m *Imitation) checkOn(p *optimizee.Problem, rng *rand.Rand) error {
	if m == nil {
		return nil
	}
	if _, err := m.rule()(p, rng); err != nil {
		return fmt.Errorf("train: the teacher %s: %w", cmp.Or(m.Teacher, "Adam"), err)
	}
	return nil
}

// imitates decides about the minibatch to come.
func (t *training) imitates() bool {
	m := t.c.Imitate
	return m != nil && optimizee.Stream(t.c.Seed, forLesson, uint64(t.Minibatches)).Float64() < m.Chance[min(t.phase, len(m.Chance)-1)]
}

// imitate follows the teacher through one segment and returns the loss. To the optimizer each
// point is a foreign one: it starts there, and its states go on.
func (t *training) imitate(ctx context.Context, in *instance, steps int) (ad.Value, error) {
	loss, n := ad.Scalar(0), 0
	for _, b := range in.x.Blocks() {
		n += in.x.At(b).Len()
	}
	for range steps {
		if err := ctx.Err(); err != nil {
			return loss, err
		}
		next := in.teacher(in.x).Detach()
		apart := in.step(in.x).Sub(next) // δ_k − (x_{k+1} − x_k)
		for _, b := range apart.Blocks() {
			loss = loss.AddScaled(0.5/float64(n), apart.At(b).SumSquares())
		}
		in.x, in.steps = next, in.steps+1
	}
	return loss, nil
}
