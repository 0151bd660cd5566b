package play

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// guard holds a trained rule, told a wrong L, to a safe one that may ask for more or less.
func guard() Playground {
	const steps = 40
	type problem struct {
		p    *optimizee.Problem
		best float64
		ista []float64
	}
	problems := once(func(n int) problem {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(5, uint64(n)))
		best, err := trace.Certified(p, 1e-13)
		if err != nil {
			panic(err)
		}
		return problem{p, best.F, values(p, run(p, optim.ISTA, steps, nil), best.F)}
	})
	trained := once(func(int) optim.Rule { return weights.Rule("l2opa-lasso-20x40") })
	pa := func(percent int) optim.Rule { // that has been told so much of L
		return optim.Told(func(p *optimizee.Problem) *optimizee.Problem {
			return optimizee.WithLipschitz(p, float64(percent)/100*p.Lipschitz("x", p.Start))
		}, trained(0))
	}
	alone := once(func(key int) []float64 { // of the problem key/1000, told key%1000 percent
		at := problems(key / 1000)
		return values(at.p, run(at.p, pa(key%1000), steps, optimizee.Stream(6)), at.best)
	})
	return Playground{
		Name:  "guard",
		Title: "When does a safeguard pay, and when does it cost?",
		How:   "Let the trained rule believe in a smaller L than there is, until it diverges. The guard takes its step only where F falls at least as far as with a step of ISTA, of the length that you choose: a short one forgives almost everything, a long one nothing.",
		Controls: []Control{
			Slider("told", "L that the rule is told / L", .3, 1.5, .05, .6),
			Slider("strict", "step of the safe ISTA × L", .05, 1.95, .05, 1),
			Button("seed", "Another problem"),
		},
		Draw: func(v Values) Scene {
			at, told := problems(v.Int("seed")), int(math.Round(100*v.Num("told")))
			bare := alone(1000*v.Int("seed") + told)
			var suggested optimizee.Point // the last one of the trained rule
			heard := func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
				step, err := pa(told)(p, rng)
				if err != nil {
					return nil, err
				}
				return func(x optimizee.Point) optimizee.Point {
					suggested = step(x)
					return suggested
				}, nil
			}
			step, err := optim.Guard(heard, optim.WithStep(v.Num("strict"), optim.ISTA))(at.p, optimizee.Stream(6))
			if err != nil {
				panic(err)
			}
			var taken, refused draw.Points
			guarded := []optimizee.Point{at.p.Start}
			for k, x := range optim.Steps(step, at.p.Start) {
				if k == 0 {
					continue
				}
				guarded = append(guarded, x)
				switch { // at the minimum rounding decides
				case at.p.Value(x).Item()-at.best < 1e-8:
				case x.Same(suggested):
					taken = append(taken, [2]float64{float64(k), 1})
				default:
					refused = append(refused, [2]float64{float64(k), 0})
				}
				if k == steps {
					break
				}
			}
			held := values(at.p, guarded, at.best)
			f, k := logAxis("F − F*", -8, 2), axis("step k", 0, steps)
			gaps := chart("How far above the minimum", k, f, curve("L2O-PA", f, bare), curve("L2O-PA, guarded", f, held), curve("ISTA", f, at.ista))
			who := chart("Whose step was taken?", k, axis("", -.5, 1.5), dots("the trained rule's", draw.Vermilion, 7, taken), dots("the safe one's", draw.Blue, 7, refused))
			who.Y.Labels, who.Y.Step = []string{"safe", "trained"}, 1
			return Scene{
				Panels: []*draw.Scene{gaps, who},
				Says: sentence("Until F − F* was below 1e-8 the guard took %d of %d steps of the trained rule. After %d steps F − F* is %s with it, %s without, and %s with ISTA.",
					len(taken), len(taken)+len(refused), steps, gap(held[steps]), gap(bare[steps]), gap(at.ista[steps])),
			}
		},
	}
}
