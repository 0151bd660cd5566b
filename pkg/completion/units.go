package completion

import (
	"errors"
	"math"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// InUnits returns the completion p for a user who measures its entries in units of c: R/c,
// λ/c, and factors, starts and priors divided by √c. F is c² times smaller and the
// problem otherwise the same. [optimizee.InUnits] changes the units of U and V instead,
// after which F is no completion.
func InUnits(p *optimizee.Problem, c float64) *optimizee.Problem {
	d, err := optimizee.DataOf[Data](p, "a change of units")
	if err = errors.Join(err, check.Positive("a change of units", "c", c)); err != nil {
		return &optimizee.Problem{Name: p.Name, Err: err}
	}
	o, config, root := d.Observed, d.Config, 1/math.Sqrt(c)
	o.Value = make([]float64, len(d.Value))
	for k, v := range d.Value {
		o.Value[k] = v / c
	}
	config.Lambda, config.Start = config.Lambda/c, config.Start.Scale(root)
	if prior := config.Prior; prior.WeightU > 0 {
		config.Prior.U, config.Prior.WeightU = prior.U.Scale(root), prior.WeightU/c
	}
	if prior := config.Prior; prior.WeightV > 0 {
		config.Prior.V, config.Prior.WeightV = prior.V.Scale(root), prior.WeightV/c
	}
	q := Problem(o, config)
	for name, v := range p.Traits {
		if name != "lambda" {
			q.Traits[name] = v
		}
	}
	if p.Truth.IsZero() {
		return q
	}
	return WithTruth(q, p.Truth.At("R").Scale(1/c))
}
