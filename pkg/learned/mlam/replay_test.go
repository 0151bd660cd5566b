package mlam_test

import (
	"fmt"
	"testing"

	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/learnedtest"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestReplay is the law of steps that are taken again for the blocks of MLAM.
func TestReplay(t *testing.T) {
	p := completion.Family{Rows: 70, Cols: 66, Rank: 2, Observe: 0.4, Lambda: 0.1}.Draw(optimizee.Stream(8))
	run := func(c mlam.Config, in learned.Input, out learned.Output) {
		c.Wiring = learned.Wiring{Network: learned.Network{Hidden: 3}, Input: in, InputScale: 0.1, Output: out}
		c.Inner = 2
		t.Run(fmt.Sprint(in, " to ", out, ", Redraw ", c.Redraw, ", Reset ", c.Reset), func(t *testing.T) {
			learnedtest.Replay(t, mlam.MLAM(c), p)
		})
	}
	for _, in := range []learned.Input{learned.Normalised, learned.Gradient, learned.GradientAndX, learned.Embedded, learned.Curvature, learned.Displacement} {
		for _, out := range []learned.Output{learned.Additive, learned.Along, learned.Correction} {
			run(mlam.Config{}, in, out)
		}
		run(mlam.Config{Redraw: true}, in, learned.Additive)
		run(mlam.Config{Redraw: true, Reset: true}, in, learned.Additive)
	}
	t.Run("GSO", func(t *testing.T) { learnedtest.Replay(t, mlam.MLAM(smallGSO()), p) })
}
