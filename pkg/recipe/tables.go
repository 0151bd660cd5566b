package recipe

import (
	"context"

	"github.com/l2olab/l2o/pkg/train"
)

// A Table is a kept file of measurements that take minutes.
type Table struct {
	Name  string // of the file in tables, without .json
	About string
	// Make measures what the file lacks, cell by cell, so that it may be stopped.
	Make func(ctx context.Context, file string, report func(train.Event)) error
}

// Tables lists them.
func Tables() []Table {
	return []Table{
		{"completions", "the RMSE of every method in MLAM's tables of matrix completion", measureCompletions},
		{"mlam-figure4", "25 trainings of MLAM, for t_in and t_out from 1 to 20", func(ctx context.Context, file string, report func(train.Event)) error {
			s := Figure4()
			s.File, s.Report = file, report
			_, err := s.Run(ctx)
			return err
		}},
	}
}
