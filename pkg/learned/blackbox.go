package learned

import (
	"errors"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// DMConfig configures L2O-DM. The zero value is the baseline of the L2O-PA paper.
type DMConfig struct {
	Network
	OutputScale float64 // of the update; default 0.1

	// GradScale multiplies the gradient that the network sees; default 1, the
	// instance's own gradient. The public code differentiates the batch mean, so that
	// its network sees 1/64 of it in training and 1/32 in testing.
	GradScale float64
}

func (c DMConfig) filled() DMConfig {
	c.Network = c.Network.Filled()
	if c.OutputScale == 0 {
		c.OutputScale = 0.1
	}
	if c.GradScale == 0 {
		c.GradScale = 1
	}
	return c
}

func (c DMConfig) check(rng *rand.Rand) error {
	return errors.Join(check.Positive("L2O-DM", "OutputScale", c.OutputScale), check.Positive("L2O-DM", "GradScale", c.GradScale), c.Network.Check("L2O-DM", rng))
}

// DM is L2O-DM, learning to learn by gradient descent by gradient descent
// (Andrychowicz et al. 2016), as in the comparison of the L2O-PA paper: a
// coordinate-wise LSTM sees the subgradient and the iterate, both raw, and
//
//	x⁺ = x + 0.1·ELU(linear(h)).
//
// In training the gradient passes back through the iterate, also where the network
// sees it, but not through the subgradient. It needs Subgrad, or Grad where F is smooth.
func DM(c DMConfig) Optimizer {
	c = c.filled()
	net := c.Build(2, Dense{"linear", 1})
	return Optimizer{
		Name:   "L2O-DM",
		Config: c,
		Init:   net.Init,
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				var state nn.State
				return func(at optimizee.Point) optimizee.Point {
					x, g := at.X(), p.Subgradient(at).X().Detach().Scale(c.GradScale)
					if state.IsZero() {
						state = c.First(net.LSTM, x.Len(), rng)
					}
					return optimizee.X(x.Add(net.Step(th, Rows(g).Beside(Rows(x)), &state).ELU().Scale(c.OutputScale).Reshape(x.R, x.C)))
				}, errors.Join(c.check(rng), p.NeedOne("L2O-DM", "Subgrad"))
			}
		},
	}
}

// RNNpropConfig configures RNNprop. The zero value is the baseline of the L2O-PA
// paper on logistic regression; on LASSO it sets StateScale to 0.01.
type RNNpropConfig struct {
	Network
	Beta        float64 // decay of both moments; default 0.95
	OutputScale float64 // of the update; default 0.1
}

func (c RNNpropConfig) filled() RNNpropConfig {
	c.Network = c.Network.Filled()
	if c.Beta == 0 {
		c.Beta = 0.95
	}
	if c.OutputScale == 0 {
		c.OutputScale = 0.1
	}
	return c
}

func (c RNNpropConfig) check(rng *rand.Rand) error {
	return errors.Join(check.Positive("RNNprop", "OutputScale", c.OutputScale), check.Inside("RNNprop", "Beta", c.Beta), c.Network.Check("RNNprop", rng))
}

// RNNprop (Lv, Jiang and Li 2017) sees what Adam sees: with bias-corrected moments
// m̂ and v̂ of the subgradient g, both of decay 0.95,
//
//	x⁺ = x − 0.1·tanh(linear(LSTM(ELU(linear(g/√v̂, m̂/√v̂))))).
//
// It needs Subgrad, or Grad where F is smooth.
func RNNprop(c RNNpropConfig) Optimizer {
	c = c.filled()
	in, net := nn.Linear{In: 2, Out: c.Hidden, Composed: c.Composed}, c.Build(c.Hidden, Dense{"linear_out", 1})
	return Optimizer{
		Name:   "RNNprop",
		Config: c,
		Init: func(th nn.Params, rng *rand.Rand) {
			in.Init(th.Sub("linear_in"), rng)
			net.Init(th, rng)
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				var state nn.State
				var m, v ad.Value
				k := 0.0
				return func(at optimizee.Point) optimizee.Point {
					x, g := at.X(), Rows(p.Subgradient(at).X().Detach())
					if state.IsZero() {
						state = c.First(net.LSTM, x.Len(), rng)
						m, v = g.Scale(0), g.Scale(0)
					}
					k++
					m = m.Scale(c.Beta).Add(g.Scale(1 - c.Beta))
					v = v.Scale(c.Beta).Add(g.Square().Scale(1 - c.Beta))
					fix := 1 / (1 - math.Pow(c.Beta, k))
					root := v.Scale(fix).Sqrt().Shift(1e-8)
					seen := in.Apply(th.Sub("linear_in"), g.Div(root).Beside(m.Scale(fix).Div(root))).ELU()
					return optimizee.X(x.Sub(net.Step(th, seen, &state).Tanh().Scale(c.OutputScale).Reshape(x.R, x.C)))
				}, errors.Join(c.check(rng), p.NeedOne("RNNprop", "Subgrad"))
			}
		},
	}
}
