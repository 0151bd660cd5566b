package learned

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
)

// GLISTA is LISTA-CPSS with gates (Wu et al. 2020, gain and overshoot),
//
//	g = 1 + a·relu(1 − relu(d⊙|x_k|))
//	z = g⊙x_k + Wᵀ(b − A(g⊙x_k)),  x̃ = S_θ(z)
//	o = 1 − cθι/(|x̃ − x_k| + 0.1)
//	x_{k+1} = o⊙x̃ + (1 − o)⊙x_k
//
// where ι is 1 for entries that were shrunk in the layer before, 0 for those that
// passed, and 1 in the first layer. W, d (one per atom), a, c and θ belong to each layer:
// K(mn + n + 3) parameters. At the start W = A/L, d = 1 and a = c = 5, as in the Primer's
// code: the gates are open, so that is not ISTA, as which a = c = 0 would make it.
func GLISTA(u Unrolled) Optimizer {
	u = u.filled("GLISTA")
	return u.optimizer(network{init: func(th nn.Params) {
		A, _, theta := u.ista()
		W := u.start()
		for k := 1; k <= u.Layers; k++ {
			own := th.Sub(layerName(k))
			own.Set("W", W)
			own.Set("theta", theta)
			own.Set("d", ad.Full(A.C, 1, 1))
			own.Set("a", ad.Scalar(5))
			own.Set("c", ad.Scalar(5))
		}
	}, begin: func(r *unrolling) layer {
		var passed []int // in the layer before
		return func(k int, x ad.Value) ad.Value {
			theta := r.at(k, "theta")
			g := r.at(k, "d").Mul(x.Abs()).ReLU().Neg().Shift(1).ReLU().Mul(r.at(k, "a")).Shift(1)
			gx := x
			if !origin(x) {
				gx = g.Mul(x)
			}
			z := r.matrix(r.at(k, "W")).TMatMulAdd(r.rest(gx), gx)
			shrunk := others(passed, x)
			xs, now := shrink(z, theta, r.pass(k, z))
			passed = now
			move := xs.Sub(x)
			// o⊙x̃ + (1 − o)⊙x is x̃ less (1 − o)⊙(x̃ − x)
			back := shrunk.Mul(theta).Mul(r.at(k, "c")).Div(move.Abs().Shift(0.1))
			return xs.Sub(back.Mul(move))
		}
	}})
}

// others is 1 for the entries that did not pass and 0 for those at the places that did.
func others(passed []int, like ad.Value) ad.Value {
	v := ad.Full(like.R, like.C, 1)
	for _, i := range passed {
		v.Data[i] = 0
	}
	return v
}
