package train

import (
	"context"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Begin is a training before its first minibatch: what takes the next one, and what judges θ.
func Begin(o learned.Optimizer, fam optimizee.Family, c Config) (minibatch func(context.Context) error, validation func(context.Context) (float64, error), err error) {
	t, err := begin(o, fam, c)
	if err != nil {
		return nil, nil, err
	}
	return t.minibatch, t.validation, nil
}
