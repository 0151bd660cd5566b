package lista

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// CP is LISTA with coupled weights, W₂ = I − W₁A (Chen et al. 2018, eq. 10),
//
//	x_{k+1} = S_θ(x_k + Wᵀ(b − Ax_k))
//
// with W and θ of each layer: K(mn + 1) parameters. At the start W = A/L, which is
// ISTA; with PlainStart it is A, which is not.
func CP(u Config) learned.Optimizer {
	u.NoSelection = true
	return coupled(u.filled("LISTA-CP"))
}

// CPSS is LISTA-CP with support selection (Chen et al. 2018, eq. 12): the
// largest entries of each instance pass unshrunk. Passing them makes it another method
// than ISTA at the start, unless Pass or NoSelection let none pass.
func CPSS(u Config) learned.Optimizer { return coupled(u.filled("LISTA-CPSS")) }

func coupled(u Config) learned.Optimizer {
	return u.optimizer(network{init: func(th nn.Params) {
		_, _, theta := u.ista()
		W := u.start()
		for k := 1; k <= u.Layers; k++ {
			own := th.Sub(layerName(k))
			own.Set("W", W)
			own.Set("theta", theta)
		}
	}, begin: func(r *unrolling) layer {
		return func(k int, x ad.Value) ad.Value {
			return r.correct(k, r.own(k, "W"), r.rest(x), x)
		}
	}})
}

// TiLISTA is LISTA-CPSS with one matrix for all layers (Liu et al. 2019, eq. 14),
//
//	x_{k+1} = S_θ(x_k + α Wᵀ(b − Ax_k))
//
// with α and θ of each layer: mn + 2K parameters. At the start W = A/L and α = 1,
// which is ISTA where no entry passes.
func TiLISTA(u Config) learned.Optimizer {
	u = u.filled("TiLISTA")
	return u.optimizer(network{init: func(th nn.Params) {
		th.Set("W", u.start())
		u.scalars(th)
	}, begin: func(r *unrolling) layer {
		return func(k int, x ad.Value) ad.Value {
			return r.correct(k, r.tied("W"), r.rest(x).Mul(r.at(k, "alpha")), x)
		}
	}})
}

// scalars are the first steps and thresholds of TiLISTA and ALISTA.
func (u Config) scalars(th nn.Params) {
	_, _, theta := u.ista()
	for k := 1; k <= u.Layers; k++ {
		own := th.Sub(layerName(k))
		own.Set("alpha", ad.Scalar(1))
		own.Set("theta", theta)
	}
}

// StepLISTA is ISTA with a learned step in each layer (Ablin et al. 2019),
//
//	x_{k+1} = prox_{αr}(x_k − α∇f(x_k))
//
// with one α per layer: K parameters. At the start α = 1/L, which is ISTA. It takes λ
// from the problem, so it minimises what it is given and is trained without the truth
// (learned.PerInstance). It needs Grad and Prox, and computes in float64.
func StepLISTA(u Config) learned.Optimizer {
	u = u.filled("Step-LISTA")
	return u.optimizer(network{init: func(th nn.Params) {
		_, step, _ := u.ista()
		for k := 1; k <= u.Layers; k++ {
			th.Sub(layerName(k)).Set("alpha", ad.Scalar(step))
		}
	}, begin: func(r *unrolling) layer {
		return func(k int, x ad.Value) ad.Value {
			alpha := r.at(k, "alpha")
			return r.p.Prox("x", x.Sub(alpha.Mul(r.p.Grad("x", optimizee.X(x)))), alpha)
		}
	}, oracles: []string{"Grad", "Prox"}})
}
