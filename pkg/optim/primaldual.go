package optim

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// dualised are the parts of f + g(x) + Σ hᵢ(Kᵢx) with a dual variable for each hᵢ. The
// first term without an operator is g; any other has the identity for Kᵢ.
type dualised struct {
	g optimizee.Term
	h []optimizee.Term
}

func dualise(p *optimizee.Problem, rule string, oracles ...string) (d dualised, err error) {
	plain, mapped, err := parts(p, rule, oracles...)
	if err != nil {
		return d, err
	}
	if d.g = (optimizee.Term{Regulariser: prox.None()}); len(plain) > 0 {
		d.g, plain = plain[0], plain[1:]
	}
	d.h = slices.Concat(plain, mapped)
	return d, known(rule, d.h)
}

// known is the error of terms with an operator that gives no norm.
func known(rule string, terms []optimizee.Term) error {
	for _, t := range terms {
		if !t.K.IsZero() && t.K.Norm == nil {
			return fmt.Errorf("%s makes its steps of the norm of each operator, and %s gives no Norm: set it, or an upper bound", rule, t.K.Name)
		}
	}
	return nil
}

// square is Σ‖Kᵢ‖², an upper bound on the squared norm of all operators together.
func square(terms []optimizee.Term) (s float64) {
	for _, t := range terms {
		s += t.Norm() * t.Norm()
	}
	return s
}

// zeros are the first dual variables.
func (d dualised) zeros(x ad.Value) (y []ad.Value) {
	for _, h := range d.h {
		y = append(y, h.Apply(x).Scale(0))
	}
	return y
}

// ascend takes a dual step at K·x: yᵢ⁺ = prox_{σhᵢ*}(yᵢ + σKᵢx), by Moreau's identity
// prox_{σh*}(v) = v − σ·prox_{h/σ}(v/σ).
func (d dualised) ascend(y []ad.Value, sigma float64, x ad.Value) {
	for i, h := range d.h {
		v := y[i].AddScaled(sigma, h.Apply(x))
		y[i] = v.AddScaled(-sigma, h.Prox(v.Scale(1/sigma), ad.Scalar(1/sigma)))
	}
}

// pull takes t·ΣKᵢᵀyᵢ from x.
func (d dualised) pull(x ad.Value, t float64, y []ad.Value) ad.Value {
	for i, h := range d.h {
		x = x.AddScaled(-t, h.Transpose(y[i]))
	}
	return x
}

// ChambollePock minimises g(x) + Σ hᵢ(Kᵢx) by gradient steps on its saddle function, with
// one multiplication by K and one by Kᵀ in each (Chambolle and Pock 2011, Algorithm 1 with
// θ = 1):
//
//	y⁺ = prox_{σh*}(y + σKx̄)   x⁺ = prox_{τg}(x − τKᵀy⁺)   x̄⁺ = 2x⁺ − x
//
// from y = 0 on. It converges for στ‖K‖² ≤ 1, and the steps σ = s/‖K‖ and τ = 1/(s‖K‖) use
// that up. With s = 1 they are equal, as good a guess as any; the best s is ‖y*‖/‖x*‖, so
// try powers of ten. It returns x, which satisfies g where that is a constraint. It needs
// a problem without a smooth part (optimizee.Zero), whose operators give their Norm; g is
// the first of its Terms without one.
func ChambollePock(s float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.Positive("Chambolle–Pock", "s", s); err != nil {
			return nil, err
		}
		d, err := dualise(p, "Chambolle–Pock")
		if err == nil {
			err = onlyTerms(p, "Chambolle–Pock", "CondatVu")
		}
		return Remember(func(x0 optimizee.Point) Step {
			norm := cmp.Or(math.Sqrt(square(d.h)), 1)
			sigma, tau := s/norm, 1/(s*norm)
			bar, y := x0.X(), d.zeros(x0.X())
			return func(at optimizee.Point) optimizee.Point {
				x := at.X()
				d.ascend(y, sigma, bar)
				next := d.g.Prox(d.pull(x, tau, y), ad.Scalar(tau))
				bar = next.Scale(2).Sub(x)
				return optimizee.X(next)
			}
		}), err
	}
}

// CondatVu minimises f(x) + g(x) + Σ hᵢ(Kᵢx) by gradients of f and proximal maps of the
// other parts (Condat 2013, Algorithm 3.1 with ρ = 1; Vũ 2013):
//
//	x⁺ = prox_{τg}(x − τ∇f(x) − τKᵀy)   y⁺ = prox_{σh*}(y + σK(2x⁺ − x))
//
// from y = 0 on. It converges for 1/τ − σ‖K‖² > L/2; here that is L, for which the mean of
// the iterates is known to be as good as O(1/k) (Chambolle and Pock 2016, Theorem 1):
// σ = s·L/‖K‖² and 1/τ = (1 + s)·L. With s = 1 the two steps share alike; a small s makes
// the step of x that of ISTA, for a slow y, and a large one is in place where f is flat
// compared with h(Kx): try powers of ten. It returns x, which satisfies g where that is a
// constraint. It needs Grad, Lipschitz and Terms whose operators give their Norm; g is the
// first of them without one.
func CondatVu(s float64) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		if err := check.Positive("Condat–Vũ", "s", s); err != nil {
			return nil, err
		}
		d, err := dualise(p, "Condat–Vũ", "Grad", "Lipschitz")
		return Remember(func(x0 optimizee.Point) Step {
			l := p.Lipschitz("x", x0)
			norm2 := square(d.h)
			sigma := s * l / cmp.Or(norm2, 1)
			tau := 1 / (l + sigma*norm2)
			y := d.zeros(x0.X())
			return func(at optimizee.Point) optimizee.Point {
				x := at.X()
				v := d.pull(x.AddScaled(-tau, p.Grad("x", at)), tau, y)
				next := d.g.Prox(v, ad.Scalar(tau))
				d.ascend(y, sigma, next.Scale(2).Sub(x))
				return optimizee.X(next)
			}
		}), err
	}
}
