package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// L2O-DM on the network of its paper: 15,910 coordinates, 100 steps in segments of 20.
const (
	dmSteps, dmSegment, dmBatch = 100, 20, 128
	dmScale                     = 0.01 // of the outputs
	dmWeights                   = 784*20 + 20 + 20*10 + 10
	saturated                   = -1 // where sums of 60 lit pixels give σ(−60)
	// of a rollout: the network forward and twice that back, for all weights and steps, and
	// the three products of back-propagation
	dmFlops = dmSteps * (3*2*dmWeights*(80*(22+40)+20) + 3*2*dmBatch*(784*20+20*10))
)

// dmData is one problem for each of the rollouts that run at a time, and first parameters.
type dmData struct {
	problems      []*optimizee.Problem
	theta, inputs nn.Params
	meta          map[string]string
}

// newDM draws problems whose weights begin at N(from, 0.1²): at 0, or so far below that all
// units are saturated, and the gradients of most weights so small that float32 has no normal
// numbers for them.
func newDM(together int, from float64) *dmData {
	w, y := digits(optimizee.Stream(3), 1000)
	fam := neural.Family{Network: neural.PaperMLP, Samples: w, Labels: y, Name: "images", Batch: dmBatch, Scale: 0.1}
	d := &dmData{theta: dm(true).First(optimizee.Stream(1)), inputs: nn.NewParams(), meta: map[string]string{
		"together": strconv.Itoa(together), "steps": strconv.Itoa(dmSteps), "segment": strconv.Itoa(dmSegment), "scale": fmt.Sprint(dmScale), "lr": fmt.Sprint(dmRate), "still": fmt.Sprint(dmStill),
	}}
	var ws, ys, xs []float64
	for i := range uint64(together) {
		p := fam.Draw(optimizee.Stream(2, i))
		data := p.Data.(*neural.Data)
		p = neural.Problem(fam.Network, p.Start.X().Shift(from), data.Samples, data.Labels)
		ws, ys, xs = append(ws, data.Samples.Data...), append(ys, data.Labels.Data...), append(xs, p.Start.X().Data...)
		d.problems = append(d.problems, p)
	}
	d.inputs.Set("images", ad.New(together*dmBatch, 784, ws))
	d.inputs.Set("labels", ad.New(together, dmBatch, ys))
	d.inputs.Set("start", ad.New(together, dmWeights, xs))
	for _, n := range d.theta.Names() {
		d.inputs.Set("theta."+n, d.theta.At(n))
	}
	return d
}

// digits draws images of ten classes that are as dark as those of MNIST, where 19 % of the
// pixels are lit and those at the edge never.
func digits(rng *rand.Rand, n int) (w, y ad.Value) {
	w, y = ad.New(n, 784, nil), ad.New(n, 1, nil)
	var lit [10][784]bool
	for c := range lit {
		for range 200 {
			lit[c][28*(4+rng.IntN(20))+4+rng.IntN(20)] = true
		}
	}
	for i := range n {
		c := rng.IntN(10)
		y.Data[i] = float64(c)
		for j, on := range lit[c] {
			if on && rng.Float64() < 0.9 {
				w.Data[i*784+j] = rng.Float64()
			}
		}
	}
	return w, y
}

func dm(zero bool) learned.Optimizer {
	return learned.DM(learned.DMConfig{OutputScale: dmScale, Network: learned.Network{ZeroState: zero}})
}

// dmRate is that of the updates whose results are compared; in the rounds that are timed
// θ all but stays, so that all of them do the same.
const dmRate, dmStill = 1e-2, 1e-12

// dmTraining is a training of L2O-DM that stands still between two minibatches. A unit is a
// minibatch.
func dmTraining(together int, from float64) (*job, error) {
	d := newDM(together, from)
	fam := inTurn("the same networks for all", d.problems)
	config := func(rate float64) train.Config {
		return train.Config{
			Minibatches: 1, Batch: together, Iterations: dmSteps, Segment: dmSegment, LR: rate, Seed: 1,
			Guard: train.Guard{Above: math.MaxFloat64, To: 1}, Start: d.theta,
		}
	}
	next, stop := standing(dm(false), fam, config(dmStill))
	check := func() ([]float64, error) { return losses(dm(true), fam, config(dmRate)) }
	return &job{inputs: d.inputs, meta: d.meta, check: check, run: timed(next), stop: stop}, nil
}
