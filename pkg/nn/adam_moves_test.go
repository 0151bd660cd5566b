package nn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/nn"
)

// TestAdamMovesTheFused: Adam changes parameters in place, and the fused network runs with
// what they are after it, in a run that goes on as well as in a new one.
func TestAdamMovesTheFused(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	net := nn.Recurrent{LSTM: nn.LSTM{In: 2, Hidden: 5, Layers: 2}, Head: nn.MLP{Sizes: []int{5, 1}}}
	th, x := nn.NewParams(), adtest.Random(rng, 7, 2)
	net.Init(th, rng)
	on, grad := net.LSTM.Zero(7), ad.Full(th.Count(), 1, 1).Data
	net.Step(th, x, &on)
	nn.NewAdam(th, th.Names()).Step(th, grad, 0.1)
	other, again := net.LSTM.Zero(7), net.LSTM.Zero(7)
	if d := adtest.Distance(net.Step(th, x, &other).Data, net.Step(th.Clone(), x, &again).Data); d != 0 {
		t.Errorf("a new run differs by %.2g from one with a copy of the parameters", d)
	}
	fresh := net.LSTM.StateOf(on.Values())
	if d := adtest.Distance(net.Step(th, x, &on).Data, net.Step(th.Clone(), x, &fresh).Data); d != 0 {
		t.Errorf("a run that goes on differs by %.2g from one with a copy of the parameters", d)
	}
}
