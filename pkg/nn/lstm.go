package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// LSTM is a stack of long short-term memory cells, applied to every row of its
// input by itself (a coordinate-wise network has one row for each coordinate).
// With gates i, f, o and candidate g, layer l computes
//
//	[i f g o] = [σ σ tanh σ](x·Wᵢₕᵀ + bᵢₕ + h·Wₕₕᵀ + bₕₕ)
//	c⁺ = f⊙c + i⊙g
//	h⁺ = o⊙tanh(c⁺)
//
// and hands h⁺ to layer l+1. Parameters of layer l: "weight_ih_l" (4H×In),
// "weight_hh_l" (4H×H), "bias_ih_l" and "bias_hh_l" (1×4H).
type LSTM struct {
	In, Hidden, Layers int
	Composed           bool // float64 operations of ad instead of the fused float32 one
}

// Init draws all parameters uniform in ±1/√Hidden, PyTorch's default.
func (l LSTM) Init(th Params, rng *rand.Rand) {
	h, in := l.Hidden, l.In
	for i := range l.Layers {
		for k, shape := range [4][2]int{{4 * h, in}, {4 * h, h}, {1, 4 * h}, {1, 4 * h}} {
			th.Set(param(k, i), Uniform(rng, shape[0], shape[1], fanIn(h)))
		}
		in = h
	}
}

// param names parameter kind k of a layer.
func param(k, layer int) string {
	return fmt.Sprintf("%s_l%d", [4]string{"weight_ih", "weight_hh", "bias_ih", "bias_hh"}[k], layer)
}

// Step takes one step for every row of x (rows×In), moves s on and returns the hidden
// value of the last layer (rows×Hidden).
func (l LSTM) Step(th Params, x ad.Value, s *State) ad.Value {
	l.check(x, s)
	if l.Composed {
		return l.composed(th, x, s)
	}
	return Recurrent{LSTM: l}.step(th, th, x, s)
}

func (l LSTM) check(x ad.Value, s *State) {
	if l.Layers < 1 || l.Hidden < 1 {
		panic(fmt.Sprintf("nn: LSTM: %d layers of %d hidden units make no network", l.Layers, l.Hidden))
	}
	if s.IsZero() {
		panic("nn: LSTM: the zero State has no numbers; start from Zero, NormalState or StateOf")
	}
	if x.C != l.In || x.R != s.rows() {
		panic(fmt.Sprintf("nn: LSTM: input %s for %d inputs and a state of %d rows", x.Shape(), l.In, s.rows()))
	}
}

// composed is the LSTM as its equations have it.
func (l LSTM) composed(th Params, x ad.Value, s *State) ad.Value {
	if s.fused != nil {
		*s = l.StateOf(s.Values())
	}
	H, next := l.Hidden, State{}
	for i := range l.Layers {
		z := x.MatMulT(th.At(param(0, i))).Add(th.At(param(2, i))).
			Add(s.h[i].MatMulT(th.At(param(1, i)))).Add(th.At(param(3, i)))
		in, forget := z.Cols(0, H).Sigmoid(), z.Cols(H, 2*H).Sigmoid()
		cand, out := z.Cols(2*H, 3*H).Tanh(), z.Cols(3*H, 4*H).Sigmoid()
		c := forget.Mul(s.c[i]).Add(in.Mul(cand))
		x = out.Mul(c.Tanh())
		next.h, next.c = append(next.h, x), append(next.c, c)
	}
	*s = next
	return x
}
