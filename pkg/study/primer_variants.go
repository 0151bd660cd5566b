package study

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// A DMVariant is L2O-DM for quadratics with something exchanged, by Primer §2.1 and Table 1.
type DMVariant struct {
	Name     string
	Wiring   learned.Wiring // that of [RawDM] where it is zero
	Loss     learned.Loss
	Family   func(optimizee.Family) optimizee.Family `json:"-"`          // what is changed in the problems of the training, for which Name stands; nil for nothing
	Horizons []int                                   `json:",omitempty"` // of a curriculum
	Imitate  *train.Imitation                        `json:",omitempty"`
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

// DMTricks are the tricks of training that the Primer names in §2.1, one at a time, and all
// of them. Their teacher is an Adam that is good at these problems.
var DMTricks = func() []DMVariant {
	scaling := func(f optimizee.Family) optimizee.Family { return optimizee.RandomScaling(f, 1) }
	addOn := func(f optimizee.Family) optimizee.Family { return optimizee.ConvexAddOn(f, 1) }
	both := func(f optimizee.Family) optimizee.Family { return addOn(scaling(f)) }
	horizons := []int{10, 20, 50, 100}
	adam := &train.Imitation{Teacher: "Adam, 0.1", Rule: optim.Adam(optim.AdamConfig{LR: 0.1}), Chance: []float64{0.3}}
	return []DMVariant{
		{Name: "no trick"},
		{Name: "random scaling", Family: scaling},
		{Name: "convex add-on", Family: addOn},
		{Name: "curriculum", Horizons: horizons},
		{Name: "imitation", Imitate: adam},
		{Name: "all four", Family: both, Horizons: horizons, Imitate: adam},
	}
}()

// Clip shortens the outer gradient to a length of 10. Before training it is a hundred times as
// long, and after it shorter.
var Clip = train.Guard{Above: 10, To: 10}

// Job is its training, short: as many problems as fit into a few seconds. A curriculum takes
// no more steps in all. θ is chosen by F where a run ends.
func (e DMVariant) Job(seed uint64) train.Job {
	w := e.Wiring
	w.Hidden = cmp.Or(w.Hidden, 10)
	if w.Name == "" {
		w = RawDM(w.Hidden)
	}
	c := train.Config{
		Minibatches: 80, Batch: 8, Iterations: 50, Segment: 10, LR: 3e-3, Seed: seed, Loss: e.Loss, Imitate: e.Imitate, Guard: Clip,
		Validation: train.Validation{Problems: 16, Every: 20, Measure: train.AtEnd},
	}
	if e.Horizons != nil {
		c.Minibatches, c.Validation.Every = 24, 8
		c = c.Curriculum(e.Horizons...)
	}
	fam := UnitQuadratics(10, 1)
	if e.Family != nil {
		fam = e.Family(fam)
	}
	return train.Job{Optimizer: learned.CoordinateWise(w), Family: fam, Config: c}
}

// Key is what decides the training, for kept results.
func (e DMVariant) Key() string {
	j := e.Job(1)
	key, err := json.Marshal([]any{e.Name, j.Key()})
	if err != nil { // settings are plain data
		panic(err)
	}
	return string(key)
}

// A Trial is what a trained rule is tried on.
type Trial struct {
	Name   string
	N      int
	Factor float64 // of F
	Units  float64 // of x, at random: exp(±Units); 0 for those of the training
	Steps  int
}

// Trials are the family of the training after 20 and 50 steps, then what it never saw: more
// steps, other units of F and of x, and more unknowns.
var Trials = []Trial{
	{"20 steps", 10, 1, 0, 20},
	{"50 steps", 10, 1, 0, 50},
	{"400 steps", 10, 1, 0, 400},
	{"F × 100", 10, 100, 0, 50},
	{"F / 100", 10, 0.01, 0, 50},
	{"units of x", 10, 1, 1, 50},
	{"n = 20", 20, 1, 0, 50},
}

// TriedOut trains each of them with so many seeds and tries it: rows are exchanges, columns
// [Trials], and a number is the median over 32 fresh problems and all seeds of F over F at
// the start. What is above 1000 counts as that. Trainings so short are at the mercy of rounding:
// between sets of kernels most numbers differ by a few per cent, some by a factor of two, and with
// kernels in plain Go single ones by a hundred.
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
	fam := UnitQuadratics(on.N, on.Factor)
	if on.Units > 0 {
		fam = optimizee.RandomScaling(fam, on.Units)
	}
	res, err := trace.RaceFamily(ctx, fam, c, trace.Entry{Name: o.Name, Rule: o.Rule(th)})
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
// say; each training has as many updates, whose gradients the guard sees. It returns, for each unroll (rows), the median over
// seeds and 32 fresh problems of F over F at the start after each of the tests (columns).
func Dilemma(ctx context.Context, g train.Guard, seeds, updates int, unrolls, tests []int) ([][]float64, error) {
	grid := make([][]float64, len(unrolls))
	for i, unroll := range unrolls {
		samples := make([][]float64, len(tests))
		for s := range seeds {
			j := DMVariant{}.Job(uint64(s) + 1)
			j.Config.Minibatches, j.Config.Iterations, j.Config.Segment, j.Config.Validation = updates, unroll, unroll, train.Validation{}
			j.Config.Guard = g
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
