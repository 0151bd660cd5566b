package recipe

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/train"
)

// Figure4 is a small version of MLAM Fig. 4: 25 trainings, for t_in and t_out from 1 to 20, on
// completions of 40×40 and rank 2, each measured by the mean RMSE of 16 fresh problems
// after as many outer steps as it trained for.
func Figure4() train.Sweep {
	fam := completion.Family{Rows: 40, Cols: 40, Rank: 2, Observe: 0.2, Lambda: 0.1}
	c := train.MLAM
	c.Minibatches, c.Iterations, c.Validation, c.LR, c.Halve = 15, 20, train.Validation{}, 3e-3, 5
	of := func(inner int) learned.Optimizer { return mlam.MLAM(mlam.Config{Inner: inner}) }
	steps := []int{1, 2, 5, 10, 20}
	return train.Sweep{
		Name: "mlam-figure4", Key: []any{fam, c, of(1).Config}, Inner: steps, Outer: steps,
		Cell: train.TrainingCell(of, fam, c, func(r optim.Rule) (float64, error) {
			rmse, err := Completer{Name: "MLAM", Rule: r, Steps: c.Iterations}.Complete(context.Background(), fam, 16)
			var sum float64
			for _, e := range rmse {
				sum += e
			}
			return sum / float64(len(rmse)), err
		}),
	}
}

// SweepResult is the sweep with the cells that are kept of it; others are computed.
func SweepResult(ctx context.Context, s train.Sweep) (train.SweepResult, error) {
	dir, err := os.MkdirTemp("", "l2o-sweep")
	if err != nil {
		return train.SweepResult{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover does no harm
	if data, err := tables.ReadFile("tables/" + s.Name + ".json"); err == nil {
		s.File = filepath.Join(dir, s.Name+".json")
		if err := atomicfile.Write(s.File, data); err != nil {
			return train.SweepResult{}, fmt.Errorf("recipe: %w", err)
		}
	}
	return s.Run(ctx)
}
