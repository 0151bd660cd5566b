package lista

import (
	"errors"
	"math"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/sparse"
)

// HyperLISTA is ALISTA with momentum and with formulas in the place of the parameters
// (Chen et al. 2021, eq. 13–16): three numbers c₁, c₂, c₃ ≥ 0 in all. For each instance,
//
//	z = x_k + Wᵀ(b − Ax_k) + β(x_k − x_{k−1}),  x_{k+1} = S_θ(z) with p entries that pass
//	θ = c₁µ‖A⁺(Ax_k − b)‖₁   β = c₂µ‖x_k‖₀   p = c₃ min(ln(‖A⁺b‖₁/‖A⁺(Ax_k − b)‖₁), n)
//
// with W the [sparse.AnalyticWeights], µ its coherence, the step γ = 1, and p rounded and kept
// between 0 and n. With FixedPass p is that of the other networks instead, from Pass and
// MaxPass, and c₃ has no effect. The numbers come from a grid search (trace.Search), for
// which the first ones, 0.05, 0.025 and 0.235n, are a good middle on Gaussian
// dictionaries. No classic method has these formulas, so it equals none at its start.
func HyperLISTA(u Config) learned.Optimizer {
	u = u.filled("HyperLISTA")
	type weights struct {
		dual  ad.Value // GA: A⁺ is its transpose
		scale ad.Value // of the atoms: W = GA·diag(scale)
		mu    float64
	}
	compute := sync.OnceValues(func() (w weights, err error) {
		A := u.Dictionary.A()
		if w.dual, err = sparse.DualAtoms(A); err != nil {
			return w, err
		}
		w.scale = ad.Full(A.C, 1, 1).Div(w.dual.Mul(A).T().SumRows())
		w.mu = sparse.Coherence(w.dual, A)
		return w, nil
	})
	dualT := u.constant(func() ad.Value { w, _ := compute(); return w.dual })
	return u.optimizer(network{init: func(th nn.Params) {
		th.Set("c1", ad.Scalar(0.05))
		th.Set("c2", ad.Scalar(0.025))
		th.Set("c3", ad.Scalar(0.235*float64(u.Dictionary.Cols())))
	}, keeps: true, begin: func(r *unrolling) layer {
		w, _ := compute() // no run starts when there is an error
		var before, most ad.Value
		return func(k int, x ad.Value) ad.Value {
			back := dualT().TMatMulAdd(r.rest(x), ad.New(x.R, x.C, nil)) // A⁺(b − Ax)
			if k == 1 {
				before, most = x, r.size(dualT(), x)
			}
			left := columns(back.Abs())
			theta := left.Mul(r.th.At("c1")).Scale(w.mu)
			beta := nonzeros(x).Mul(r.th.At("c2")).Scale(w.mu)
			z := x.Add(back.Mul(w.scale)).Add(x.Sub(before).Mul(beta))
			pass := r.pass(k, z)
			if !r.FixedPass && !r.NoSelection {
				pass = counts(r.th.At("c3").Item(), most, left, z.R)
			}
			before = x
			x, _ = shrink(z, theta, pass)
			return x
		}
	}, ready: func(th nn.Params) error {
		_, err := compute()
		for _, name := range []string{"c1", "c2", "c3"} {
			c := th.At(name).Item()
			err = errors.Join(err, check.That(c >= 0 && !math.IsInf(c, 1), "HyperLISTA: %s is %g: a negative number would make thresholds, momentum or counts negative", name, c))
		}
		return err
	}})
}

// size is ‖A⁺b‖₁ of each instance, for points of the shape of x.
func (r *unrolling) size(dual matrix, x ad.Value) ad.Value {
	return columns(dual.TMatMulAdd(r.input(x), ad.New(x.R, x.C, nil)).Abs()).Detach()
}

// counts is p of each instance.
func counts(c3 float64, most, left ad.Value, n int) []int {
	p := make([]int, left.C)
	for j := range p {
		// nothing is left of b = 0, and the quotient is NaN: none has to pass
		if share := c3 * min(math.Log(most.Data[j]/left.Data[j]), float64(n)); share > 0 {
			p[j] = int(math.Round(min(share, float64(n))))
		}
	}
	return p
}
