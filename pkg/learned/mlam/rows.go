package mlam

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// MLAMRowsConfig configures [MLAMRows]. The zero value is the public code.
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
	if c.P == 0 {
		c.P = 5
	}
	if c.Hidden == 0 {
		c.Hidden = 50
	}
	if c.Blocks == nil {
		c.Blocks = []string{"V", "U"}
	}
	if c.Inner == 0 {
		c.Inner = 10
	}
	if c.InputScale == 0 {
		c.InputScale = 2
	}
	if c.OutputScale == 0 {
		c.OutputScale = 0.01
	}
	return c
}

func (c RowsConfig) check(name string, p *optimizee.Problem) error {
	var errs []error
	if c.P < 1 || c.Hidden < 1 {
		errs = append(errs, fmt.Errorf("%s: %d columns and %d hidden units make no network", name, c.P, c.Hidden))
	}
	for _, b := range c.Blocks {
		if err := p.On(b, &p.Start).Err; err == nil && p.Start.At(b).C != c.P {
			errs = append(errs, fmt.Errorf("%s: rows of %d numbers, and block %q is %s: set P", name, c.P, b, p.Start.At(b).Shape()))
		}
	}
	return errors.Join(append(errs, check.Positive(name, "InputScale", c.InputScale), check.Positive(name, "OutputScale", c.OutputScale))...)
}

// MLAMRows is MLAM as its public code has it, which is not what the paper describes:
// no LSTM but a perceptron for each block, P→50→50→P with ReLU, that sees one row of
// the gradient and moves that row,
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
	return learned.Optimizer{
		Name:   name,
		Config: c,
		Init: func(th nn.Params, rng *rand.Rand) {
			for _, b := range c.Blocks {
				net.Init(th.Sub(b), rng)
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				if err := errors.Join(p.Need(name, "Subgrad"), c.check(name, p)); err != nil {
					return nil, err
				}
				of := map[string]mover{}
				for _, b := range c.Blocks {
					of[b] = rowMover(func(at optimizee.Point) ad.Value {
						g := (&mlamBlock{name: b, p: p}).gradient(at.Detach())
						return at.At(b).AddScaled(c.OutputScale, net.Apply(th.Sub(b), g.Scale(c.InputScale)))
					})
				}
				return alternation{name: name, blocks: c.Blocks, inner: c.Inner, redraw: !c.Keep, of: of}.start(p, rng)
			}
		},
	}
}

// rowMover is a mover without a memory.
type rowMover func(at optimizee.Point) ad.Value

func (rowMover) enter(optimizee.Point, bool)        {}
func (r rowMover) move(at optimizee.Point) ad.Value { return r(at) }
