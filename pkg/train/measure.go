package train

import (
	"context"

	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// validation is the value of θ on the fixed problems: by the measure where there is one,
// else the loss over whole runs.
func (t *training) validation(ctx context.Context) (float64, error) {
	v, iterations := t.c.Validation, t.c.horizon(t.phases, t.phase)
	values, parts := make([]float64, v.Problems), make([]trace.Part, v.Problems) // of each problem
	measured := v.Measure.Of != nil || v.Measure.Parts != nil
	judge := func(_, i int) error {
		p, err := drawn(t.fam, optimizee.Stream(t.c.Seed, forValidation, uint64(i)))
		if err != nil {
			return err
		}
		step, err := t.o.Rule(t.Last)(p, optimizee.Stream(t.c.Seed, forValidationState, uint64(i)))
		if err != nil {
			return err
		}
		k := 0
		for _, x := range optim.Steps(step, p.Start) {
			if err := ctx.Err(); err != nil {
				return err
			}
			switch last := k == iterations; {
			case v.Measure.Of != nil && last:
				values[i] = v.Measure.Of(p, x)
			case v.Measure.Parts != nil && last:
				parts[i] = trace.Total(v.Measure.Parts(p, x))
			case measured || k == 0:
			case !t.c.Loss.Last:
				values[i] += t.c.Loss.At(k, p, x).Item() / float64(iterations)
			case last:
				values[i] = t.c.Loss.At(k, p, x).Item()
			}
			if k++; k > iterations {
				break
			}
		}
		return nil
	}
	if err := par.Until(ctx, func() error { return par.Each(ctx, 0, v.Problems, judge) }); err != nil {
		return 0, err
	}
	if v.Measure.Parts == nil {
		return trace.Mean(values), nil
	}
	return v.Measure.Ratio(trace.Total(parts)), nil
}
