package study

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
)

// Ended are the errors of fresh matrices at the end of runs of learned alternating
// minimisation, as they are kept of a training. It panics where nothing is.
func Ended(training string) []float64 { return ended(training).RMSE }

func ended(training string) recipe.Kept {
	k, err := recipe.Load(training)
	if err != nil {
		panic(err)
	}
	return k
}

// Seeds says one thing of what has [Ended], for a training and each of its repetitions.
func Seeds(training string, of func(errors []float64) float64) (all []float64) {
	for _, name := range recipe.Seeds(training) {
		all = append(all, of(Ended(name)))
	}
	return all
}

// OverALS is F where kept runs ended over where a variant of ALS ends after 50 steps on the
// same matrices of rank 5, the mean of the first n.
func OverALS(ctx context.Context, training string, lambda float64, n int, als optim.Rule) (float64, error) {
	fam := completion.Paper
	fam.Lambda = lambda
	c := trace.Config{Problems: n, Steps: 50, Measure: trace.Value, Streams: recipe.FreshProblems}
	res, err := trace.RaceFamily(ctx, fam, c, trace.Entry{Name: "ALS", Rule: als})
	if err != nil {
		return 0, err
	}
	ratios := res.At("ALS", -1)
	for i, f := range ratios {
		ratios[i] = ended(training).F[i] / f
	}
	return trace.Mean(ratios), nil
}

// Wirings lists how MLAM ends in five wirings, of which the last two are there for two λ:
// notebook mlam/04, Section 1. F is compared with that of ALS with λ lowered.
func Wirings(ctx context.Context) (trace.Table, error) {
	t := trace.Table{Header: []string{"wiring", "λ", "error: 10 %", "median", "90 %", "F over that of ALS"}}
	for _, w := range []struct {
		name, training string
		lambda         float64
	}{
		{"as printed", "mlam-literal-rank5", 1e-3},
		{"GSO", "gso-literal-rank5", 1e-3},
		{"public code, 10×10", "mlam-rows-10x10", 0},
		{"additive", "mlam-rank5-lambda0.1", 0.1},
		{"additive", "mlam-rank5-lambda0.001", 1e-3},
		{"along the gradient", "mlam-pa-rank5-lambda0.1", 0.1},
		{"along the gradient", "mlam-pa-rank5-lambda0.001", 1e-3},
	} {
		row := []string{w.name, trace.Number(w.lambda)}
		for _, q := range []float64{0.1, 0.5, 0.9} {
			row = append(row, trace.Number(trace.Quantile(Ended(w.training), q)))
		}
		ratio := "–"
		if w.lambda > 0 {
			over, err := OverALS(ctx, w.training, w.lambda, 10, completion.ALSLowered(completion.LoweredConfig{}))
			if err != nil {
				return t, err
			}
			ratio = fmt.Sprintf("%.3f", over)
		}
		t.Rows = append(t.Rows, append(row, ratio))
	}
	return t, nil
}

// Spread says where eight of ten numbers lie.
func Spread(v []float64) string {
	q := func(q float64) float64 { return trace.Quantile(v, q) }
	return fmt.Sprintf("median %.2g, 10 to 90 %%: %.2g to %.2g", q(0.5), q(0.1), q(0.9))
}
