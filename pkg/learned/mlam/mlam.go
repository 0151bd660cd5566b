package mlam

import (
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// MLAMConfig configures MLAM. The zero value is the additive wiring that trains best on
// matrix completion; with Output "pa" it trains faster and ends lower. [PaperMLAM] is the
// one that the paper prints, [MixtureMLAM] ours for Gaussian mixtures.
type Config struct {
	learned.Network          // one for each block; starts from zero states unless StateScale is set
	Blocks          []string // in the order of their inner loops; default U, V
	Inner           int      // t_in, steps of an inner loop; default 10

	Input      string  // what the network sees: "rnnprop" (default), "raw", "curvature" or "solve"; see [MLAM]
	InputScale float64 // of what it sees; default 1
	Beta       float64 // decay of both moments of "rnnprop"; default 0.95

	Output      string  // how its output moves a block: "additive" (default), "pa" or "correction"; see [MLAM]
	OutputScale float64 // s; default 0.1

	Redraw   bool // every inner loop starts from new random numbers, as the papers' text says, instead of where the last one ended
	Reset    bool // and from a new state of the network, instead of going on with the last one
	Through  bool // in training the gradient passes through what the network sees too; by default through the sums alone, as in the public code
	ZeroHead bool // the last layer starts at zero, so that training begins at a block that stands still (or at the classic step)
}

// PaperMLAM is Algorithm 1 as it is written and Section V sets it: 2×500 hidden units
// see the raw gradient, what they say is added as it is, and every inner loop starts
// from random variables and a fresh state. Training in this way is slow, and poor.
var Paper = Config{Network: learned.Network{Hidden: 500}, Input: "raw", OutputScale: 1, Redraw: true, Reset: true}

// MixtureMLAM is for Gaussian mixtures: the network sees the displacement of a step of
// EM, and says how much of it to take and how much of the last move to add. At first it
// is EM, block by block, and where EM stands still it does too, whatever it has learned.
// (A "correction" does not: what the network says of a displacement of 0 keeps it from
// settling.) Use an InputScale of 0.5/σ: it is for σ = 5, as in mixture.Paper,
// and keeps a displacement within what an LSTM tells apart.
var Mixture = Config{Blocks: []string{"pi", "mu"}, Input: "solve", InputScale: 0.1, Output: "pa", ZeroHead: true}

func (c Config) filled() Config {
	if c.StateScale == 0 {
		c.ZeroState = true
	}
	c.Network = c.Network.Filled()
	if c.Blocks == nil {
		c.Blocks = []string{"U", "V"}
	}
	if c.Inner == 0 {
		c.Inner = 10
	}
	if c.Input == "" {
		c.Input = "rnnprop"
	}
	if c.InputScale == 0 {
		c.InputScale = 1
	}
	if c.Beta == 0 {
		c.Beta = 0.95
	}
	if c.Output == "" {
		c.Output = "additive"
	}
	if c.OutputScale == 0 {
		c.OutputScale = 0.1
	}
	return c
}

func (c Config) check(name string, rng *rand.Rand) error {
	return errors.Join(c.Network.Check(name, rng),
		check.OneOf(name, "Input", c.Input, "rnnprop", "raw", "curvature", "solve"),
		check.OneOf(name, "Output", c.Output, "additive", "pa", "correction"),
		check.Positive(name, "InputScale", c.InputScale), check.Positive(name, "OutputScale", c.OutputScale), check.Inside(name, "Beta", c.Beta))
}

// inputs is how many numbers the network sees of a coordinate.
func (c Config) inputs() int {
	if c.Input == "rnnprop" {
		return 2
	}
	return 1
}

// outputs is how many it says.
func (c Config) outputs() int {
	if c.Output == "pa" {
		return 2
	}
	return 1
}

// oracles are those that the wiring asks.
func (c Config) oracles() (names []string) {
	if c.Input == "solve" {
		return []string{"Solve"}
	}
	names = []string{"Subgrad"}
	if c.curved() {
		names = append(names, "Lipschitz")
	}
	return names
}

// curved reports whether gradients are divided by L.
func (c Config) curved() bool {
	return c.Input == "curvature" || c.Input != "solve" && c.Output != "additive"
}

// MLAM is learned alternating minimisation (MLAM, Algorithm 1): one step is an outer
// step t. Each block in turn, the others held, makes an inner loop of t_in steps
//
//	x^{(i)} = x^{(i−1)} + s·LSTM(∇F(x^{(i−1)}), C, θ)                 (eq. 8, 9)
//
// with a coordinate-wise LSTM of its own, whose parameters lie under the block's name.
// θ is frozen on the way. It learns from F after every outer step (eq. 10): across
// problems by train.Alternate, on the one problem at hand by [Ground] or [Alone].
//
// The papers leave open how the networks are wired, and much depends on it. With the
// gradient g of the block, its constant L at the start of the inner loop, and the
// direction d = −g/L, or d = Solve(x) − x for the last one, the network sees
//
//	"rnnprop"    g/√v̂ and m̂/√v̂, with bias-corrected moments of g (Lv et al. 2017)
//	"raw"        g, as printed
//	"curvature"  g/L
//	"solve"      Solve(x) − x: the step of ALS, or of EM
//
// and moves the block, if o (and q) is what it says, by
//
//	"additive"    s·o, as printed
//	"pa"          2σ(o)⊙d + tanh(q)⊙(x − x⁻), like scheme (18) of L2O-PA
//	"correction"  d + s·o
//
// Of the last two a network that says nothing leaves the classic method: gradient
// steps 1/L, ALS, or EM on one block after the other. It needs Subgrad or Grad, with
// "curvature" and the moves along d Lipschitz, and with "solve" Solve alone, which is a
// constant to the tape where it is no formula.
func MLAM(c Config) learned.Optimizer {
	c = c.filled()
	return c.optimizer("MLAM", c)
}

func (c Config) optimizer(name string, config any) learned.Optimizer {
	net := c.Build(c.inputs(), learned.Dense{Name: "linear", Out: c.outputs()})
	return learned.Optimizer{
		Name:   name,
		Config: config,
		Init: func(th nn.Params, rng *rand.Rand) {
			for _, b := range c.Blocks {
				own := th.Sub(b)
				if net.Init(own, rng); c.ZeroHead {
					for _, n := range []string{"linear.weight", "linear.bias"} {
						own.Set(n, ad.New(own.At(n).R, own.At(n).C, nil))
					}
				}
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				if err := errors.Join(c.check(name, rng), p.Need(name, c.oracles()...)); err != nil {
					return nil, err
				}
				of := map[string]mover{}
				for _, b := range c.Blocks {
					of[b] = &mlamBlock{Config: c, name: b, p: p, net: net, th: th.Sub(b), rng: rng}
				}
				return alternation{name: name, blocks: c.Blocks, inner: c.Inner, redraw: c.Redraw, of: of}.start(p, rng)
			}
		},
	}
}
