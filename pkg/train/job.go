package train

import (
	"context"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Job is a training that has not run yet.
type Job struct {
	Optimizer learned.Optimizer
	Family    optimizee.Family
	Config    Config
}

// Key is what decides the result, to be encoded as JSON.
func (j Job) Key() any {
	start, family := "", ""
	if j.Family != nil {
		family = j.Family.String()
	}
	if !j.Config.Start.IsZero() {
		start = j.Config.Start.Hash()
	}
	return struct {
		Optimizer string
		Model     any
		Family    string
		Config    Config
		Start     string `json:",omitempty"`
	}{j.Optimizer.Name, j.Optimizer.Config, family, j.Config, start}
}

// Run trains.
func (j Job) Run(ctx context.Context) (Result, error) {
	return Run(ctx, j.Optimizer, j.Family, j.Config)
}
