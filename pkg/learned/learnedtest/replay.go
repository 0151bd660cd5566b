// Package learnedtest holds laws of learned optimizers that the packages which make them
// share.
package learnedtest

import (
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/internal/par/partest"
	"github.com/l2olab/l2o/pkg/internal/tiles"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Replay holds o to the law of [nn.Recurrent.Replay] on a problem of more than 128
// coordinates: the gradient by θ of steps that are taken again, tile by tile, is that of
// the rule on one tape, and has the same bits for any number of cores that lose time at random.
func Replay(t *testing.T, o learned.Optimizer, p *optimizee.Problem) {
	t.Helper()
	defer func(l, r int) { tiles.Least, tiles.Rows = l, r }(tiles.Least, tiles.Rows)
	tiles.Rows = 8
	th := o.First(optimizee.Stream(5))
	gradient := func(least, procs int) []float64 {
		tiles.Least = least
		var g []float64
		var err error
		partest.Delayed(procs, func() { g, err = learned.GradientOf(o, th, p, optimizee.Stream(6), 7) })
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	want, one := gradient(math.MaxInt, 1), gradient(0, 1)
	if d := adtest.Distance(one, want); !(d <= 1e-5) {
		t.Errorf("%s: the gradient differs by %.2g of its largest entry", o.Name, d)
	}
	for _, procs := range []int{2, 3, 7} {
		if !slices.Equal(gradient(0, procs), one) {
			t.Errorf("%s: other bits on %d processors", o.Name, procs)
		}
	}
}
