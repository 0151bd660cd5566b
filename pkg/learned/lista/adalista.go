package lista

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// AdaLISTAConfig configures Ada-LISTA. Zero fields take the values of the public code
// of the L2O-PA paper; Rows has to be set.
type AdaLISTAConfig struct {
	Rows   int     // m of A, which is m×n: the matrices belong to it, n is free
	Layers int     // default 10
	First  float64 // first γ and θ of every layer; default 0.2
}

func (c AdaLISTAConfig) filled() AdaLISTAConfig {
	c.Layers, c.First = cmp.Or(c.Layers, 10), cmp.Or(c.First, 0.2)
	return c
}

func (c AdaLISTAConfig) check(p *optimizee.Problem) error {
	rows, known := p.Traits["rows"]
	return errors.Join(
		check.That(c.Rows > 0 && c.Layers > 0, "Ada-LISTA: %d layers for an A of %d rows: both have to be positive", c.Layers, c.Rows),
		check.Positive("Ada-LISTA", "First", c.First),
		check.That(!known || int(rows) == c.Rows, "Ada-LISTA was made for an A of %d rows, and that of %s has %g", c.Rows, p.Name, rows))
}

// AdaLISTA is the single-weight Ada-LISTA (Aberdam, Golts and Elad 2020), an unrolled
// ISTA that reads the dictionary with its problem, so that A may be a new one for each
// instance:
//
//	x_{k+1} = S_θₖ(x_k − γₖ(W₁A)ᵀ(W₁A)x_k + γₖAᵀW₂b)
//
// W₁ and W₂ (m×m) belong to all layers and start as I, γₖ and θₖ ("layer<k>.gamma" and
// "layer<k>.theta", k from 1) to one. After the last layer a run goes on with that
// layer; a point from elsewhere starts at layer 1. It is trained supervised, to the
// minimisers of Lasso problems, and its thresholds stand for λ: r is not asked.
//
// It needs Residual, which has to be affine in x: A and Aᵀ act through it.
func AdaLISTA(c AdaLISTAConfig) learned.Optimizer {
	c = c.filled()
	return learned.Optimizer{
		Name:   "Ada-LISTA",
		Config: c,
		Init: func(th nn.Params, _ *rand.Rand) {
			th.Set("W1", ad.Eye(max(c.Rows, 0)))
			th.Set("W2", ad.Eye(max(c.Rows, 0)))
			for k := range c.Layers {
				own := th.Sub(fmt.Sprint("layer", k+1))
				own.Set("gamma", ad.Scalar(c.First))
				own.Set("theta", ad.Scalar(c.First))
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				if err := errors.Join(c.check(p), p.NeedOne("Ada-LISTA", "Residual")); err != nil {
					return nil, err
				}
				return optim.Remember(func(x0 optimizee.Point) optim.Step {
					k, b := 0, residual(p, ad.New(x0.X().R, x0.X().C, nil)).Neg()
					return func(at optimizee.Point) optimizee.Point {
						k = min(k+1, c.Layers)
						x, own := at.X(), th.Sub(fmt.Sprint("layer", k))
						W1, W2 := th.At("W1"), th.At("W2")
						Ax := residual(p, x).Add(b)
						u := W1.TMatMul(W1.MatMul(Ax)).Sub(W2.MatMul(b))
						v := x.Sub(own.At("gamma").Mul(adjoint(p, u, x, b)))
						return optimizee.X(prox.Soft(v, own.At("theta")))
					}
				}), nil
			}
		},
	}
}

func residual(p *optimizee.Problem, x ad.Value) ad.Value { return p.Residual(optimizee.X(x)) }

// adjoint is Aᵀu, in the shape of x, for the A of the residual Ax − b: the derivative of
// ⟨u, Ax − b⟩ by x, taken on a tape of its own. What comes back to it goes on to u as A
// times that.
func adjoint(p *optimizee.Problem, u, x, b ad.Value) ad.Value {
	var tape ad.Tape
	at := tape.Watch(ad.New(x.R, x.C, nil))
	residual(p, at).Dot(u.Detach()).Backward()
	return ad.Record(ad.New(x.R, x.C, at.Grad()), []ad.Value{u}, func(g []float64, acc [][]float64) {
		for i, v := range residual(p, ad.New(x.R, x.C, g)).Add(b).Data {
			acc[0][i] += v
		}
	})
}
