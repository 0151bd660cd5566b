package study

import (
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// What MLAM's Algorithm 1 leaves open, notebook mlam/02: how the networks are wired, what is
// carried from one inner loop to the next, and how often θ learns.

// A Reading of Algorithm 1 is a way to wire its networks, and what they are trained for.
type Reading struct {
	Name string
	mlam.Config
	Loss learned.Loss
}

func (r Reading) String() string { return r.Name }

// AllReadings are the most literal one, Readings, and the last but one of these with one
// more change.
func AllReadings() []Reading {
	net := func(w learned.Wiring) mlam.Config { return mlam.Config{Wiring: w} }
	literal := net(learned.Wiring{Input: learned.Gradient, OutputScale: 1})
	literal.Redraw, literal.Reset = true, true
	return append(append([]Reading{{"redrawn, literal", literal, learned.Objective}}, Readings()...),
		Reading{"kept, sum of F", mlam.Config{}, learned.Objective},
		Reading{"kept, raw inputs", net(learned.Wiring{Input: learned.Gradient}), learned.LogObjective},
		Reading{"kept, along gradients", net(learned.Wiring{Output: learned.Along}), learned.LogObjective})
}

// Readings say what goes on in the next inner loop, the variables or the memory, and which
// way the credit takes.
func Readings() []Reading {
	return []Reading{
		{"redrawn, reset", mlam.Config{Redraw: true, Reset: true}, learned.LogObjective},
		{"redrawn, carried", mlam.Config{Redraw: true}, learned.LogObjective},
		{"kept, reset", mlam.Config{Reset: true}, learned.LogObjective},
		{"kept, carried", mlam.Config{}, learned.LogObjective},
		{"kept, through inputs", mlam.Config{Wiring: learned.Wiring{Through: true}}, learned.LogObjective},
	}
}

// Short is the training of them all: 60 problems, T = 20, t_out = 10, clipped gradients.
var Short = train.Config{
	Minibatches: 30, Batch: 2, Iterations: 20, Segment: 10, LR: 5e-3, Seed: 1, Loss: learned.LogObjective,
	Validation: train.Validation{Problems: 4, Every: 5}, Guard: train.Guard{Above: 1, To: 1},
}

// Jump is the mean change from one value of a curve to the next, over its second half.
func Jump(c trace.Curve) (sum float64) {
	half := c.Y[len(c.Y)/2:]
	for i := range half[1:] {
		sum += math.Abs(half[i+1]-half[i]) / float64(len(half)-1)
	}
	return sum
}

// Credit is who learns from whom in an accumulated loss: the norm of ∂F_j/∂θ_i in row i
// and column j, where F_j is the value after outer step j, and θ_i a copy of θ that works in
// outer step i alone. All is on one problem, from one θ that nobody trained.
func Credit(c mlam.Config, fam optimizee.Family, steps int) ([][]float64, error) {
	c.Composed = true
	o, p, grid := mlam.MLAM(c), fam.Draw(optimizee.Stream(seed, 3)), make([][]float64, steps)
	th := o.First(optimizee.Stream(seed, 4))
	for i := range grid {
		grid[i] = make([]float64, steps)
	}
	for j := range steps {
		var tape ad.Tape
		live, x, copies := th.Clone(), p.Start, []nn.Params{}
		step, err := o.Rule(live)(p, optimizee.Stream(seed, 5))
		if err != nil {
			return nil, err
		}
		for range j + 1 {
			mine := th.Watch(&tape)
			for _, name := range mine.Names() {
				live.Set(name, mine.At(name))
			}
			copies, x = append(copies, mine), step(x)
		}
		p.Value(x).Backward()
		for i, mine := range copies {
			for _, name := range mine.Names() {
				for _, g := range mine.At(name).Grad() {
					grid[i][j] += g * g
				}
			}
			grid[i][j] = math.Sqrt(grid[i][j])
		}
	}
	return grid, nil
}

// Past is the share of the credit that goes to steps before the one whose F is
// differentiated.
func Past(credit [][]float64) float64 {
	all, past := 0.0, 0.0
	for i, row := range credit {
		for j, g := range row {
			if all += g; i < j {
				past += g
			}
		}
	}
	return past / all
}
