package main

import (
	"context"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

const (
	goal      = -30.0 // dB, the ratio of sums
	goalSets  = 4     // of 64 signals, on which steps to the goal are counted
	goalLimit = 200   // of steps
)

// toGoal is a way from nothing to the goal, compared with that of our own FISTA. The
// data are those of the talk: 250 measurements of sparse signals with 500 entries, no
// noise. A unit is a problem of 64 signals from its start through as many steps as the
// goal takes; what is computed once for a dictionary, such as W of ALISTA, is not in it.
func toGoal(name, what string, rule func() (optim.Rule, error)) workload {
	return workload{
		name: name, what: "sparse recovery: " + what + " to −30 dB, 64 signals 250×500; peer: our FISTA with the best λ", against: "fista-to-goal",
		units: 20, tolerance: 1e-9, make: func() (*job, error) {
			r, err := rule()
			if err != nil {
				return nil, err
			}
			return arrive(r, sparse.TalkRecovery)
		},
	}
}

// shipped is the rule of weights that ship.
func shipped(name string) func() (optim.Rule, error) {
	return func() (optim.Rule, error) { return weights.Rule(name), nil }
}

// amp is approximate message passing, LAMP before any training, with its threshold
// tuned on signals of this law, in notebooks/lista/02-coupling-and-support.
func amp() (optim.Rule, error) {
	o := lista.LAMP(lista.Config{Dictionary: sparse.TalkRecovery.Dictionary, PlainStart: true, Lambda: 1.1, Layers: 2, Single: true})
	th := o.First(optimizee.Stream(1))
	return o.Rule(th), nil
}

// fistaToGoal is FISTA with the λ that needs the fewest steps.
func fistaToGoal() (*job, error) {
	best, fewest := sparse.TalkRecovery, goalLimit
	for _, lambda := range []float64{0.008, 0.01, 0.0125, 0.015, 0.02} {
		s := sparse.TalkRecovery
		s.Lambda = lambda
		if k, err := stepsToGoal(optim.FISTA, s); err == nil && k <= fewest {
			best, fewest = s, k
		}
	}
	return arrive(optim.FISTA, best)
}

// arrive is the job of going to the goal. Both sides agree in having come there.
func arrive(rule optim.Rule, s sparse.Recovery) (*job, error) {
	steps, err := stepsToGoal(rule, s)
	if err != nil {
		return nil, err
	}
	p := toTheGoal.Problem(s, 0)
	once := func() error {
		step, err := rule(p, optimizee.Stream(1))
		if err != nil {
			return err
		}
		for x, k := p.Start, 0; k < steps; k++ {
			x = step(x)
		}
		return nil
	}
	return &job{check: func() ([]float64, error) { return []float64{goal}, once() }, run: timed(once), stop: nothing}, nil
}

// toTheGoal has sets of signals of a stream that no training draws from.
var toTheGoal = trace.Config{Problems: goalSets, Steps: goalLimit, Measure: trace.NMSE, Streams: func(set int) (problem, state *rand.Rand) {
	return optimizee.Stream(8, 1<<32, uint64(set)), optimizee.Stream(1)
}}

// stepsToGoal counts the steps after which all sets together are at the goal.
func stepsToGoal(rule optim.Rule, s sparse.Recovery) (int, error) {
	const way = "way"
	res, err := trace.RaceFamily(context.Background(), s, toTheGoal, trace.Entry{Name: way, Rule: rule})
	if err != nil {
		return 0, err
	}
	k := res.First(way, goal)
	return k, check.That(k >= 0, "it does not come to %g dB in %d steps", goal, goalLimit)
}
