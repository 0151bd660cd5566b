package study

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// Bowl is F = ½xᵀQx in two numbers, with curvatures 1 and 1/κ along axes turned by an angle.
func Bowl(kappa, angle float64, start ad.Value) *optimizee.Problem {
	sin, cos := math.Sincos(angle)
	low := 1 / kappa
	q := ad.New(2, 2, []float64{cos*cos + low*sin*sin, cos * sin * (1 - low), cos * sin * (1 - low), sin*sin + low*cos*cos})
	p := optimizee.QuadraticForm(linear.Dense(q), ad.Col(0, 0))
	p.Start = optimizee.X(start)
	return p
}

// Bowls are what the learned rule of the playground was trained on: κ from 1 to 30, every
// direction, and starts in a square.
var Bowls = optimizee.FamilyFunc("bowls in two numbers, κ from 1 to 30", func(rng *rand.Rand) *optimizee.Problem {
	kappa, angle := math.Pow(30, rng.Float64()), math.Pi*rng.Float64()
	return Bowl(kappa, angle, optimizee.Uniform(rng, 2, 1).Shift(-0.5).Scale(3))
})

// Stepper is L2O-DM for [Bowls], with ten hidden units in each layer. It sees the logarithm
// and the sign of a slope and its loss is ln F, so that it goes on where F is small.
var Stepper = train.Job{
	Optimizer: learned.CoordinateWise(learned.Wiring{
		Name: "L2O-DM", Network: learned.Network{Hidden: 10, ZeroState: true}, Input: learned.LogAndSign, Output: learned.Additive, OutputScale: 1,
	}),
	Family: Bowls,
	Config: train.Config{
		Minibatches: 1200, Batch: 16, Iterations: 40, Segment: 20, LR: 1e-2, Halve: 500, Seed: 1, Loss: learned.LogObjective,
		Validation: train.Validation{Problems: 128, Every: 100},
	},
}
