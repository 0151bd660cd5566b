package lista

import (
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/sparse"
)

// ALISTA is TiLISTA with [sparse.AnalyticWeights] in the place of the learned matrix (Liu et
// al. 2019, eq. 15): 2K parameters, with support selection. At the start α = 1 and
// θ = λ/L. That is not ISTA, because W is not a multiple of A.
func ALISTA(u Config) learned.Optimizer {
	u = u.filled("ALISTA")
	return u.fixed(func() (ad.Value, error) { return sparse.AnalyticWeights(u.Dictionary.A()) })
}

// FixedW is ALISTA with another matrix W, m×n like A: what the analytic one is worth. It
// cannot be written to disk as a whole.
func FixedW(u Config, W ad.Value) learned.Optimizer {
	u = u.filled("fixed W")
	o := u.fixed(func() (ad.Value, error) {
		A := u.Dictionary.A()
		return W, check.That(W.R == A.R && W.C == A.C, "fixed W: W is %s and the dictionary %s: they have to agree", W.Shape(), A.Shape())
	})
	o.Config = struct {
		Config
		W ad.Value
	}{u, W}
	return o
}

// fixed has steps and thresholds as parameters, and a W that is computed once.
func (u Config) fixed(matrix func() (ad.Value, error)) learned.Optimizer {
	weights := sync.OnceValues(matrix)
	W := u.constant(func() ad.Value { w, _ := weights(); return w }) // no run starts when there is an error
	return u.optimizer(network{init: u.scalars, begin: func(r *unrolling) layer {
		return func(k int, x ad.Value) ad.Value {
			return r.correct(k, W(), r.rest(x).Mul(r.at(k, "alpha")), x)
		}
	}, ready: func(nn.Params) error { _, err := weights(); return err }})
}
