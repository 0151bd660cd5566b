package learned

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// ScaleConfig configures L2O-Scale. The zero value is the published setting.
type ScaleConfig struct {
	Parameter, Tensor, Global int // hidden units of the three levels; default 10, 20 and 20

	// The first learning rates: each is √(ab) of an a of its own and a b of its tensor, both
	// drawn from MinRate to MaxRate, uniform in the logarithm. Default 1e-6 and 1e-2. Where they
	// are equal a run is not random.
	MinRate, MaxRate float64

	// Tensors are the lengths of the parts of the block "x" that are tensors of their own, in
	// the order of its entries: weights and biases of a network, whose problem has them in
	// one column. nil for what the problem says of itself, by a method Tensors() []int of its Data
	// (those of package neural have it), or else for one tensor in each block: what was made of
	// a network and has no such Data, as in optimizee.RandomScaling, needs them here.
	Tensors []int

	// AllTensors lets the global level see the mean over all tensors, as the paper describes
	// it. The public code shows it the last tensor alone, and so do we without it. With
	// one tensor they are the same.
	AllTensors bool

	given func(tensor, n int) ad.Value // first logarithms of the rates, from a test
}

// The numbers that the network of a coordinate sees, and what else is in a row of
// tensor.own after its hidden state.
const (
	timeScales = 4
	seen       = timeScales + (timeScales - 1) + timeScales + 1
)

// Scale is L2O-Scale (Wichrowska et al. 2017), as its public code has it. Three levels of
// GRUs see each other: one of 10 units for each coordinate, one of 20 for each tensor, and
// one of 20 for all. With the gradient g of a coordinate and decays β and γ that its network
// gives, for four time scales s = 1 … 4, each twice as long as the one before,
//
//	m_s ← β_s·m_s + (1 − β_s)·g                   β_1 = β, β_{s+1} = √β_s
//	v_s ← γ·v_s + (1 − γ)·(m_s² + 10⁻¹²)
//	ĝ_s = asinh(m_s/√(v_s + 10⁻¹⁶))
//
// The network of the coordinate sees 12 numbers: the ĝ_s, the products ĝ_s·ĝ_{s+1}, the
// differences of ln(v_s + 10⁻¹⁶) from their mean, and how far ln η, the logarithm of its learning
// rate, is from the mean over all coordinates of the problem:
//
//	h ← GRU(these, h; W_t·h_tensor + W_g·h_global)     the last two as a bias in all gates
//	β = σ(w_β·h + b_β), γ = σ(w_γ·h + b_γ)             which begin near σ(2.2) and σ(3.2)
//	d = w_d·h + Σ_s u_s·ĝ_s                           a direction with a linear shortcut
//	l = clip(ln η + w_l·h + b_l, −33, 33)
//	x ← x − exp(l + o)·d/√(mean of d² over the tensor + 10⁻¹⁶)      o begins at −1
//	ln η ← σ(p)·ln η + (1 − σ(p))·l                    p begins at 3.2
//
// The network of a tensor sees the means of h and of the 12 numbers over its coordinates,
// with W·h_global as a bias, and the global one what AllTensors says. First states are
// learned; m, v, β and γ begin at 0. The derivative of the clip is 1.
//
// That η is relative to the mean over the problem, asinh, the constants in v, and that one
// step sees the states of the two levels above from before it, are settings of the public
// scripts. Ours are two: in training the derivative passes through states and sums and not
// through g (a setting of that code, which is off in its scripts), so nothing is recorded of
// the problem; and from a foreign point m, v, β and γ begin anew, while hidden states and
// rates go on. What attention the code offers, off in its scripts, is not here.
//
// A coordinate learns of others through the levels above, the mean of ln η and the size
// of d; between those, steps over many coordinates are computed again on the way back
// (nn.Rowwise), and keep about 50 numbers for each coordinate, and as many on the way back: a
// segment of 20 steps over 15,910 weights takes some 0.4 GB. It works on problems of any
// blocks, and needs Subgrad, or Grad where F is smooth.
func Scale(c ScaleConfig) Optimizer {
	c.Parameter, c.Tensor, c.Global = cmp.Or(c.Parameter, 10), cmp.Or(c.Tensor, 20), cmp.Or(c.Global, 20)
	c.MinRate, c.MaxRate = cmp.Or(c.MinRate, 1e-6), cmp.Or(c.MaxRate, 1e-2)
	return Optimizer{
		Name:   "L2O-Scale",
		Config: c,
		Init:   c.init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				if err := errors.Join(c.check(rng), p.Need("L2O-Scale", "Subgrad")); err != nil {
					return nil, err
				}
				tensors, err := c.tensors(p)
				if err != nil {
					return nil, err
				}
				r := &hierarchy{ScaleConfig: c, p: p, th: th, rng: rng, tensors: tensors}
				return optim.Remember(func(optimizee.Point) optim.Step {
					r.fresh = true
					return r.step
				}), nil
			}
		},
	}
}

