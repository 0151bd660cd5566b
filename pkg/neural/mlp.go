package neural

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
)

// An Activation is what the hidden units of a network do.
type Activation string

// The activations.
const (
	Sigmoid Activation = "sigmoid"
	ReLU    Activation = "relu"
)

// An MLP is a perceptron with the given units in each layer, inputs first and classes last:
// layer l makes z = h·W_l + b_l of the layer before it, and every layer but the last
// h = a(z). In the column x W_1 comes first, row after row of inputs×units, then b_1, W_2,
// b_2 and so on.
type MLP struct {
	Sizes      []int
	Activation Activation
}

// PaperMLP is the network of Andrychowicz et al. (2016, §3.2), with 15,910 weights; the
// other one is what they test on beside it.
var (
	PaperMLP     = MLP{Sizes: []int{784, 20, 10}, Activation: Sigmoid}
	PaperMLPReLU = MLP{Sizes: []int{784, 20, 10}, Activation: ReLU}
)

// Weights is how many numbers x holds.
func (m MLP) Weights() (n int) {
	for l := range m.layers() {
		n += (m.Sizes[l] + 1) * m.Sizes[l+1]
	}
	return n
}

// Tensors are the lengths of W_1, b_1, W_2, b_2 and so on, which make up x in that order:
// learned.Scale has a network of its own for each.
func (m MLP) Tensors() (lengths []int) {
	for l := range m.layers() {
		lengths = append(lengths, m.Sizes[l]*m.Sizes[l+1], m.Sizes[l+1])
	}
	return lengths
}

// Inputs is how many numbers a sample has.
func (m MLP) Inputs() int { return m.Sizes[0] }

// Classes is how many scores come out.
func (m MLP) Classes() int { return m.Sizes[m.layers()] }

// Start draws weights and biases N(0, scale²).
func (m MLP) Start(rng *rand.Rand, scale float64) ad.Value {
	return nn.Normal(rng, m.Weights(), 1, scale)
}

// String writes the network as MLP 784-20-10, sigmoid.
func (m MLP) String() string {
	return "MLP " + strings.ReplaceAll(strings.Trim(fmt.Sprint(m.Sizes), "[]"), " ", "-") + ", " + string(m.Activation)
}

func (m MLP) layers() int { return len(m.Sizes) - 1 }

// Check reports layers that are none.
func (m MLP) Check() error {
	errs := []error{check.That(len(m.Sizes) >= 2, "layers of %d units: there have to be inputs and classes", m.Sizes), check.OneOf("MLP", "Activation", m.Activation, Sigmoid, ReLU)}
	for _, n := range m.Sizes {
		errs = append(errs, check.That(n > 0, "a layer of %d units", n))
	}
	if n := len(m.Sizes); n >= 2 {
		errs = append(errs, check.That(m.Sizes[n-1] >= 2, "%d classes: there have to be at least 2", m.Sizes[n-1]))
	}
	return errors.Join(errs...)
}

// Forward computes the scores; its way back is
//
//	∂F/∂W_l = h_lᵀδ_l    ∂F/∂b_l = 1ᵀδ_l    δ_{l−1} = δ_l·W_lᵀ ⊙ a′(z_{l−1})
func (m MLP) Forward(x, w ad.Value) (z ad.Value, back func(d ad.Value) ad.Value) {
	need(m, x, w)
	from, h := cut(x), w
	var weights, seen []ad.Value // of each layer
	for l := range m.layers() {
		W, b := from.next(m.Sizes[l], m.Sizes[l+1]), from.next(1, m.Sizes[l+1])
		weights, seen = append(weights, W), append(seen, h)
		switch z = h.MatMul(W).Add(b); {
		case l+1 == m.layers():
		case m.Activation == ReLU:
			h = z.ReLU()
		default:
			h = z.Sigmoid()
		}
	}
	return z, func(d ad.Value) ad.Value {
		ones, parts := ad.Full(1, w.R, 1), make([]ad.Value, 2*m.layers())
		for l := m.layers() - 1; l >= 0; l-- {
			parts[2*l], parts[2*l+1] = seen[l].TMatMul(d), ones.MatMul(d)
			if l > 0 {
				d = d.MatMulT(weights[l]).Mul(m.slope(seen[l]))
			}
		}
		return joined(parts)
	}
}

// slope is a′ where a(z) = h.
func (m MLP) slope(h ad.Value) ad.Value {
	if m.Activation == ReLU {
		return h.Sign() // 0 or 1, as h ≥ 0
	}
	return h.SubMul(h, h)
}
