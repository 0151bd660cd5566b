package optim

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// FISTABacktracking is FISTA without a given L. It starts from the estimate l0, lowers it
// by a tenth before each step and doubles it until f lies below its quadratic model,
//
//	f(x⁺) ≤ f(y) + ⟨∇f(y), x⁺ − y⟩ + (L/2)‖x⁺ − y‖²,   x⁺ = prox_{r/L}(y − ∇f(y)/L)
//
// so it goes by the curvature around x, which may be far less than L. A momentum with
// t⁺ = (1 + √(1 + 4(L⁺/L)t²))/2 for changing L keeps the rate of FISTA (Scheinberg,
// Goldfarb and Bai 2014, Algorithm 3), F(x_k) − F* ≤ 2‖x₀ − x*‖²/(Σ 1/√L_i)². It returns
// x⁺, and needs Smooth, Grad and Prox.
func FISTABacktracking(l0 float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.Positive("FISTA backtracking", "the first estimate of L", l0); err != nil {
			return nil, err
		}
		next, first := l0, true
		return Remember(func(prev optimizee.Point) Step {
			t, l := 0.0, next
			return func(x optimizee.Point) optimizee.Point {
				if first { // an l0 in another unit
					next, first = lowered(p, x, p.Grad("x", x), l0), false
					l = next
				}
				for try := next; ; try *= 2 {
					u := (1 + math.Sqrt(1+4*try/l*t*t)) / 2
					y := x.Add(x.Sub(prev).Scale((t - 1) / u))
					g := p.Grad("x", y)
					z := optimizee.X(p.Prox("x", y.X().AddScaled(-1/try, g), ad.Scalar(1/try)))
					if below(p, x, y, z, g, try) {
						prev, t, l, next = x, u, try, 0.9*try
						return z
					}
				}
			}
		}), p.NeedOne("FISTA backtracking", "Smooth", "Grad", "Prox")
	}
}

// below reports whether f at z lies below its quadratic model at y with curvature l. Where
// the values of f agree to eight digits, their difference is lost in rounding and the
// change of the gradient tells the curvature (Becker, Candès and Grant 2011, §5.3). A z
// where f is not finite, as e^z from z = 710 on, is too far away, unless x itself is there
// or steps cannot be shorter: then it counts as below, so that a search ends.
func below(p *optimizee.Problem, x, y, z optimizee.Point, g ad.Value, l float64) bool {
	d := z.Sub(y)
	move, dd := d.X().Detach(), d.Dot(d)
	fy, fz := p.Smooth(y).Item(), p.Smooth(z).Item()
	if !check.IsFinite(fz) {
		return math.IsInf(l, 1) || !check.IsFinite(p.Smooth(x).Item())
	}
	if math.Abs(fz-fy) > 1e-8*max(math.Abs(fy), math.Abs(fz)) {
		return !(fz-fy-g.Detach().Dot(move).Item() > l/2*dd)
	}
	bend := p.Grad("x", z).Detach().Sub(g.Detach()).Dot(move).Item()
	// the last digits of x and of ∇f cannot veto a step
	slack := 1e-15 * (l*math.Sqrt(y.Dot(y)) + 10*math.Sqrt(g.Detach().SumSquares().Item())) * math.Sqrt(dd)
	return !(bend > l*dd+slack)
}
