package lista

import (
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
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
// K(mn + n + 3) parameters. At the start W = A/L, d = 1 and a = c = Gate: the gates are open, so
// that is not ISTA, as which a = c = 0 would make it.
func GLISTA(u Config) learned.Optimizer {
	u = u.filled("GLISTA")
	return u.optimizer(network{init: func(th nn.Params) {
		A, _, theta := u.ista()
		W := u.start()
		for k := 1; k <= u.Layers; k++ {
			own := th.Sub(layerName(k))
			own.Set("W", W)
			own.Set("theta", theta)
			own.Set("d", ad.Full(A.C, 1, 1))
			own.Set("a", ad.Scalar(u.Gate))
			own.Set("c", ad.Scalar(u.Gate))
		}
	}, begin: func(r *unrolling) layer {
		var passed []int // in the layer before
		return func(k int, x ad.Value) ad.Value {
			gx := gain(x, r.at(k, "d"), r.at(k, "a"))
			z := r.own(k, "W").TMatMulAdd(r.rest(gx), gx)
			before := passed
			var xs ad.Value
			xs, passed = shrink(z, r.at(k, "theta"), r.pass(k, z))
			// o⊙x̃ + (1 − o)⊙x is x̃ less (1 − o)⊙(x̃ − x)
			return xs.Sub(overshoot(xs.Sub(x), before).Mul(r.at(k, "theta").Mul(r.at(k, "c"))))
		}
	}})
}

// gain is g⊙x with g = 1 + a·relu(1 − relu(d⊙|x|)).
func gain(x, d, a ad.Value) ad.Value {
	if origin(x) {
		return x
	}
	// gate is relu(1 − relu(u)) with u = d|x|
	gate := func(i int) (u, gate float64) {
		u = d.Data[i/x.C] * math.Abs(x.Data[i])
		return u, max(1-max(u, 0), 0)
	}
	out := ad.New(x.R, x.C, nil)
	for i, v := range x.Data {
		_, w := gate(i)
		out.Data[i] = v + a.Data[0]*w*v
	}
	return ad.Record(out, []ad.Value{x, d, a}, func(g []float64, acc [][]float64) {
		for i, gi := range g {
			u, w := gate(i)
			v, slope := x.Data[i], 0. // of the gate by u
			if 0 < u && u < 1 {
				slope = -1
			}
			if acc[0] != nil {
				acc[0][i] += gi * (1 + a.Data[0]*(w+slope*u)) // x·∂u/∂x is u
			}
			if acc[1] != nil {
				acc[1][i/x.C] += gi * a.Data[0] * v * slope * math.Abs(v)
			}
			if acc[2] != nil {
				acc[2][0] += gi * w * v
			}
		}
	})
}

// overshoot is ι⊙m/(|m| + 0.1): ι is 0 at the places of the entries that passed, else 1.
func overshoot(m ad.Value, passed []int) ad.Value {
	out, slope := ad.New(m.R, m.C, nil), make([]float64, m.Len())
	for i, x := range m.Data {
		q := 1 / (math.Abs(x) + 0.1)
		out.Data[i], slope[i] = x*q, 0.1*q*q
	}
	for _, i := range passed {
		out.Data[i], slope[i] = 0, 0
	}
	return ad.Record(out, []ad.Value{m}, func(g []float64, acc [][]float64) {
		for i, gi := range g {
			acc[0][i] += gi * slope[i]
		}
	})
}
