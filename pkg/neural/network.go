package neural

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// A Network gives every sample a score for each class. All its weights and biases are in the
// one column x. [MLP] and [ConvNet] are networks; one of your own needs no more than these.
type Network interface {
	Weights() int   // numbers in x
	Tensors() []int // lengths of the matrices and rows that make up x in that order: learned.Scale has a network of its own for each
	Inputs() int    // numbers in a sample
	Classes() int
	Check() error // why there is no such network

	// Start draws the x that a training starts from, with weights N(0, scale²).
	Start(rng *rand.Rand, scale float64) ad.Value

	// Forward returns the scores z (m×Classes) of samples w (m×Inputs), and back, which makes
	// ∂F/∂x of ∂F/∂z and is called once at most. Both are formulas of operations of ad, so
	// that a first-order tape differentiates through the gradient.
	Forward(x, w ad.Value) (z ad.Value, back func(d ad.Value) ad.Value)

	String() string
}

// need panics unless x holds the weights of a network and w samples for it.
func need(n Network, x, w ad.Value) {
	if x.R != n.Weights() || x.C != 1 {
		panic(fmt.Sprintf("neural: %s: x is %s, want %d×1", n, x.Shape(), n.Weights()))
	}
	if w.C != n.Inputs() {
		panic(fmt.Sprintf("neural: %s: the samples are %s, want %d columns", n, w.Shape(), n.Inputs()))
	}
}

// cutter takes one matrix after the other from x.
type cutter struct {
	row ad.Value
	at  int
}

func cut(x ad.Value) *cutter { return &cutter{row: x.Reshape(1, x.Len())} }

func (c *cutter) next(rows, cols int) ad.Value {
	from := c.at
	c.at += rows * cols
	return c.row.Cols(from, c.at).Reshape(rows, cols)
}

// joined is the column of all parts, one after the other, each row by row.
func joined(parts []ad.Value) ad.Value {
	row := parts[0].Reshape(1, parts[0].Len())
	for _, p := range parts[1:] {
		row = row.Beside(p.Reshape(1, p.Len()))
	}
	return row.Reshape(row.Len(), 1)
}
