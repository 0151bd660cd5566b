package neural

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Family draws a minibatch of the samples, with replacement, and where to start: all
// weights and biases N(0, Scale²). The papers' samples are the images of MNIST
// (datasets.MNISTTest, or its stand-in).
type Family struct {
	MLP
	Samples, Labels ad.Value // m×inputs and m×1
	Name            string   // of the samples
	Batch           int      // samples in a minibatch; 128 in the papers
	Scale           float64  // 0.01 in the papers; 0.1 for RNNprop
}

// Draw draws a problem.
func (f Family) Draw(rng *rand.Rand) *optimizee.Problem {
	if err := errors.Join(
		f.check(),
		check.Source("a family", "problems", rng),
		check.That(f.Samples.R > 0 && f.Labels.R == f.Samples.R && f.Labels.C == 1, "samples of %s with labels of %s: there has to be one of each, and one label a sample", f.Samples.Shape(), f.Labels.Shape()),
		check.That(f.Batch > 0, "a minibatch of %d samples", f.Batch),
		check.Finite("MLP", "Scale", f.Scale)); err != nil {
		return &optimizee.Problem{Name: "MLP " + f.MLP.String(), Err: err}
	}
	start := nn.Normal(rng, f.Weights(), 1, f.Scale)
	w, y := ad.New(f.Batch, f.Samples.C, nil), ad.New(f.Batch, 1, nil)
	for i := range f.Batch {
		k := rng.IntN(f.Samples.R)
		copy(w.Data[i*w.C:(i+1)*w.C], f.Samples.Data[k*w.C:])
		y.Data[i] = f.Labels.Data[k]
	}
	return f.Problem(start, w, y)
}

// String describes the family.
func (f Family) String() string {
	return fmt.Sprintf("MLP %s on minibatches of %d of %s, weights N(0, %g²)", f.MLP, f.Batch, f.Name, f.Scale)
}
