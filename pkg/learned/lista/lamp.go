package lista

import (
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/sparse"
)

// LAMP is approximate message passing with learned matrices (Borgerding, Schniter and
// Rangan 2017, eq. 20–22),
//
//	v_k = b − Ax_k + (‖x_k‖₀/m) v_{k−1}
//	x_{k+1} = S_{λ‖v_k‖/√m}(x_k + Wᵀv_k)
//
// for each instance by itself, with W and λ ≥ 0 of each layer: K(mn + 1) parameters. At
// the start λ is Lambda and, with PlainStart, W = A, which is AMP. The default W = A/L is
// that of the Primer's code: a damped step, which is no classic method because the
// summand with v_{k−1} is not damped alike.
func LAMP(u Config) learned.Optimizer {
	u = u.filled("LAMP")
	return u.optimizer(network{init: func(th nn.Params) {
		W := u.start()
		for k := 1; k <= u.Layers; k++ {
			own := th.Sub(layerName(k))
			own.Set("W", W)
			own.Set("lambda", ad.Scalar(u.Lambda))
		}
	}, begin: func(r *unrolling) layer {
		var before ad.Value
		return func(k int, x ad.Value) ad.Value {
			v := r.rest(x)
			if k > 1 {
				v = v.Add(before.Mul(nonzeros(x).Scale(1 / float64(v.R))))
			}
			before = v
			sigma := columns(v.Square()).Shift(tiny).Sqrt().Scale(1 / math.Sqrt(float64(v.R)))
			z := r.own(k, "W").TMatMulAdd(v, x)
			x, _ = shrink(z, sigma.Mul(r.at(k, "lambda").ReLU()), nil)
			return x
		}
	}})
}

// AMP is approximate message passing: LAMP before its training, with W = A and one λ for
// all layers, as many as one likes.
func AMP(d *sparse.Dictionary, lambda float64) optim.Rule {
	o := LAMP(Config{Dictionary: d, Lambda: lambda, PlainStart: true, Layers: 2})
	return o.Rule(o.First(nil))
}

// tiny keeps the derivative of ‖v‖ finite at v = 0; it is lost in the rounding of all
// else.
const tiny = 1e-30

// nonzeros counts the entries of each column that are not 0: a row, constant to a tape.
func nonzeros(x ad.Value) ad.Value {
	n := ad.New(1, x.C, nil)
	for i, v := range x.Data {
		if v != 0 {
			n.Data[i%x.C]++
		}
	}
	return n
}

// columns is the sum over each column, as a row.
func columns(v ad.Value) ad.Value { return ad.Full(1, v.R, 1).MatMul(v) }
