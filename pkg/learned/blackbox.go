package learned

import "cmp"

// DMConfig configures L2O-DM. The zero value is the baseline of the L2O-PA paper.
type DMConfig struct {
	Network
	OutputScale float64 // of the update; default 0.1

	// GradScale multiplies the gradient that the network sees; default 1, the
	// instance's own gradient. The public code differentiates the batch mean, so that
	// its network sees 1/64 of it in training and 1/32 in testing. With optimizee.Nought it
	// sees none.
	GradScale float64
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
	c.Network = c.Network.filled()
	c.OutputScale, c.GradScale = cmp.Or(c.OutputScale, 0.1), cmp.Or(c.GradScale, 1)
	o := CoordinateWise(Wiring{
		Name: "L2O-DM", Network: c.Network, inputScale: "GradScale",
		Input: GradientAndX, InputScale: c.GradScale, Output: ELU, OutputScale: c.OutputScale,
	})
	o.Config = c
	return o
}

// OriginalDMConfig configures L2O-DM as first published. The zero value is that for neural
// networks; Raw is that for quadratics and for Rastrigin functions.
type OriginalDMConfig struct {
	Network             // starts from zero states
	Raw         bool    // the network sees g itself, in place of LogAndSign
	OutputScale float64 // of the update; default 0.01, or 1 with Raw

	// GradScale multiplies the gradient that the network sees; default 1, the instance's
	// own gradient. The public code differentiates the mean over a batch of 128 instances, so
	// that on quadratics and Rastrigin functions its network sees 1/128 of it.
	GradScale float64
}

// OriginalDM is L2O-DM as Andrychowicz et al. (2016, §2.1 and Appendix A) have it: a
// coordinate-wise LSTM that begins at zero sees the gradient g alone, and
//
//	x⁺ = x + 0.01·linear(LSTM(log |g|, sign g)).
//
// In training the gradient passes through the sums of updates and not through g, which
// drops the second derivatives of F. It needs Subgrad, or Grad where F is smooth.
func OriginalDM(c OriginalDMConfig) Optimizer {
	c.Network = c.Network.filled()
	c.ZeroState, c.GradScale = true, cmp.Or(c.GradScale, 1)
	w := Wiring{
		Name: "L2O-DM (2016)", Network: c.Network, inputScale: "GradScale",
		Input: LogAndSign, InputScale: c.GradScale, Output: Additive, OutputScale: 0.01,
	}
	if c.Raw {
		w.Input, w.OutputScale = Gradient, 1
	}
	w.OutputScale = cmp.Or(c.OutputScale, w.OutputScale)
	c.OutputScale = w.OutputScale
	o := CoordinateWise(w)
	o.Config = c
	return o
}

// RNNpropConfig configures RNNprop. The zero value is the baseline of the L2O-PA
// paper on logistic regression; on LASSO it sets StateScale to 0.01.
type RNNpropConfig struct {
	Network
	Beta        float64 // decay of both moments; default 0.95, optimizee.Nought for none
	OutputScale float64 // of the update; default 0.1
}

// RNNprop (Lv, Jiang and Li 2017) sees what Adam sees: with bias-corrected moments
// m̂ and v̂ of the subgradient g, both of decay 0.95,
//
//	x⁺ = x − 0.1·tanh(linear(LSTM(ELU(linear(g/√v̂, m̂/√v̂))))).
//
// It needs Subgrad, or Grad where F is smooth.
func RNNprop(c RNNpropConfig) Optimizer {
	c.Network = c.Network.filled()
	c.Beta, c.OutputScale = cmp.Or(c.Beta, 0.95), cmp.Or(c.OutputScale, 0.1)
	o := CoordinateWise(Wiring{
		Name: "RNNprop", Network: c.Network,
		Input: Embedded, Beta: c.Beta, Output: Tanh, OutputScale: c.OutputScale,
	})
	o.Config = c
	return o
}
