package optim

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// parts checks a problem for a rule that splits F = f + Σ rᵢ(Kᵢx), and returns its terms:
// those of x itself, and those of an operator.
func parts(p *optimizee.Problem, rule string, oracles ...string) (plain, mapped []optimizee.Term, err error) {
	if err := p.NeedOne(rule, append(oracles, "Terms")...); err != nil {
		return nil, nil, err
	}
	for _, t := range p.Terms {
		switch {
		case t.Prox == nil:
			return nil, nil, fmt.Errorf("%s needs the Prox of each of Terms, and %s of %s has none", rule, t.Name, p.Name)
		case t.K.IsZero():
			plain = append(plain, t)
		default:
			mapped = append(mapped, t)
		}
	}
	return plain, mapped, nil
}

// onlyTerms is the error of a rule that cannot take a smooth part.
func onlyTerms(p *optimizee.Problem, rule, instead string) error {
	return check.That(p.OnlyTerms, "%s minimises a sum of terms alone, as optimizee.Zero(x).Plus(r).Plus(s), and %s has a smooth part: take %s", rule, p.Name, instead)
}

// two returns the terms of a rule for F = f + r₁ + r₂; r₂ may be missing.
func two(p *optimizee.Problem, rule string, oracles ...string) (r1, r2 optimizee.Term, err error) {
	plain, mapped, err := parts(p, rule, oracles...)
	switch {
	case err != nil:
		return r1, r2, err
	case len(mapped) > 0 || len(plain) > 2:
		return r1, r2, fmt.Errorf("%s takes up to two Terms without an operator, and %s has %d, %d of them with one: take CondatVu, ChambollePock or ADMM", rule, p.Name, len(p.Terms), len(mapped))
	case len(plain) == 1:
		plain = append(plain, optimizee.Term{Regulariser: prox.None()})
	}
	return plain[0], plain[1], nil
}

// DouglasRachford minimises r₁ + r₂ by their proximal maps in turn, with steps γ (Lions
// and Mercier 1979; Eckstein and Bertsekas 1992, eq. 10):
//
//	x = prox_{γr₁}(z)   z⁺ = z + prox_{γr₂}(2x − z) − x
//
// It converges for every γ; the best one is in the units of ‖x‖²/F, so only the caller
// knows where to look. It returns x, which satisfies r₁ where that is a constraint, from
// z = x on. It needs a problem of two Terms without operators and without a smooth part
// (optimizee.Zero); with one, [DavisYin] is its generalisation.
func DouglasRachford(gamma float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.Positive("Douglas–Rachford", "γ", gamma); err != nil {
			return nil, err
		}
		r1, r2, err := two(p, "Douglas–Rachford")
		if err == nil {
			err = onlyTerms(p, "Douglas–Rachford", "DavisYin")
		}
		step := ad.Scalar(gamma)
		return Remember(func(x0 optimizee.Point) Step {
			z := x0.X()
			x := r1.Prox(z, step)
			return func(optimizee.Point) optimizee.Point {
				z = z.Add(r2.Prox(x.Scale(2).Sub(z), step)).Sub(x)
				x = r1.Prox(z, step)
				return optimizee.X(x)
			}
		}), err
	}
}

// DavisYin minimises f + r₁ + r₂ by gradients of f and proximal maps, with steps γ = s/L
// (Davis and Yin 2017, Algorithm 1 with λ = 1):
//
//	x = prox_{γr₁}(z)   z⁺ = z + prox_{γr₂}(2x − z − γ∇f(x)) − x
//
// It converges for 0 < s < 2; s = 1 is the step of ISTA, which it is without r₁. It
// returns x, which satisfies r₁ where that is a constraint, from z = x on. It needs Grad,
// Lipschitz and up to two Terms without operators.
func DavisYin(s float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.That(s > 0 && s < 2, "Davis–Yin: s is %g; a step s/L converges for 0 < s < 2", s); err != nil {
			return nil, err
		}
		r1, r2, err := two(p, "Davis–Yin", "Grad", "Lipschitz")
		return Remember(func(x0 optimizee.Point) Step {
			gamma := s / p.Lipschitz("x", x0)
			step := ad.Scalar(gamma)
			z := x0.X()
			x := r1.Prox(z, step)
			return func(optimizee.Point) optimizee.Point {
				v := x.Scale(2).Sub(z).AddScaled(-gamma, p.Grad("x", optimizee.X(x)))
				z = z.Add(r2.Prox(v, step)).Sub(x)
				x = r1.Prox(z, step)
				return optimizee.X(x)
			}
		}), err
	}
}
