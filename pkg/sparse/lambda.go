package sparse

import (
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// WithLambda lets r minimise with another λ than the problem has: where the truth behind the
// measurements counts, λ is a constant of the solver and is tuned like a step size, by a
// trace.Search over WithLambda(λ, optim.FISTA). It works on what [optimizee.Lasso] makes.
func WithLambda(lambda float64, r optim.Rule) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		d, err := optimizee.DataOf[optimizee.LassoData](p, "WithLambda")
		if err != nil {
			return nil, err
		}
		q, l := *p, optimizee.Lasso(d.A, d.B, lambda) // the gradient of the smooth part stays
		q.Value, q.ValueGrad, q.Subgrad, q.Prox, q.Bound = l.Value, l.ValueGrad, l.Subgrad, l.Prox, l.Bound
		q.Terms, q.Data, q.Traits, q.Err = l.Terms, l.Data, l.Traits, l.Err
		if dictionary, ok := p.Traits["dictionary"]; ok {
			q.Traits["dictionary"] = dictionary
		}
		if r == nil {
			return nil, errors.New("sparse: WithLambda of a rule that is nil")
		}
		return r(&q, rng)
	}
}
