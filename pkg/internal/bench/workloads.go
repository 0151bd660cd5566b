package main

import (
	"fmt"
	"time"

	"github.com/l2olab/l2o/pkg/nn"
)

// A workload is something to measure.
type workload struct {
	name, what string
	aim        float64 // of the ratio to the best peer; 0 for none
	against    string  // compared with this one of ours instead
	units      int     // of work in a round; times are given for one
	flops      float64 // of a unit
	tolerance  float64 // between the results of both sides, relative
	make       func() (*job, error)
}

// A job is a workload with its data.
type job struct {
	inputs nn.Params         // what the peer is given
	meta   map[string]string // numbers for the peer
	// check computes the numbers that both sides compare.
	check func() ([]float64, error)
	// run does that many units and returns the time that counts.
	run  func(units int) (time.Duration, error)
	stop func()
}

var workloads = []workload{
	{name: "l2opa-train", what: "L2O-PA: a minibatch of 64 Lasso problems 250×500, 5 segments of 20 iterations, Adam", aim: 7, units: 1, flops: trainFlops, tolerance: 1e-3, make: paTraining},
	{name: "l2opa-infer", what: "L2O-PA: an iteration on 64 Lasso problems 250×500", aim: 4, units: 20, flops: inferFlops, tolerance: 1e-3, make: paInference},
	{name: "listacp-train-128", what: "LISTA-CP: a training step, 16 layers 250×500, 128 instances", aim: 1.2, units: 10, flops: listaFlops(128), tolerance: 1e-3, make: func() (*job, error) { return listaTraining(128) }},
	{name: "listacp-train-512", what: "LISTA-CP: the same with 512 instances", aim: 1.2, units: 4, flops: listaFlops(512), tolerance: 1e-3, make: func() (*job, error) { return listaTraining(512) }},
	{name: "lstm500", what: "LSTM of 2×500 units: 10 steps forward and backward, 100 rows", aim: 1.2, units: 4, flops: lstmFlops, tolerance: 1e-3, make: wideLSTM},
	{name: "em-500", what: "Gaussian mixture: an EM iteration, 500 points in 2 dimensions, 4 components, float64", aim: 4, units: 500, tolerance: 1e-9, make: func() (*job, error) { return clustering(500, 2, 4) }},
	{name: "em-10000", what: "Gaussian mixture: an EM iteration, 10,000 points in 64 dimensions, 8 components, float64", aim: 4, units: 4, flops: 4 * 10000 * 8 * 64 * 64, tolerance: 1e-9, make: func() (*job, error) { return clustering(10000, 64, 8) }},
	{name: "fista", what: "FISTA: an iteration on a Lasso problem 250×500, float64", aim: 2.5, units: 20000, flops: 4 * 250 * 500, tolerance: 1e-9, make: fista},
	rollouts("dm-mlp-train", 1, 0), rollouts("dm-mlp-train-4", 4, 0),
	rollouts("dm-mlp-train-saturated", 1, saturated), rollouts("dm-mlp-train-saturated-4", 4, saturated),
	toGoal("minus30-hyperlista", "HyperLISTA", shipped("hyperlista-recovery-250x500")),
	toGoal("minus30-alista", "ALISTA", shipped("alista-recovery-250x500")),
	toGoal("minus30-amp", "approximate message passing, no training,", amp),
}

// rollouts is the training of L2O-DM on networks, so many at a time. A unit is a rollout of
// each of them.
func rollouts(name string, together int, from float64) workload {
	what := fmt.Sprintf("L2O-DM: a minibatch of %d networks of 15,910 weights from N(%g, 0.1²), 100 steps in segments of 20, Adam", together, from)
	return workload{name: name, what: what, aim: 4, units: 1, flops: float64(together * dmFlops), tolerance: 1e-5, make: func() (*job, error) { return dmTraining(together, from) }}
}

// opponents are the workloads that ours meet in a process of the peer.
var opponents = []workload{{name: "fista-to-goal", what: "our FISTA with the best λ", units: 5, make: fistaToGoal}}

// timed is the run of a job that has nothing to prepare.
func timed(f func() error) func(units int) (time.Duration, error) {
	return func(units int) (time.Duration, error) {
		start := time.Now()
		for range units {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
}

func nothing() {}
