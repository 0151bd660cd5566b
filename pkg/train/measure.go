package train

import (
	"context"
	"math"

	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
)

// A Measure judges where the runs of a validation end, lower being better. Over all
// problems it is Scale(Σ num/Σ den). The name stands for the functions in keys and
// checkpoints.
type Measure struct {
	Name  string
	Of    func(p *optimizee.Problem, x optimizee.Point) (num, den float64) `json:"-"`
	Scale func(ratio float64) float64                                      `json:"-"` // nil for the ratio itself
}

// NMSE is that of sparse recovery in dB, as the ratio of sums over all signals
// (sparse.Errors). The problems have to know their Truth.
var NMSE = Measure{
	Name: "NMSE in dB",
	Of: func(p *optimizee.Problem, x optimizee.Point) (num, den float64) {
		var e sparse.Errors
		e.Add(x.X(), p.Truth.X())
		return e.Sums()
	},
	Scale: func(ratio float64) float64 { return 10 * math.Log10(ratio) },
}

// validation is the value of θ on the fixed problems: by the measure where there is one,
// else the loss over whole runs.
func (t *training) validation(ctx context.Context) (float64, error) {
	v, iterations := t.c.Validation, t.phases[t.phase].Iterations
	nums, dens := make([]float64, v.Problems), make([]float64, v.Problems)
	if err := par.Each(ctx, 0, v.Problems, func(_, i int) error {
		p := t.fam.Draw(optimizee.Stream(t.c.Seed, forValidation, uint64(i)))
		step, err := t.o.Rule(t.Last)(p, optimizee.Stream(t.c.Seed, forValidationState, uint64(i)))
		if err != nil {
			return err
		}
		k := 0
		for _, x := range optim.Steps(step, p.Start) {
			switch last := k == iterations; {
			case v.Measure.Of != nil && last:
				nums[i], dens[i] = v.Measure.Of(p, x)
			case v.Measure.Of != nil || k == 0:
			case !t.c.Loss.Last:
				nums[i] += t.c.Loss.At(k, p, x).Item() / float64(iterations)
			case last:
				nums[i] = t.c.Loss.At(k, p, x).Item()
			}
			if k++; k > iterations {
				break
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	if v.Measure.Of == nil {
		return mean(nums), nil
	}
	ratio := sum(nums) / sum(dens)
	if v.Measure.Scale != nil {
		return v.Measure.Scale(ratio), nil
	}
	return ratio, nil
}

func sum(xs []float64) (s float64) {
	for _, x := range xs {
		s += x
	}
	return s
}

func mean(xs []float64) float64 { return sum(xs) / float64(len(xs)) }
