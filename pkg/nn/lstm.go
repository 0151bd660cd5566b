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

// A State is what an LSTM remembers between steps. It is immutable.
type State struct {
	h, c  []ad.Value // of each layer, rows×Hidden; nil after a fused step
	fused *memory    // the same in float32; nil after a composed step
}

// IsZero reports whether s is the zero State, which stands for "none yet".
func (s State) IsZero() bool { return s.h == nil && s.fused == nil }

// Zero returns the state of all zeros.
func (l LSTM) Zero(rows int) State { return l.NormalState(rows, 0, nil) }

// NormalState returns a state of independent entries N(0, scale²); rng is not
// needed for scale 0.
func (l LSTM) NormalState(rows int, scale float64, rng *rand.Rand) State {
	draw := func() []ad.Value {
		vs := make([]ad.Value, l.Layers)
		for i := range vs {
			if vs[i] = ad.New(rows, l.Hidden, nil); scale != 0 {
				vs[i] = Normal(rng, rows, l.Hidden, scale)
			}
		}
		return vs
	}
	return l.StateOf(draw(), draw())
}

// StateOf returns the state with the given hidden and cell values, one rows×Hidden
// constant for each layer.
func (l LSTM) StateOf(h, c []ad.Value) State {
	if len(h) != l.Layers || len(c) != l.Layers {
		panic(fmt.Sprintf("nn: LSTM: state of %d and %d layers for a network of %d", len(h), len(c), l.Layers))
	}
	for i := range h {
		if h[i].C != l.Hidden || c[i].C != l.Hidden || h[i].R != c[i].R || h[i].R != h[0].R {
			panic(fmt.Sprintf("nn: LSTM: state h %s and c %s in layer %d of %d hidden units", h[i].Shape(), c[i].Shape(), i, l.Hidden))
		}
	}
	return State{h: h, c: c}
}

// Values returns the hidden and cell values of each layer as constants.
func (s State) Values() (h, c []ad.Value) {
	if s.fused != nil {
		return s.fused.values()
	}
	for i := range s.h {
		h, c = append(h, s.h[i].Detach()), append(c, s.c[i].Detach())
	}
	return h, c
}

func (s State) rows() int {
	if s.fused != nil {
		return s.fused.rows
	}
	return s.h[0].R
}

// Step takes one step for every row of x (rows×In). It returns the hidden value
// of the last layer (rows×Hidden) and the next state.
func (l LSTM) Step(th Params, x ad.Value, s State) (h ad.Value, next State) {
	if x.C != l.In || x.R != s.rows() {
		panic(fmt.Sprintf("nn: LSTM: input %s for %d inputs and a state of %d rows", x.Shape(), l.In, s.rows()))
	}
	if l.Composed {
		return l.composed(th, x, s)
	}
	return l.step(th, x, s)
}

// composed is the LSTM as its equations have it.
func (l LSTM) composed(th Params, x ad.Value, s State) (ad.Value, State) {
	if s.h == nil {
		s.h, s.c = s.fused.values()
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
	return x, next
}
