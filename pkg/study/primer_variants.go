package study

import (
	"cmp"
	"context"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// A DMVariant is L2O-DM for quadratics with something exchanged, by Primer §2.1 and Table 1.
type DMVariant struct {
	Name   string
	Wiring learned.Wiring // that of [RawDM] where it is zero
	Loss   learned.Loss
	Phases []train.Phase `json:",omitempty"`
}

// RawDM is L2O-DM for quadratics with so many hidden units in each of two layers: it sees
// the gradient, and its output is the update.
func RawDM(hidden int) learned.Wiring {
	return learned.Wiring{Name: "L2O-DM", Network: learned.Network{Hidden: hidden, ZeroState: true}, Input: learned.Gradient, Output: learned.Additive, OutputScale: 1}
}

// DMVariants are the published rule for quadratics, small, and six with one part exchanged.
var DMVariants = func() []DMVariant {
	wired := func(change func(w *learned.Wiring)) learned.Wiring {
		w := RawDM(10)
		change(&w)
		return w
	}
	return []DMVariant{
		{Name: "as published"},
		{Name: "input: log and sign", Wiring: wired(func(w *learned.Wiring) { w.Input = learned.LogAndSign })},
		{Name: "input: as Adam's", Wiring: wired(func(w *learned.Wiring) { w.Input = learned.Normalised })},
		{Name: "output: tanh", Wiring: wired(func(w *learned.Wiring) { w.Output = learned.Tanh })},
		{Name: "loss: last step", Loss: learned.Objective.AtEnd()},
		{Name: "loss: logarithm", Loss: learned.LogObjective},
	}
}()

// Job is its training, short: as many problems as fit into a few seconds.
func (e DMVariant) Job(seed uint64) train.Job {
	w := e.Wiring
	w.Hidden = cmp.Or(w.Hidden, 10)
	if w.Name == "" {
		w = RawDM(w.Hidden)
	}
	return train.Job{Optimizer: learned.CoordinateWise(w), Family: UnitQuadratics(10, 1), Config: train.Config{
		Minibatches: 80, Batch: 8, Iterations: 50, Segment: 10, LR: 3e-3, Seed: seed, Loss: e.Loss, Phases: e.Phases,
		Validation: train.Validation{Problems: 16, Every: 20, Measure: trace.Value},
	}}
}

// A Trial is what a trained rule is tried on.
type Trial struct {
	Name   string
	N      int
	Factor float64 // of F
	Steps  int
}

// Trials are the family of the training after 20 and 50 steps, then what it never saw: more
// steps, other units of F, and more unknowns.
var Trials = []Trial{
	{"20 steps", 10, 1, 20},
	{"50 steps", 10, 1, 50},
	{"400 steps", 10, 1, 400},
	{"F × 100", 10, 100, 50},
	{"F / 100", 10, 0.01, 50},
	{"n = 20", 20, 1, 50},
}

// TriedOut trains each of them with so many seeds and tries it: rows are exchanges, columns
// [Trials], and a number is the median over 32 fresh problems and all seeds of F over F at
// the start. What is above 1000 counts as that.
func TriedOut(ctx context.Context, seeds int, exchanges ...DMVariant) ([][]float64, error) {
	grid := make([][]float64, len(exchanges))
	for i, e := range exchanges {
		samples := make([][]float64, len(Trials))
		for s := range seeds {
			j := e.Job(uint64(s) + 1)
			r, err := j.Run(ctx)
			if err != nil {
				return nil, err
			}
			for t, on := range Trials {
				left, err := leftOver(ctx, j.Optimizer, r.Theta, on)
				if err != nil {
					return nil, err
				}
				samples[t] = append(samples[t], left...)
			}
		}
		for _, v := range samples {
			grid[i] = append(grid[i], min(trace.Median(v), 1000))
		}
	}
	return grid, nil
}

// leftOver is F over F at the start after a trial, for each of its problems.
func leftOver(ctx context.Context, o learned.Optimizer, th nn.Params, on Trial) (left []float64, err error) {
	c := trace.Config{Problems: 32, Steps: on.Steps, Seed: seed + 20, Measure: trace.Value}
	res, err := trace.RaceFamily(ctx, UnitQuadratics(on.N, on.Factor), c, trace.Entry{Name: o.Name, Rule: o.Rule(th)})
	if err != nil {
		return nil, err
	}
	start := res.At(o.Name, 0)
	for i, f := range res.At(o.Name, on.Steps) {
		if !(f < 1000*start[i]) { // also where it is no number
			f = 1000 * start[i]
		}
		left = append(left, f/start[i])
	}
	return left, nil
}

// Dilemma trains with unrolls of so many steps, all of them one segment, as often as seeds
// say; each training has as many updates. It returns, for each unroll (rows), the median over
// seeds and 32 fresh problems of F over F at the start after each of the tests (columns).
func Dilemma(ctx context.Context, seeds, updates int, unrolls, tests []int) ([][]float64, error) {
	grid := make([][]float64, len(unrolls))
	for i, unroll := range unrolls {
		samples := make([][]float64, len(tests))
		for s := range seeds {
			j := DMVariant{}.Job(uint64(s) + 1)
			j.Config.Minibatches, j.Config.Iterations, j.Config.Segment, j.Config.Validation = updates, unroll, unroll, train.Validation{}
			r, err := j.Run(ctx)
			if err != nil {
				return nil, err
			}
			for t, steps := range tests {
				left, err := leftOver(ctx, j.Optimizer, r.Theta, Trial{N: 10, Factor: 1, Steps: steps})
				if err != nil {
					return nil, err
				}
				samples[t] = append(samples[t], left...)
			}
		}
		for _, v := range samples {
			grid[i] = append(grid[i], trace.Median(v))
		}
	}
	return grid, nil
}
