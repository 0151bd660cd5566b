package study

import (
	"context"
	"encoding/json"
	"math"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// ToyLayers is the depth of the networks that are trained while one reads, at 50×100.
const ToyLayers = 8

// Toy is a small network of the LISTA line with the first thresholds of ISTA for a λ, and
// with a W₁ in each layer of LISTA.
func Toy(lambda float64) lista.Config {
	return lista.Config{Dictionary: sparse.SmallRecovery.Dictionary, Layers: ToyLayers, Lambda: lambda, FreeInput: true}
}

// ToyNetworks are the networks by their names.
var ToyNetworks = map[string]func(lista.Config) learned.Optimizer{"LISTA": lista.LISTA, "LISTA-CP": lista.CP, "LISTA-CPSS": lista.CPSS}

var (
	toyStart = 0.4                         // λ of the first thresholds
	toyRates = []float64{5e-3, 1e-3, 1e-4} // of what is new, of all layers so far, and again
)

// ToyKey is what decides the toy trainings, as the key of a kept result.
func ToyKey() string {
	key, err := json.Marshal([]any{toySteps(0), toyRates, toyStart})
	if err != nil { // settings are plain data
		panic(err)
	}
	return string(key)
}

// toySteps are the settings of all trainings, 128 fresh signals in a step; draw tells
// repetitions apart.
func toySteps(draw uint64) train.Config {
	return train.Config{
		Minibatches: 150, Batch: 2, Loss: learned.Distance.AtEnd(), Seed: 118 + 1000*draw,
		Validation: train.Validation{Problems: 4, Every: 50, Patience: 2, Measure: trace.NMSE},
	}
}

// fast is a network to train, with products in float32.
func fast(name string) learned.Optimizer {
	u := Toy(toyStart)
	u.Single = true
	return ToyNetworks[name](u)
}

// grow trains layer by layer, and tells what it sees of θ after each depth.
func grow(ctx context.Context, o learned.Optimizer, th nn.Params, c train.Config, see func(nn.Params)) (nn.Params, error) {
	see(th)
	for depth := range ToyLayers {
		c.Phases = train.LayerWise(ToyLayers, toyRates...)[3*depth : 3*depth+3]
		c.Start, c.Seed = th, c.Seed+1
		got, err := train.Run(ctx, o, sparse.SmallRecovery, c)
		if err != nil {
			return th, err
		}
		th = got.Theta
		see(th)
	}
	return th, nil
}

// GrowToy trains a network layer by layer from its usual start.
func GrowToy(ctx context.Context, name string) (nn.Params, error) {
	o := fast(name)
	return grow(ctx, o, o.First(optimizee.Stream(118)), toySteps(0), func(nn.Params) {})
}

// ToyAtOnce trains all layers of a network at once, in as many multiplications as
// [GrowToy] and with two rates, and returns the better θ.
func ToyAtOnce(ctx context.Context, name string) (best nn.Params, _ error) {
	c, value := toySteps(0), math.Inf(1)
	c.Minibatches = c.Minibatches * (ToyLayers + 1) / 2
	c.Validation.Every, c.Validation.Patience = 75, 9 // each phase takes all its steps
	for _, factor := range []float64{1, 3} {
		c.Phases = train.EndToEnd(ToyLayers, toyRates[0]*factor, toyRates[1]*factor, toyRates[2]*factor)
		got, err := train.Run(ctx, fast(name), sparse.SmallRecovery, c)
		if err != nil {
			return best, err
		}
		if got.Best < value {
			best, value = got.Theta, got.Best
		}
	}
	return best, nil
}

// Noisy adds N(0, σ²) to each number of each W₂.
func Noisy(th nn.Params, sigma float64, draw uint64) nn.Params {
	rng := optimizee.Stream(118, 3, draw)
	return th.Map(func(name string, v ad.Value) ad.Value {
		if !strings.HasSuffix(name, "W2") {
			return v
		}
		return v.Add(optimizee.Gaussian(rng, v.R, v.C).Scale(sigma))
	})
}

// A Coupling is what trainings of LISTA show of Theorem 1 of Chen et al. (2018).
type Coupling struct {
	Theta nn.Params     // of the training from ISTA
	Gaps  [][][]float64 // of each training: after each depth, ‖I − W₁A − W₂‖₂ of each layer from the second on; that from ISTA comes first
}

// FromNoise trains LISTA from ISTA, which is coupled, and three times from noise in W₂.
func FromNoise(ctx context.Context) (c Coupling, err error) {
	o := fast("LISTA")
	for i := range uint64(4) {
		var seen [][]float64
		th := o.First(optimizee.Stream(118))
		if i > 0 {
			th = Noisy(th, 0.03, i)
		}
		if th, err = grow(ctx, o, th, toySteps(i), func(th nn.Params) { seen = append(seen, lista.Gaps(th, sparse.SmallRecovery.Dictionary.A())) }); err != nil {
			return c, err
		}
		if c.Gaps = append(c.Gaps, seen); i == 0 {
			c.Theta = th
		}
	}
	return c, nil
}

// After draws the gap of each layer after so many were trained: from noise, then from ISTA.
func (c Coupling) After(depth int) []trace.Curve {
	at, noise := trace.Grid(2, ToyLayers, ToyLayers-1, false), make([][]float64, ToyLayers-1)
	for i := range noise {
		for _, g := range c.Gaps[1:] {
			noise[i] = append(noise[i], g[depth][i])
		}
	}
	return []trace.Curve{trace.Band("LISTA, from noise in W₂", at, noise), {Name: "LISTA, from ISTA", X: at, Y: c.Gaps[0][depth]}}
}
