package mlam

import "github.com/l2olab/l2o/pkg/learned"

// GSOConfig configures GSO. The zero value has the paper's settings.
type GSOConfig struct {
	Config      // default: 2×500 hidden units, raw gradients, outputs added as they are
	Keep   bool // an inner loop goes on from where the last one ended, as Algorithm 2 prints it, instead of from new random numbers, as the text says
}

// GSO is the first version of MLAM (GSO, Algorithm 2): the same rule, t_l and t_u being
// t_in and t_out. The cell states hold what was seen of the variables' path, so they go
// on from one inner loop to the next unless Reset is set. Its paper gives no other
// setting than MLAM's, so only the name tells the two apart.
func GSO(c GSOConfig) learned.Optimizer {
	if c.Hidden == 0 {
		c.Hidden = Paper.Hidden
	}
	if c.Input == "" {
		c.Input = Paper.Input
	}
	if c.OutputScale == 0 {
		c.OutputScale = Paper.OutputScale
	}
	c.Redraw = !c.Keep
	c.Config = c.filled()
	return c.optimizer("GSO", c)
}
