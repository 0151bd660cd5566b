package recipe

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// lowestParticle is F where L2O-Swarm ends on one point.
var lowestParticle = trace.Measure{Name: "F of the lowest particle", Of: func(p *optimizee.Problem, x optimizee.Point) float64 {
	lowest := math.Inf(1)
	for _, f := range p.Data.(*optimizee.PopulationData).Each(x).Data {
		lowest = min(lowest, f)
	}
	return lowest
}}

// swarming is the training of L2O-Swarm with the published 100 steps in segments of 20, on
// 1,000 problems or so of the published 10,000 minibatches of 128: longer ones were not
// tried. The entropy has 100 samples, not 1,000; it weighs so little that this makes no
// difference, and else takes three quarters of the time.
func swarming(name, about string, fam optimizee.Family, c learned.SwarmConfig, minibatches int) Recipe {
	r := Recipe{
		Name: "l2oswarm-" + name, About: about, Optimizer: learned.Swarm(c), Family: c.Family(fam),
		Train: train.Config{
			Minibatches: minibatches, Batch: 16, Iterations: 100, Segment: 20, LR: 1e-3, Seed: 1,
			Loss:       learned.SwarmLoss(learned.EntropyConfig{Samples: 100}),
			Validation: train.Validation{Problems: 128, Every: 20, Measure: lowestParticle},
		},
	}
	r.Limits = fmt.Sprintf("Trained for 100 steps on %d problems, of the published 1,280,000 a thousandth.", 16*minibatches)
	return r
}

// swarms lists the trainings of L2O-Swarm: on the Rastrigin functions of the Primer with
// settings that learn in few minibatches, and with the published ones on what the public
// code has in their place.
func swarms() []Recipe {
	var all []Recipe
	for _, m := range []struct{ n, minibatches int }{{2, 80}, {10, 60}} {
		c := learned.SwarmConfig{Dim: m.n, Spread: 1, OutputScale: 0.1}
		about := fmt.Sprintf("L2O-Swarm on Rastrigin functions of %d numbers, with particles as far from each other as starts are from 0", m.n)
		r := swarming(fmt.Sprintf("rastrigin-%d", m.n), about, optimizee.RastriginSpec{N: m.n}, c, m.minibatches)
		r.Limits += " It comes to rest within tens of steps; restarts of Adam at as many oracle calls are slower at first and end lower."
		r.Train.LR, r.Train.Guard = 3e-3, train.Guard{Above: 1, To: 1}
		all = append(all, r)
	}
	r := swarming("squarecos-2", "L2O-Swarm with its published settings on the squared cosines of its public code", optimizee.SquareCosSpec{N: 2}, learned.SwarmConfig{Dim: 2}, 80)
	r.Limits += " Its particles start within 0.01 of each other, and it ends where Adam does from there, sooner; restarts of Adam 1 apart end lower."
	return append(all, r)
}
