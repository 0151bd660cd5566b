package mlam

import (
	"cmp"

	"github.com/l2olab/l2o/pkg/learned"
)

// Config configures MLAM. The zero value is the additive wiring that trains best on
// matrix completion; with Output [learned.Along] it trains faster and ends lower. [Paper]
// is the one that the paper prints, [Mixture] ours for Gaussian mixtures.
type Config struct {
	learned.Wiring          // of the network of each block; starts from zero states unless StateScale is set
	Blocks         []string // in the order of their inner loops; default U, V
	Inner          int      // t_in, steps of an inner loop; default 10

	Redraw bool // every inner loop starts from new random numbers, as the papers' text says, instead of where the last one ended
	Reset  bool // and with a new memory of the network, instead of going on with the last one
}

// Paper is Algorithm 1 as it is written and Section V sets it: 2×500 hidden units see the
// raw gradient, what they give is added as it is, and every inner loop starts from random
// variables and a fresh state. Training in this way is slow, and poor.
var Paper = Config{
	Wiring: learned.Wiring{Network: learned.Network{Hidden: 500}, Input: learned.Gradient, OutputScale: 1},
	Redraw: true, Reset: true,
}

// GSO is the first version of MLAM (GSO, Algorithm 2): the same rule, t_l and t_u being
// t_in and t_out. The cell states hold what was seen of the variables' path, so they go
// on from one inner loop to the next. The text draws the variables anew in every loop;
// Algorithm 2 prints loops that go on from where the last one ended, which is Redraw
// unset. Its paper gives no other setting than MLAM's, so only the name tells the two
// apart.
var GSO = Config{
	Wiring: learned.Wiring{Name: "GSO", Network: learned.Network{Hidden: 500}, Input: learned.Gradient, OutputScale: 1},
	Redraw: true,
}

// Mixture is for Gaussian mixtures: the network sees the displacement of a step of EM, and
// gives how much of it to take and how much of the last move to add. At first it is EM,
// block by block, and where EM stands still it does too, whatever it has learned. (A
// [learned.Correction] does not: what the network gives for a displacement of 0 keeps it
// from settling.) Use an InputScale of 0.5/σ: it is for σ = 5, as in mixture.Paper, and
// keeps a displacement within what an LSTM tells apart.
var Mixture = Config{
	Wiring: learned.Wiring{Input: learned.Displacement, InputScale: 0.1, Output: learned.Along, ZeroHead: true},
	Blocks: []string{"pi", "mu"},
}

// MLAM is learned alternating minimisation (MLAM, Algorithm 1): one step is an outer
// step t. Each block in turn, the others held, makes an inner loop of t_in steps
//
//	x^{(i)} = x^{(i−1)} + s·LSTM(∇F(x^{(i−1)}), C, θ)                 (eq. 8, 9)
//
// with a coordinate-wise LSTM of its own, whose parameters lie under the block's name. In
// the words of package optim it is, with a rule net for each block,
//
//	Alternate(On("U", Repeat(t_in, net)), On("V", Repeat(t_in, net)))
//
// θ is frozen on the way. It learns from F after every outer step (eq. 10): across
// problems by training, on the one problem to solve by [Online].
//
// The papers leave open how the networks are wired, and much depends on it: see
// [learned.Input] and [learned.Output]. L is that at the start of the inner loop. With
// an output along a direction a network that gives nothing leaves the classic method:
// gradient steps 1/L, ALS, or EM on one block after the other. It needs the oracles that
// [learned.CoordinateWise] does.
func MLAM(c Config) learned.Optimizer {
	c.Name = cmp.Or(c.Name, "MLAM")
	c.ZeroState = c.ZeroState || c.StateScale == 0
	net := learned.CoordinateWise(c.Wiring)
	c.Wiring = net.Config.(learned.Wiring)
	c.Inner = cmp.Or(c.Inner, 10)
	if c.Blocks == nil {
		c.Blocks = []string{"U", "V"}
	}
	return loop{name: c.Name, blocks: c.Blocks, inner: c.Inner, redraw: c.Redraw, reset: c.Reset}.of(net, c)
}
