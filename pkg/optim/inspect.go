package optim

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Inspection is where [RunAndInspect] looks around a point at which its rule came to rest.
type Inspection struct {
	Radius   float64 // how far, in each entry
	Spacing  float64 // of the points that are looked at
	Block    int     // entries that move together: 1, the default, or 2
	Decrease float64 // default 1e-6; relative to |F|, what counts as lower
	Rest     float64 // default 1e-6; the relative length of a step that counts as rest
}

// RunAndInspect runs a rule until it rests, and then looks at the points of a grid within a
// radius: from the first one at which F is lower it runs again, and where there is none it
// stays (Chen, Sun and Yin 2019, Algorithm 1). Entries are inspected in blocks, one block
// after the other, because a grid over all of them would have exponentially many points.
//
// A point at which it stays, with a grid so fine that nothing is missed, is a global
// minimiser if Radius is at least [InspectionRadius] and Block has all entries.
//
// Each step of the result is one step of the rule, with an inspection where that comes to rest.
// The rule starts anew from each point that was found. It needs Value.
func RunAndInspect(r Rule, c Inspection) Rule {
	c.Block, c.Decrease, c.Rest = cmp.Or(c.Block, 1), cmp.Or(c.Decrease, 1e-6), cmp.Or(c.Rest, 1e-6)
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if err := errors.Join(
			check.Positive("RunAndInspect", "the radius", c.Radius),
			check.Positive("RunAndInspect", "the spacing", c.Spacing),
			check.That(c.Block == 1 || c.Block == 2, "RunAndInspect: blocks of %d entries: 1 or 2 can be inspected", c.Block),
			check.That(c.Spacing <= c.Radius, "RunAndInspect: a spacing of %g leaves no point within a radius of %g", c.Spacing, c.Radius),
			p.NeedOne("RunAndInspect")); err != nil {
			return nil, err
		}
		if _, err := r.start(p, rng); err != nil {
			return nil, err
		}
		return Remember(func(optimizee.Point) Step {
			var run Step
			done := false
			return func(x optimizee.Point) optimizee.Point {
				if done {
					return x
				}
				if run == nil {
					var err error
					if run, err = r.start(p, rng); err != nil {
						panic(fmt.Sprintf("optim: RunAndInspect: a rule that has started starts no more: %v", err))
					}
				}
				next := run(x)
				if d := next.Sub(x).Norm(); d > c.Rest*(1+x.Norm()) || math.IsNaN(d) {
					return next
				}
				lower, found := c.look(p, next)
				if !found {
					done = true
					return next
				}
				run = nil
				return optimizee.X(lower)
			}
		}), nil
	}
}

// look returns the first point of the grid at which F is lower.
func (c Inspection) look(p *optimizee.Problem, x optimizee.Point) (lower ad.Value, found bool) {
	f := p.Value(x).Item()
	f -= c.Decrease * math.Abs(f)
	n, reach := x.X().Len(), int(c.Radius/c.Spacing)
	for i := range n {
		for j := i; j < n; j++ {
			if (j == i) != (c.Block == 1 || n == 1) {
				continue
			}
			for r := -reach; r <= reach; r++ {
				for q := -reach; q <= reach; q++ {
					y := x.X().Copy()
					if y.Data[i] += float64(r) * c.Spacing; j > i {
						y.Data[j] += float64(q) * c.Spacing
					} else if q > -reach {
						break
					}
					if p.Value(optimizee.X(y)).Item() < f {
						return y, true
					}
				}
			}
		}
	}
	return ad.Value{}, false
}

// InspectionRadius is (2 + √2)·√(δ/µ). Let F = f + r, where f is µ-strongly convex with the
// minimiser y, and r varies by at most δ = sup r − inf r. A point x̄ that is lowest within a
// radius R of itself lies within δ/(µR) + R/2 of y: otherwise a step of length R towards y
// would lower f by more than δ. A global minimiser x* has f(x*) ≤ f(y) + δ and lies within
// √(2δ/µ) of y. With this R both together are at most R, so x* was in sight of x̄, and x̄ is
// as low. Of an [optimizee.Rastrigin] problem, δ is 2α‖c‖₁ and µ the least eigenvalue of AᵀA.
func InspectionRadius(delta, mu float64) float64 { return (2 + math.Sqrt2) * math.Sqrt(delta/mu) }
