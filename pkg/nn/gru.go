package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// GRU is a gated recurrent unit (Cho et al. 2014), applied to every row of its input by
// itself. With the reset gate r, the update gate z and the candidate n, it computes
//
//	r = σ(x·Wᵢᵣᵀ + bᵢᵣ + h·Wₕᵣᵀ + bₕᵣ)
//	z = σ(x·Wᵢ𝓏ᵀ + bᵢ𝓏 + h·Wₕ𝓏ᵀ + bₕ𝓏)
//	n = tanh(x·Wᵢₙᵀ + bᵢₙ + r⊙(h·Wₕₙᵀ + bₕₙ))
//	h⁺ = (1 − z)⊙n + z⊙h
//
// There are two conventions. The one above is PyTorch's, where the reset gate comes after
// the product with Wₕₙ. With ResetBefore it comes before it, as in the paper and in L2O-Scale:
//
//	n = tanh(x·Wᵢₙᵀ + bᵢₙ + (r⊙h)·Wₕₙᵀ)
//
// Parameters are those of PyTorch's GRUCell, gates in the order r, z, n: "weight_ih" (3H×In),
// "weight_hh" (3H×H), "bias_ih" and "bias_hh" (1×3H). With ResetBefore the second bias would
// be the first one once more, and is not there. It computes in float64, and h is an ordinary
// value: a first one that is a parameter is learned like any other.
type GRU struct {
	In, Hidden  int
	ResetBefore bool
}

// Init draws all parameters uniform in ±1/√Hidden, PyTorch's default.
func (g GRU) Init(th Params, rng *rand.Rand) {
	h := g.Hidden
	th.Set("weight_ih", Uniform(rng, 3*h, g.In, fanIn(h)))
	th.Set("weight_hh", Uniform(rng, 3*h, h, fanIn(h)))
	th.Set("bias_ih", Uniform(rng, 1, 3*h, fanIn(h)))
	if !g.ResetBefore {
		th.Set("bias_hh", Uniform(rng, 1, 3*h, fanIn(h)))
	}
}

// Step returns h⁺ for every row of x (rows×In) and h (rows×Hidden). What stands above in a
// hierarchy may add a bias of its own (1×3H) to bᵢ; the zero Value is none.
func (g GRU) Step(th Params, x, h, bias ad.Value) ad.Value {
	H := g.Hidden
	if H < 1 || x.C != g.In || h.C != H || h.R != x.R || !bias.IsZero() && (bias.R != 1 || bias.C != 3*H) {
		panic(fmt.Sprintf("nn: GRU of %d inputs and %d hidden units: input %s, state %s and bias %s; rows have to be equal, and a bias is 1×%d",
			g.In, H, x.Shape(), h.Shape(), bias.Shape(), 3*H))
	}
	b := th.At("bias_ih")
	if !bias.IsZero() {
		b = b.Add(bias)
	}
	in, w := x.MatMulT(th.At("weight_ih")).Add(b), th.At("weight_hh")
	var gates, candidate ad.Value
	if g.ResetBefore {
		flat := w.Reshape(1, w.Len())
		gates = in.Cols(0, 2*H).Add(h.MatMulT(flat.Cols(0, 2*H*H).Reshape(2*H, H))).Sigmoid()
		candidate = in.Cols(2*H, 3*H).Add(gates.Cols(0, H).Mul(h).MatMulT(flat.Cols(2*H*H, 3*H*H).Reshape(H, H))).Tanh()
	} else {
		own := h.MatMulT(w).Add(th.At("bias_hh"))
		gates = in.Cols(0, 2*H).Add(own.Cols(0, 2*H)).Sigmoid()
		candidate = in.Cols(2*H, 3*H).AddMul(gates.Cols(0, H), own.Cols(2*H, 3*H)).Tanh()
	}
	return candidate.AddMul(gates.Cols(H, 2*H), h.Sub(candidate))
}
