package optim

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Relax goes omega times as far as r in every step, x⁺ = x + ω(r(x) − x): ω = 1 is r, less
// is damped, more is over-relaxed. Relax(1.9, EM) is EM with steps that are almost twice
// as long; near a minimum EM then converges for every ω below 2, and where components
// overlap it is faster than plain EM (Peters and Walker 1978). Further away F may rise.
// What r remembers of its own points, such as a momentum, is forgotten.
func Relax(omega float64, r Rule) Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (Step, error) {
		if !(omega > 0) || math.IsInf(omega, 1) {
			return nil, fmt.Errorf("optim: Relax: ω is %g: it has to be positive and finite", omega)
		}
		step, err := r(p, rng)
		return func(x optimizee.Point) optimizee.Point {
			y := step(x)
			return x.Map(func(block string, v ad.Value) ad.Value { return v.AddScaled(omega, y.At(block).Sub(v)) })
		}, err
	}
}
