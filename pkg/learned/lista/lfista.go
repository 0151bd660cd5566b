package lista

import (
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
)

// LFISTA is FISTA with free matrices (Moreau and Bruna 2017),
//
//	x_{k+1} = S_θ(W_e b + W_g x_k + W_m x_{k−1})
//
// with W_g, W_m and θ of each layer and one W_e: about K(2n² + 1) + mn parameters. Before
// layer 3 there is no momentum and no W_m. At the start W_e = Aᵀ/L, W_g = (1+m)(I − AᵀA/L)
// and W_m = −m(I − AᵀA/L) with the momentum m of each step of FISTA, which it is.
func LFISTA(u Config) learned.Optimizer {
	u = u.filled("LFISTA")
	return u.optimizer(network{init: func(th nn.Params) {
		A, step, theta := u.ista()
		we := A.T().Scale(step)
		th.Set("We", we)
		w := ad.Eye(A.C).Sub(we.MatMul(A))
		t, m := 1., 0.
		for k := 1; k <= u.Layers; k++ {
			own := th.Sub(layerName(k))
			own.Set("Wg", w.Scale(1+m))
			if k > 2 {
				own.Set("Wm", w.Scale(-m))
			}
			own.Set("theta", theta)
			next := (1 + math.Sqrt(1+4*t*t)) / 2
			t, m = next, (t-1)/next
		}
	}, keeps: true, begin: func(r *unrolling) layer {
		var before ad.Value
		return func(k int, x ad.Value) ad.Value {
			z := r.shared("We", x)
			if !origin(x) {
				z = r.own(k, "Wg").MatMulAdd(x, z)
			}
			if k > 2 {
				z = r.own(k, "Wm").MatMulAdd(before, z)
			}
			before = x
			x, _ = shrink(z, r.at(k, "theta"), nil)
			return x
		}
	}})
}
