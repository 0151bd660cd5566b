package learned

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
)

// Network is the coordinate-wise LSTM of the learned rules here: every scalar
// coordinate of a block is a row. Zero fields take the papers' values; optimizee.Nought is a 0.
type Network struct {
	Hidden     int     // hidden units of a layer; default 20
	Layers     int     // default 2
	StateScale float64 // initial states are drawn from N(0, StateScale²) for every run; default 1, as published; ZeroState for 0
	ZeroState  bool    // start from zero states instead, so that a run is not random
	Composed   bool    // float64 throughout, by the readable twin of the fused network

	given func(l nn.LSTM, rows int) nn.State // initial states from a test
}

func (n Network) filled() Network {
	n.Hidden, n.Layers, n.StateScale = cmp.Or(n.Hidden, 20), cmp.Or(n.Layers, 2), cmp.Or(n.StateScale, 1)
	return n
}

// dense is a linear layer on top of the LSTM.
type dense struct {
	name string
	out  int
}

// build is the LSTM with linear layers on top, for so many inputs of a coordinate.
func (n Network) build(in int, layers ...dense) nn.Recurrent {
	head := nn.MLP{Sizes: []int{n.Hidden}}
	for _, l := range layers {
		head.Sizes, head.Names = append(head.Sizes, l.out), append(head.Names, l.name)
	}
	return nn.Recurrent{LSTM: nn.LSTM{In: in, Hidden: n.Hidden, Layers: n.Layers, Composed: n.Composed}, Head: head}
}

// first draws the state of a run over that many coordinates.
func (n Network) first(l nn.LSTM, rows int, rng *rand.Rand) nn.State {
	if n.given != nil {
		return n.given(l, rows)
	}
	if n.ZeroState {
		return l.Zero(rows)
	}
	return l.NormalState(rows, n.StateScale, rng)
}

// check reports settings that make no network, and a missing source of states.
func (n Network) check(name string, rng *rand.Rand) error {
	var errs []error
	if n.Hidden < 1 || n.Layers < 1 || !(n.StateScale >= 0) || math.IsInf(n.StateScale, 1) {
		errs = append(errs, fmt.Errorf("%s: %d layers of %d hidden units with states of scale %g make no network", name, n.Layers, n.Hidden, n.StateScale))
	}
	if rng == nil && !n.ZeroState && n.given == nil {
		errs = append(errs, fmt.Errorf("%s starts from random states: give its rule a *rand.Rand, such as optimizee.Stream(1), or set ZeroState in its config", name))
	}
	return errors.Join(errs...)
}

// rows returns v as one column: a row for each coordinate.
func rows(v ad.Value) ad.Value { return v.Reshape(v.Len(), 1) }
