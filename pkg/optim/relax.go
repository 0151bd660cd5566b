package optim

import (
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Relax goes omega times as far as r in every step, x⁺ = x + ω(r(x) − x): ω = 1 is r, less
// is damped, more is over-relaxed. Relax(1.9, EM) is EM with steps that are almost twice
// as long; near a minimum EM converges so for every ω below 2, and where components
// overlap faster than by itself (Peters and Walker 1978). Further away F may rise. What r
// remembers of its own points, such as a momentum, it forgets.
func Relax(omega float64, r Rule) Rule { return Momentum(omega, 0, r) }

// Momentum is Relax with a memory, x⁺ = x + ω(r(x) − x) + β(x − x⁻): heavy ball for any
// rule. Momentum(ω, β, EM) is EM that rolls.
func Momentum(omega, beta float64, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if err := errors.Join(check.Positive("Relax", "ω", omega), check.Finite("Momentum", "β", beta)); err != nil {
			return nil, err
		}
		step, err := r.start(p, rng)
		return Remember(func(prev optimizee.Point) Step {
			return func(x optimizee.Point) optimizee.Point {
				y := step(x)
				next := x.Map(func(block string, v ad.Value) ad.Value {
					v = v.AddScaled(omega, y.At(block).Sub(v))
					if beta != 0 {
						v = v.AddScaled(beta, x.At(block).Sub(prev.At(block)))
					}
					return v
				})
				prev = x
				return next
			}
		}), err
	}
}
