package learned_test

import (
	"fmt"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/learnedtest"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestReplay is the law of steps that are taken again for every coordinate-wise rule.
func TestReplay(t *testing.T) {
	net := learned.Network{Hidden: 5}
	dm, rnnprop, pa := learned.DM(learned.DMConfig{Network: net, GradScale: 0.1}), learned.RNNprop(learned.RNNpropConfig{Network: net}), learned.PA(learned.PAConfig{Network: net})
	all := []learned.Optimizer{
		dm, rnnprop, learned.OriginalDM(learned.OriginalDMConfig{Network: net}), learned.OriginalDM(learned.OriginalDMConfig{Network: net, Raw: true}),
		learned.PA(learned.PAConfig{Network: net, ReturnX: true, DetachGradient: true}),
		learned.PA(learned.PAConfig{Network: net, Through: true}),
		learned.Scale(learned.ScaleConfig{Parameter: 5, MinRate: 1e-3}), learned.Scale(learned.ScaleConfig{Parameter: 5, MinRate: 1e-3, Tensors: []int{150, 52}}),
	}
	for _, learn := range learned.Variants() {
		all = append(all, learned.PA(learned.PAConfig{Learn: learn, Network: net}))
	}
	for _, in := range []learned.Input{learned.Gradient, learned.GradientAndX, learned.Normalised, learned.LogAndSign, learned.Embedded, learned.Curvature} {
		for _, out := range []learned.Output{learned.Additive, learned.ELU, learned.Tanh, learned.Along, learned.Correction} {
			for _, through := range []bool{false, true} {
				all = append(all, learned.CoordinateWise(learned.Wiring{
					Name: fmt.Sprintf("%s to %s, through %v", in, out, through), Network: net, Input: in, InputScale: 0.1, Output: out, Through: through,
				}))
			}
		}
	}
	// Where a path begins anew, the memory of the network goes on.
	for _, o := range []learned.Optimizer{dm, rnnprop, pa} {
		for name, mix := range map[string]func(optim.Rule) optim.Rule{
			"ISTA between":      func(r optim.Rule) optim.Rule { return optim.Alternate(optim.Repeat(2, r), optim.ISTA) },
			"random points":     func(r optim.Rule) optim.Rule { return optim.Alternate(optim.Redraw, optim.Repeat(2, r)) },
			"guarded":           func(r optim.Rule) optim.Rule { return optim.Guard(r, optim.ISTA) },
			"two runs of one θ": func(r optim.Rule) optim.Rule { return optim.Alternate(r, r) },
		} {
			all = append(all, learned.Optimizer{
				Name: o.Name + ", " + name, Init: o.Init,
				Rule: func(th nn.Params) optim.Rule { return mix(o.Rule(th)) },
			})
		}
	}
	p := optimizee.Lasso(gauss(3, 20, 101), gauss(4, 20, 2), 0.3)
	for _, o := range all {
		t.Run(o.Name, func(t *testing.T) { learnedtest.Replay(t, o, p) })
	}
}
