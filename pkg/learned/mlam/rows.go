package mlam

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// RowsConfig configures [Rows]. The zero value is the public code.
type RowsConfig struct {
	P           int      // columns of the blocks, which are the inputs of the network; default 5
	Hidden      int      // units of both hidden layers; default 50
	Blocks      []string // in the order of their inner loops; default V, U
	Inner       int      // steps of an inner loop; default 10
	InputScale  float64  // of the gradient; default 2, because the public objective has no ½
	OutputScale float64  // default 0.01
	Keep        bool     // an inner loop goes on from where the last one ended, instead of from new random numbers
	Composed    bool     // float64 throughout
}

func (c RowsConfig) filled() RowsConfig {
	c.P, c.Hidden, c.Inner = cmp.Or(c.P, 5), cmp.Or(c.Hidden, 50), cmp.Or(c.Inner, 10)
	c.InputScale, c.OutputScale = cmp.Or(c.InputScale, 2), cmp.Or(c.OutputScale, 0.01)
	if c.Blocks == nil {
		c.Blocks = []string{"V", "U"}
	}
	return c
}

func (c RowsConfig) check(name string, p *optimizee.Problem) error {
	var errs []error
	if c.P < 1 || c.Hidden < 1 {
		errs = append(errs, fmt.Errorf("%s: %d columns and %d hidden units make no network", name, c.P, c.Hidden))
	}
	if x := p.Start.X(); x.C != c.P {
		errs = append(errs, fmt.Errorf("%s: rows of %d numbers, and %s is %s: set P", name, c.P, p.Name, x.Shape()))
	}
	return errors.Join(append(errs, check.Positive(name, "InputScale", c.InputScale), check.Positive(name, "OutputScale", c.OutputScale))...)
}

// Rows is MLAM as its public code has it, which is not what the paper describes: no LSTM
// but a perceptron for each block, P→50→50→P with ReLU, that sees one row of the gradient
// and moves that row,
//
//	x^{(i)} = x^{(i−1)} + 0.01·MLP(2g)
//
// without a memory, from new random numbers in every inner loop. The gradient that it
// sees carries none back. The public objective is that of MLAM eq. 13 without the ½ and
// with λ = 0. It needs Subgrad or Grad.
func Rows(c RowsConfig) learned.Optimizer {
	const name = "MLAM, row-wise MLP"
	c = c.filled()
	net := nn.MLP{Sizes: []int{c.P, c.Hidden, c.Hidden, c.P}, Composed: c.Composed}
	return loop{name: name, blocks: c.Blocks, inner: c.Inner, redraw: !c.Keep}.of(learned.Optimizer{
		Init: net.Init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				return func(x optimizee.Point) optimizee.Point {
					g := p.Subgradient(x.Detach()).X().Detach()
					return optimizee.X(x.X().AddScaled(c.OutputScale, net.Apply(th, g.Scale(c.InputScale))))
				}, errors.Join(p.NeedOne(name, "Subgrad"), c.check(name, p))
			}
		},
	}, c)
}
