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

// A Conv is one layer of a [ConvNet]: Filters of Size×Size pixels, Stride pixels apart.
type Conv struct{ Size, Filters, Stride int }

// A ConvNet is a convolutional network. Each layer is a convolution without padding, batch
// normalisation, ReLU and the maximum over windows of Pool×Pool pixels, Pool apart; on top
// are scores of all numbers that are left, z = h·W + b:
//
//	h ← MaxPool(ReLU(γ ⊙ x̂ + β))    x̂ = h ∗ K + b with mean 0 and variance 1 for each filter
//
// Batch normalisation is always in training mode: mean and variance are those of the samples
// that are looked at, and ε = 1e-3 (the default of the public code's TensorFlow). A pooling
// window that is larger than what is left of the image is cut to that.
//
// In the column x come for each layer K (Size²·channels×Filters, see [ad.Window.Conv]), b, γ
// and β, and at the end W and b. Training starts from filters and W of N(0, scale²), biases
// and β of 0 and γ of 1. The b of a layer is there because the public code has it; it cancels
// in x̂, so ∂F/∂b is 0.
type ConvNet struct {
	Height, Width, Channels int    // of an image
	Layers                  []Conv // one at least
	Pool                    int
	Scores                  int  // classes
	ReLULogits              bool // z = ReLU(h·W + b), as the public code has it: a class whose score is 0 learns nothing more
}

// Test 3 of the Primer (Chen et al. 2022, §4.3) as its public code has it, with 18,218
// weights, and as its text says, which differs in the stride. With a stride of 2 a single
// pixel is left before the last maximum, which then does nothing.
var (
	CodedConvNet = ConvNet{Height: 28, Width: 28, Channels: 1, Layers: []Conv{{3, 16, 1}, {5, 32, 1}}, Pool: 2, Scores: 10, ReLULogits: true}
	PaperConvNet = ConvNet{Height: 28, Width: 28, Channels: 1, Layers: []Conv{{3, 16, 2}, {5, 32, 2}}, Pool: 2, Scores: 10}
)

// batchNormEps is ε of batch normalisation.
const batchNormEps = 1e-3

// windows are those of a layer.
type windows struct{ conv, pool ad.Window }

// windows are those of all layers, and how many numbers are left of an image.
func (n ConvNet) windows() (all []windows, left int) {
	h, w, c := n.Height, n.Width, n.Channels
	for _, l := range n.Layers {
		conv := ad.Window{H: h, W: w, C: c, Size: l.Size, Stride: l.Stride}
		h, w = conv.Out()
		size := min(n.Pool, h, w)
		pool := ad.Window{H: h, W: w, C: l.Filters, Size: size, Stride: n.Pool}
		h, w = pool.Out()
		all, c = append(all, windows{conv, pool}), l.Filters
	}
	return all, h * w * c
}

// Weights is how many numbers x holds.
func (n ConvNet) Weights() (sum int) {
	for _, k := range n.Tensors() {
		sum += k
	}
	return sum
}

// Tensors are the lengths of K, b, γ and β of each layer and of W and b.
func (n ConvNet) Tensors() (lengths []int) {
	all, left := n.windows()
	for i, l := range n.Layers {
		lengths = append(lengths, l.Size*l.Size*all[i].conv.C*l.Filters, l.Filters, l.Filters, l.Filters)
	}
	return append(lengths, left*n.Scores, n.Scores)
}

// Inputs is how many numbers an image has.
func (n ConvNet) Inputs() int { return n.Height * n.Width * n.Channels }

// Classes is how many scores come out.
func (n ConvNet) Classes() int { return n.Scores }

// String writes the network as ConvNet 28×28×1, 3×3×16, 5×5×32/2 with a stride of 2, pool 2, 10 classes.
func (n ConvNet) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ConvNet %d×%d×%d", n.Height, n.Width, n.Channels)
	for _, l := range n.Layers {
		fmt.Fprintf(&b, ", %d×%d×%d", l.Size, l.Size, l.Filters)
		if l.Stride != 1 {
			fmt.Fprintf(&b, "/%d", l.Stride)
		}
	}
	fmt.Fprintf(&b, ", pool %d, %d classes", n.Pool, n.Scores)
	if n.ReLULogits {
		b.WriteString(", ReLU on the scores")
	}
	return b.String()
}

