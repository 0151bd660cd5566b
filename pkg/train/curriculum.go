package train

import (
	"slices"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// AtEnd is F of an instance where a run ends, for a [Validation]. The loss, which is what
// validates without a measure, weighs the beginning of runs too, where F is large.
var AtEnd = trace.Measure{Name: "F of an instance at the end", Of: func(p *optimizee.Problem, x optimizee.Point) float64 {
	return p.Value(x).Item() / float64(x.X().C)
}}

// published are the horizons of the public code of L2O-enhanced.
var published = []int{100, 200, 500, 1000, 1500, 2000, 2500, 3000}

// Curriculum is the training with horizons that grow, as L2O-enhanced has them (Chen et
// al. 2020, §4.1): a phase for each number of iterations, cut into segments as before.
// Runs of few steps teach nothing about many, and runs of many do not train a network that
// cannot yet take few. So θ is chosen by how far it carries: a phase is validated over the
// horizon of the next one, the last over its own. It ends with the first validation, from
// the third on, that finds nothing lower, and hands on the best θ. A phase that never
// improves on its start ends the training. Without horizons it takes those of the public
// code, 100, 200, 500, 1000, 1500, 2000, 2500 and 3000.
//
// Minibatches is the most of each phase. The public code validates by [AtEnd].
func (c Config) Curriculum(horizons ...int) Config {
	if len(horizons) == 0 {
		horizons = published
	}
	c.Phases = make([]Phase, len(horizons))
	for i, n := range horizons {
		c.Phases[i].Iterations = n
	}
	v := &c.Validation
	v.Ahead, v.AtLeast, v.Patience, v.MustImprove = true, 3, 1, true
	return c
}

// horizon is over how many steps phase i is validated.
func (c Config) horizon(phases []Phase, i int) int {
	if c.Validation.Ahead && i+1 < len(phases) {
		i++
	}
	return phases[i].Iterations
}

// validations are those of this phase, without that of its start.
func (t *training) validations() int {
	start := t.Minibatches - t.done
	all := t.Result.Validation
	i := slices.IndexFunc(all, func(v weights.Validation) bool { return v.After > start })
	if i < 0 {
		return 0
	}
	return len(all) - i
}

// stuck reports that this phase found nothing lower than its start, and that the training
// has to end for it. The one validation after which idle is 0 is that of the start then.
func (t *training) stuck() bool {
	n := t.validations()
	return t.c.Validation.MustImprove && n > 0 && t.idle >= n
}
