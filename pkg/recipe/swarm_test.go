package recipe_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/weights"
)

// L2O-Swarm trains in the published segments, on squared cosines with the published settings
// but for the budget; on the Rastrigin functions it beats its start by far in ten steps.
func TestSwarmRecipes(t *testing.T) {
	for name, want := range map[string]learned.SwarmConfig{
		"l2oswarm-rastrigin-2": {Dim: 2, Spread: 1, OutputScale: 0.1}, "l2oswarm-rastrigin-10": {Dim: 10, Spread: 1, OutputScale: 0.1}, "l2oswarm-squarecos-2": {Dim: 2},
	} {
		r := find(t, name)
		c := r.Train
		if encoded(t, r.Optimizer.Config) != encoded(t, learned.Swarm(want).Config) || c.Iterations != 100 || c.Segment != 20 || c.Loss.Name != learned.SwarmLoss(learned.EntropyConfig{Samples: 100}).Name {
			t.Errorf("%s trains %+v by %+v", name, r.Optimizer.Config, c)
		}
	}
	rule := weights.Rule("l2oswarm-rastrigin-2")
	var start, end float64
	for i := range uint64(16) {
		p := optimizee.RastriginSpec{N: 2}.Draw(optimizee.Stream(4, i))
		step, err := rule(p, optimizee.Stream(5, i))
		if err != nil {
			t.Fatal(err)
		}
		x := p.Start
		start += p.Value(x).Item() / 16
		for range 10 {
			x = step(x)
		}
		end += p.Value(x).Item() / 16
	}
	if !(end < start/2) {
		t.Errorf("in ten steps F goes from %g to %g", start, end)
	}
}