// Check reports layers that do not fit.
func (n ConvNet) Check() error {
	errs := []error{
		check.That(n.Height > 0 && n.Width > 0 && n.Channels > 0, "images of %d×%d×%d", n.Height, n.Width, n.Channels),
		check.That(len(n.Layers) > 0, "no Layers: there has to be a convolution, and neural.MLP has none"),
		check.That(n.Pool > 0, "a maximum over %d×%d pixels: 1 is for none", n.Pool, n.Pool),
		check.That(n.Scores >= 2, "%d classes: there have to be at least 2", n.Scores),
	}
	for i, l := range n.Layers {
		errs = append(errs, check.That(l.Size > 0 && l.Filters > 0 && l.Stride > 0, "layer %d has %d filters of %d×%d with stride %d: all have to be positive", i+1, l.Filters, l.Size, l.Size, l.Stride))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	all, _ := n.windows()
	for i, w := range all {
		if rows, _ := w.conv.Out(); rows == 0 {
			return fmt.Errorf("layer %d: filters of %d×%d pixels do not fit into the %d×%d that are left of an image", i+1, w.conv.Size, w.conv.Size, w.conv.H, w.conv.W)
		}
	}
	return nil
}

// Start draws filters and W of N(0, scale²), with biases and β of 0 and γ of 1.
func (n ConvNet) Start(rng *rand.Rand, scale float64) ad.Value {
	all, left := n.windows()
	var parts []ad.Value
	for i, l := range n.Layers {
		parts = append(parts, nn.Normal(rng, l.Size*l.Size*all[i].conv.C, l.Filters, scale), ad.New(1, l.Filters, nil), ad.Full(1, l.Filters, 1), ad.New(1, l.Filters, nil))
	}
	return joined(append(parts, nn.Normal(rng, left, n.Scores, scale), ad.New(1, n.Scores, nil)))
}

// layer is what a layer of a ConvNet leaves for its way back. Values of pixels have a row for
// each and a column for each filter.
type layer struct {
	windows
	h        ad.Value // images that came in
	k, gamma ad.Value
	xhat, s  ad.Value // x̂ of pixels, and 1/√(σ² + ε)
	top      ad.Maxima
	after    ad.Value // what comes out
}

// Forward computes the scores. The way back through a layer, from δ of what comes out, is
//
//	δ ← δ ⊙ ReLU′ where the maxima are    ∂F/∂γ = 1ᵀ(δ ⊙ x̂)         ∂F/∂β = 1ᵀδ
//	δ ← StandardiseGrad(x̂, γ ⊙ s, δ)      ∂F/∂K = ConvKernelGrad(h, δ)    δ ← ConvImageGrad(δ, K)
func (n ConvNet) Forward(x, w ad.Value) (z ad.Value, back func(d ad.Value) ad.Value) {
	need(n, x, w)
	all, left := n.windows()
	from, h := cut(x), w
	var layers []layer
	var spent []ad.Value // made here and read by nobody after the way back
	for i, c := range n.Layers {
		win := all[i]
		l := layer{windows: win, h: h, k: from.next(c.Size*c.Size*win.conv.C, c.Filters)}
		from.next(1, c.Filters) // b, which cancels
		l.gamma = from.next(1, c.Filters)
		beta := from.next(1, c.Filters)
		y := win.conv.Conv(h, l.k)
		pixels := y.Len() / c.Filters
		l.xhat, l.s = y.Reshape(pixels, c.Filters).Standardise(batchNormEps)
		bent := beta.AddMul(l.xhat, l.gamma)
		top, at := win.pool.MaxPool(bent.Reshape(w.R, y.C))
		l.top, h = at, top.ReLU() // the maximum of ReLU is ReLU of the maximum
		l.after = h
		layers, spent = append(layers, l), append(spent, y, l.xhat, bent, top, h)
	}
	W, b := from.next(left, n.Scores), from.next(1, n.Scores)
	if z = h.MatMul(W).Add(b); n.ReLULogits {
		z = z.ReLU()
	}
	return z, func(d ad.Value) ad.Value {
		if n.ReLULogits {
			d = d.Mul(z.Sign())
		}
		parts := make([]ad.Value, 4*len(layers)+2)
		parts[4*len(layers)], parts[4*len(layers)+1] = h.TMatMul(d), ad.Full(1, w.R, 1).MatMul(d)
		d = d.MatMulT(W)
		for i := len(layers) - 1; i >= 0; i-- {
			l, f := layers[i], n.Layers[i].Filters
			bent := l.top.Grad(d.Mul(l.after.Sign()))
			ones, delta := ad.Full(1, l.xhat.R, 1), bent.Reshape(l.xhat.R, f)
			byHat := delta.Mul(l.xhat)
			straight := ad.StandardiseGrad(l.xhat, l.s.Mul(l.gamma), delta)
			y := straight.Reshape(w.R, bent.C)
			parts[4*i] = l.conv.ConvKernelGrad(l.h, y)
			parts[4*i+1], parts[4*i+2], parts[4*i+3] = ad.New(1, f, nil), ones.MatMul(byHat), ones.MatMul(delta)
			if i > 0 {
				d = l.conv.ConvImageGrad(y, l.k)
				spent = append(spent, d)
			}
			spent = append(spent, bent, byHat, straight)
		}
		g := joined(parts)
		ad.Recycle(g, spent...)
		return g
	}
}
