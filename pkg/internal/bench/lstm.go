package main

import (
	"strconv"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

const (
	wideRows, wideHidden, wideSteps = 100, 500, 10
	// forward, twice as much backward but for the gradient of the input
	lstmFlops = wideSteps * 2 * wideRows * 4 * wideHidden * wideHidden * (3*2*2 - 1)
)

// wideLSTM steps an LSTM of two layers from zero states with the same input in every
// step; the loss is the sum of the means of its outputs.
func wideLSTM() (*job, error) {
	l, theta, rng := nn.LSTM{In: wideHidden, Hidden: wideHidden, Layers: 2}, nn.NewParams(), optimizee.Stream(5)
	l.Init(theta, rng)
	x := nn.Normal(rng, wideRows, wideHidden, 1)
	inputs := nn.NewParams()
	inputs.Set("x", x)
	for _, n := range theta.Names() {
		inputs.Set("theta."+n, theta.At(n))
	}
	var tape ad.Tape
	var live nn.Params
	step := func() float64 {
		tape.Reset()
		live = theta.Watch(&tape)
		state, loss := l.Zero(wideRows), ad.Scalar(0)
		for range wideSteps {
			loss = loss.Add(l.Step(live, x, &state).Sum().Scale(1. / (wideRows * wideHidden)))
		}
		loss.Backward()
		return loss.Item()
	}
	check := func() ([]float64, error) {
		out := []float64{step()}
		for _, n := range live.Names() {
			out = append(out, floats.Norm(live.At(n).Grad(), 2))
		}
		return out, nil
	}
	meta := map[string]string{"hidden": strconv.Itoa(wideHidden), "steps": strconv.Itoa(wideSteps)}
	return &job{inputs: inputs, meta: meta, check: check, run: timed(func() error { step(); return nil }), stop: nothing}, nil
}
