package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// Recurrent is the network of most learned optimizers: an [LSTM] and, on its output, a
// stack of linear layers (an [MLP]) for every row. The LSTM's parameters are under
// "lstm", those of the linear layers under the names that Head gives them. The fused
// form is one operation in float32 that keeps some rows in the cache from the first
// cell to the last layer; LSTM.Composed selects the float64 twin of it all. Without a
// Head the output is the hidden value of the last cell.
//
// A run begins with a [State] from LSTM.Zero or LSTM.NormalState.
type Recurrent struct {
	LSTM LSTM
	Head MLP // its first size is the LSTM's Hidden
}

// Init draws all parameters as [LSTM.Init] and [Linear.Init] do.
func (n Recurrent) Init(th Params, rng *rand.Rand) {
	n.LSTM.Init(th.Sub("lstm"), rng)
	n.Head.Init(th, rng)
}

// Step takes one step for every row of x (rows×In), moves s on and returns the output
// of the last linear layer, rows×Out. It panics where sizes or shapes do not fit.
func (n Recurrent) Step(th Params, x ad.Value, s *State) ad.Value {
	if h := n.Head; h.layers() > 0 && h.Sizes[0] != n.LSTM.Hidden || h.Names != nil && len(h.Names) != h.layers() {
		panic(fmt.Sprintf("nn: Recurrent: a head of sizes %d and names %q on %d hidden units: the first size has to be that of the LSTM, with a name for each layer or none",
			h.Sizes, h.Names, n.LSTM.Hidden))
	}
	if n.LSTM.Composed {
		head := n.Head
		head.Composed = true
		return head.Apply(th, n.LSTM.Step(th.Sub("lstm"), x, s))
	}
	n.LSTM.check(x, s)
	if n.replays(s) {
		return n.Replay(network{n, s}, th, ad.Value{}, x)
	}
	return n.step(th.Sub("lstm"), th, x, s)
}

// out is the width of the output.
func (n Recurrent) out() int {
	if k := n.Head.layers(); k > 0 {
		return n.Head.layer(k - 1).Out
	}
	return n.LSTM.Hidden
}