func (c ScaleConfig) check(rng *rand.Rand) error {
	const name = "L2O-Scale"
	return errors.Join(
		check.That(c.Parameter > 0 && c.Tensor > 0 && c.Global > 0, "%s: levels of %d, %d and %d hidden units make no network", name, c.Parameter, c.Tensor, c.Global),
		check.Positive(name, "MinRate and MaxRate", c.MinRate, c.MaxRate),
		check.That(c.MinRate <= c.MaxRate, "%s: MinRate %g is above MaxRate %g", name, c.MinRate, c.MaxRate),
		check.That(rng != nil || c.MinRate == c.MaxRate || c.given != nil, "%s draws its first learning rates: give its rule a *rand.Rand, such as optimizee.Stream(1), or set MinRate = MaxRate in its config", name))
}

// tensors says which entries of which block belong together.
func (c ScaleConfig) tensors(p *optimizee.Problem) (all []tensor, err error) {
	lengths, whose := c.Tensors, "its config"
	if d, ok := p.Data.(interface{ Tensors() []int }); ok && lengths == nil {
		lengths, whose = d.Tensors(), "the problem"
	}
	blocks := p.Start.Blocks()
	if lengths == nil {
		for _, b := range blocks {
			all = append(all, tensor{block: b, to: p.Start.At(b).Len()})
		}
		return all, nil
	}
	if len(blocks) != 1 {
		return nil, fmt.Errorf("L2O-Scale: by %s there are tensors of %d in one block, and %s has blocks %q: without Tensors each block is one", whose, lengths, p.Name, blocks)
	}
	at := 0
	for _, n := range lengths {
		all = append(all, tensor{block: blocks[0], from: at, to: at + n})
		at += n
	}
	if n := p.Start.At(blocks[0]).Len(); at != n || slices.Min(lengths) < 1 {
		return nil, fmt.Errorf("L2O-Scale: by %s there are tensors of %d, %d numbers in all, and x of %s has %d: they have to be positive and add up to that", whose, lengths, at, p.Name, n)
	}
	return all, nil
}

func (c ScaleConfig) cells() (parameter, tensor, global nn.GRU) {
	return nn.GRU{In: seen, Hidden: c.Parameter, ResetBefore: true},
		nn.GRU{In: c.Parameter + seen, Hidden: c.Tensor, ResetBefore: true},
		nn.GRU{In: c.Tensor, Hidden: c.Global, ResetBefore: true}
}

// init draws first parameters as the public code does: N(0, (0.5/√n)²) for what has n
// inputs, gates of the GRUs open by a bias of 2.2, first states uniform in ±1, a shortcut of
// about the mean of the ĝ_s, and nothing that changes the rates.
func (c ScaleConfig) init(th nn.Params, rng *rand.Rand) {
	normal := func(r, n int) ad.Value { return nn.Normal(rng, r, n, 0.5/math.Sqrt(float64(n))) }
	parameter, tensor, global := c.cells()
	for _, level := range []struct {
		name string
		nn.GRU
	}{{"parameter", parameter}, {"tensor", tensor}, {"global", global}} {
		in, h, to := level.In, level.Hidden, th.Sub(level.name)
		w := nn.Normal(rng, 3*h, in+h, 0.5/math.Sqrt(float64(in+h)))
		to.Set("weight_ih", w.Cols(0, in))
		to.Set("weight_hh", w.Cols(in, in+h))
		to.Set("bias_ih", ad.Full(1, 2*h, 2.2).Beside(ad.New(1, h, nil)))
		th.Sub("start").Set(level.name, nn.Uniform(rng, 1, h, 1))
	}
	affine := func(name string, w ad.Value, bias float64) {
		th.Sub(name).Set("weight", w)
		th.Sub(name).Set("bias", ad.Full(1, w.R, bias))
	}
	affine("tensor_to_parameter", normal(3*c.Parameter, c.Tensor), 0)
	affine("global_to_parameter", normal(3*c.Parameter, c.Global), 0)
	affine("global_to_tensor", normal(3*c.Tensor, c.Global), 0)
	th.Set("parameter.direction.weight", normal(1, c.Parameter))
	th.Set("parameter.shortcut.weight", nn.Normal(rng, 1, timeScales, 0.1/math.Sqrt(timeScales)).Shift(1./timeScales))
	affine("parameter.average_decay", normal(1, c.Parameter), 2.2)
	affine("parameter.square_decay", normal(1, c.Parameter), 3.2)
	affine("parameter.rate", ad.New(1, c.Parameter, nil), 0)
	th.Set("rate_momentum", ad.Scalar(3.2))
	th.Set("rate_offset", ad.Scalar(-1))
}
