package recipe

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// Figure4Steps are the t_in, and the t_out, of [Figure4].
var Figure4Steps = []int{1, 2, 5, 10, 20}

// Figure4 is a small version of MLAM Fig. 4: 25 trainings, for t_in and t_out from 1 to 20, on
// completions of 40×40 and rank 2, each measured by the mean RMSE of 16 fresh problems
// after as many outer steps as it trained for.
func Figure4() train.Sweep {
	fam := completion.Family{Rows: 40, Cols: 40, Rank: 2, Observe: 0.2, Lambda: 0.1}
	c := train.MLAM
	c.Minibatches, c.Iterations, c.Validation, c.LR, c.Halve = 15, 20, train.Validation{}, 3e-3, 5
	s := train.Sweep{
		Name: "mlam-figure4", About: "25 trainings of MLAM, for t_in and t_out from 1 to 20",
		Key: []any{fam, c, mlam.MLAM(mlam.Config{Inner: 1}).Config},
	}
	for _, inner := range Figure4Steps {
		for _, outer := range Figure4Steps {
			s.Cells = append(s.Cells, train.Cell{Name: figure4(inner, outer), Measure: func(ctx context.Context, checkpoint string) ([]float64, error) {
				c := c
				c.Segment, c.Checkpoint = outer, checkpoint
				r, err := train.Run(ctx, mlam.MLAM(mlam.Config{Inner: inner}), fam, c)
				if err != nil {
					return nil, err
				}
				rmse, err := Completer{Name: "MLAM", Rule: r.Rule(), Steps: c.Iterations}.Complete(ctx, fam, 16)
				return []float64{trace.Mean(rmse)}, err
			}})
		}
	}
	return s
}

// figure4 names a cell.
func figure4(inner, outer int) string { return fmt.Sprintf("t_in = %d, t_out = %d", inner, outer) }

// Figure4Errors is what is kept of [Figure4]: a row for each t_in, a number for each t_out.
func Figure4Errors() (rows [][]float64, err error) {
	kept, err := Measured(Figure4())
	for _, inner := range Figure4Steps {
		var row []float64
		for _, outer := range Figure4Steps {
			row = append(row, trace.Mean(kept[figure4(inner, outer)]))
		}
		rows = append(rows, row)
	}
	return rows, err
}
