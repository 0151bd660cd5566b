package neural

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Family draws a minibatch of the samples, with replacement, and where to start: weights
// N(0, Scale²), see [Network]. The papers' samples are the images of MNIST
// (datasets.MNISTTrain, datasets.MNISTTest, or a stand-in).
//
// With Fresh, F changes along a run, as it does in the papers and in every training of a
// network: at the iterate x^t it is the loss on minibatch t of a stream of the problem's own,
//
//	x^{t+1} = x^t − step of ∇F_t(x^t)    what is measured after the step: F_{t+1}(x^{t+1})
//
// so what a training or a race sees is the loss on samples that the step did not know. Steps
// are counted by gradients, since they decide the path. The gradient at the problem's Start
// is of F_0, and one at any other point than the last begins the next step. F and its
// gradient at one point are on one minibatch: Value is that of F_t where the last gradient
// was, of F_0 at Start and elsewhere of F_{t+1}, and counts nothing, so that measuring does
// not change a run. Minibatch t depends on the problem and on t alone: rules that race are
// shown the same ones, and a run that is done again gives the same numbers, on any number of
// cores.
//
// Since it counts, such a problem is for one run at a time, one after the other, each from
// Start: draw one for each that go on at once, as races and trainings do. A rule that asks
// at several points in a step sees several minibatches in it, and one that compares values,
// such as a line search or a guard, compares noise: take a fixed minibatch for these. F*,
// laws and certificates are of fixed minibatches, too.
type Family struct {
	Network
	Samples, Labels ad.Value // m×inputs and m×1
	Name            string   // of the samples
	Batch           int      // samples in a minibatch; 128 in the papers
	Scale           float64  // 0.01 in the papers; 0.1 for RNNprop
	Fresh           bool     // a minibatch for each step instead of one for the problem
}

// Draw draws a problem.
func (f Family) Draw(rng *rand.Rand) *optimizee.Problem {
	name := "a network"
	if f.Network != nil {
		name = f.Network.String()
	}
	refuse := func(err error) *optimizee.Problem { return &optimizee.Problem{Name: name, Err: err} }
	if f.Network == nil {
		return refuse(errors.New("the family has no Network: take neural.PaperMLP, say"))
	}
	if err := errors.Join(
		f.Check(),
		check.Source("a family", "problems", rng),
		check.That(f.Samples.R > 0 && f.Labels.R == f.Samples.R && f.Labels.C == 1, "samples of %s with labels of %s: there has to be one of each, and one label a sample", f.Samples.Shape(), f.Labels.Shape()),
		check.That(f.Batch > 0, "a minibatch of %d samples", f.Batch),
		check.Finite("Family", "Scale", f.Scale)); err != nil {
		return refuse(err)
	}
	start := f.Start(rng, f.Scale)
	if !f.Fresh {
		w, y := drawn(rng.IntN, f.Samples, f.Labels, f.Batch)
		return Problem(f.Network, start, w, y)
	}
	p := describe(f.Network, start, &Data{f.Network, f.Samples, f.Labels, true})
	if p.Err != nil {
		return p
	}
	p.Traits["rows"] = float64(f.Batch)
	return answering(p, f.Network, newStream(f.Network, f, rng.Uint64(), start).choose)
}

// String describes the family.
func (f Family) String() string {
	if f.Network == nil {
		return "no network"
	}
	fresh := ""
	if f.Fresh {
		fresh = "fresh "
	}
	return fmt.Sprintf("%v on %sminibatches of %d of %s, weights N(0, %g²)", f.Network, fresh, f.Batch, f.Name, f.Scale)
}
