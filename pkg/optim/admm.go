package optim

import (
	"cmp"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// ADMMConfig holds the parameters of ADMM. Zero fields take their defaults.
type ADMMConfig struct {
	// Rho is the penalty ρ on Kx ≠ z. For a quadratic f the best one is √(µL)/(‖K‖·σ(K)), σ
	// the smallest singular value (Ghadimi et al. 2015, for the problems that they solve),
	// which nobody knows at the start: the default begins with L/(10‖K‖²), 1 without f, and
	// balances the residuals of Kx = z and of stationarity, each relative to its terms, at
	// steps 10, 20, 40 … 640 (Boyd et al. 2011, §3.4.1; Wohlberg 2017, §4.1).
	Rho float64
	// Relax is the over-relaxation α between 0 and 2; default 1, and 1.5 to 1.8 often saves
	// a third of the steps (Boyd et al. 2011, §3.4.3).
	Relax float64
}

// ADMM is the alternating direction method of multipliers in scaled form (Boyd et al. 2011,
// eq. 3.5–3.7 and §3.4.3) for f(x) + Σ rᵢ(zᵢ) with zᵢ = Kᵢx:
//
//	x⁺ = argmin f(x) + ρ/2·Σ‖Kᵢx − zᵢ + uᵢ‖²   x̂ᵢ = αKᵢx⁺ + (1−α)zᵢ
//	zᵢ⁺ = prox_{rᵢ/ρ}(x̂ᵢ + uᵢ)   uᵢ⁺ = uᵢ + x̂ᵢ − zᵢ⁺
//
// from zᵢ = Kᵢx and u = 0 on. The update of x is exact to rounding, by conjugate gradients
// from the last x on, so no matrix is formed. It returns the z of the first term without an
// operator, which satisfies that where it is a constraint, and x where there is none. It
// needs Terms and an f that is a least-squares fit (Grad and Residual) or 0
// (optimizee.Zero), and Lipschitz and Norm where Rho is not given.
func ADMM(c ADMMConfig) Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (Step, error) {
		alpha := cmp.Or(c.Relax, 1)
		if err := check.That(c.Rho >= 0 && !math.IsInf(c.Rho, 1) && alpha > 0 && alpha < 2, "ADMM: Rho is %g and Relax %g: they have to be positive, and Relax less than 2", c.Rho, alpha); err != nil {
			return nil, err
		}
		terms, first, err := penalised(p, c.Rho)
		return Remember(func(x0 optimizee.Point) Step {
			rho, x := c.Rho, x0.X()
			if rho == 0 {
				rho = penalty(p, x0)
			}
			z, u := make([]ad.Value, len(terms)), make([]ad.Value, len(terms))
			for i, t := range terms {
				z[i] = t.Apply(x)
				u[i] = z[i].Scale(0)
			}
			slope := p.Grad("x", optimizee.X(x.Detach().Scale(0))) // of f at 0: f is quadratic
			k := 0
			return func(optimizee.Point) optimizee.Point {
				b := slope.Neg()
				for i, t := range terms {
					b = b.AddScaled(rho, t.Transpose(z[i].Sub(u[i])))
				}
				x = solve(normal(p, slope, rho, terms), b, x)
				last := slices.Clone(z)
				for i, t := range terms {
					v := t.Apply(x).Scale(alpha).AddScaled(1-alpha, z[i]).Add(u[i])
					z[i] = t.Prox(v, ad.Scalar(1/rho))
					u[i] = v.Sub(z[i])
				}
				if k++; c.Rho == 0 && balanced(k) {
					rho = rescale(rho, balance(terms, x, z, last, u), u)
				}
				if first < 0 {
					return optimizee.X(x)
				}
				return optimizee.X(z[first])
			}
		}), err
	}
}

// normal is the map v ↦ (∇²f + ρ·ΣKᵢᵀKᵢ)v of the update of x.
func normal(p *optimizee.Problem, slope ad.Value, rho float64, terms []optimizee.Term) func(ad.Value) ad.Value {
	curvature := hessian(p, slope.Detach())
	return func(v ad.Value) ad.Value {
		h := curvature(v)
		for _, t := range terms {
			h = h.AddScaled(rho, t.Transpose(t.Apply(v)))
		}
		return h.Detach()
	}
}

// hessian is the map v ↦ ∇²f·v of a quadratic f, by its gradients at v and at 0. Where the
// one at 0 is so large that their difference drowns in rounding, v is taken 2ᵏ times as long.
func hessian(p *optimizee.Problem, slope ad.Value) func(ad.Value) ad.Value {
	size := floats.Norm(slope.Data, math.Inf(1))
	return func(v ad.Value) ad.Value {
		hv := p.Grad("x", optimizee.X(v)).Sub(slope)
		length := floats.Norm(v.Data, math.Inf(1))
		for k := 0; length > 0 && math.Ldexp(floats.Norm(hv.Data, math.Inf(1)), k) < 1e-3*size; { // f may be flat along v
			if k += 40; math.Ldexp(length, k) > 1e140 {
				break
			}
			longer := p.Grad("x", optimizee.X(v.Scale(math.Ldexp(1, k)))).Sub(slope).Scale(math.Ldexp(1, -k))
			if !longer.IsFinite() {
				break
			}
			hv = longer
		}
		return hv
	}
}

// balanced reports whether ρ is looked at after step k: 10, 20, 40 … 640.
func balanced(k int) bool { return k%10 == 0 && k <= 640 && bits.OnesCount(uint(k/10)) == 1 }

// rescale returns ρ times a factor and keeps the dual variables ρu.
func rescale(rho, by float64, u []ad.Value) float64 {
	for i := range u {
		u[i] = u[i].Scale(1 / by)
	}
	return rho * by
}

// balance is the factor for ρ that makes the residuals ‖Kx − z‖ and ‖Kᵀ(z⁺ − z)‖ equal,
// relative to ‖z‖ and to the ‖Kᵢᵀuᵢ‖, whose sum is 0 without f; between 1/10 and 10, and 1
// where there is nothing to tell.
func balance(terms []optimizee.Term, x ad.Value, z, last, u []ad.Value) float64 {
	var primal, size, pull float64
	dual := x.Detach().Scale(0)
	for i, t := range terms {
		zi := z[i].Detach()
		primal += t.Apply(x.Detach()).Sub(zi).SumSquares().Item()
		size += zi.SumSquares().Item()
		pull += t.Transpose(u[i].Detach()).SumSquares().Item()
		dual = dual.Add(t.Transpose(zi.Sub(last[i].Detach())))
	}
	ratio := math.Pow(primal/size*pull/dual.SumSquares().Item(), 0.25)
	if math.IsNaN(ratio) {
		return 1
	}
	return min(max(ratio, 0.1), 10)
}

// penalised returns the terms that ADMM splits off, and the place of the first one without
// an operator, −1 where there is none.
func penalised(p *optimizee.Problem, rho float64) (terms []optimizee.Term, first int, err error) {
	needs := []string{"Grad"}
	if !p.OnlyTerms {
		needs = append(needs, "Residual")
	}
	if rho == 0 {
		needs = append(needs, "Lipschitz")
	}
	plain, mapped, err := parts(p, "ADMM", needs...)
	if err == nil && rho == 0 && !p.OnlyTerms {
		err = known("ADMM without Rho", mapped)
	}
	if first = 0; len(plain) == 0 {
		first = -1
	}
	return append(plain, mapped...), first, err
}

// penalty is the default ρ.
func penalty(p *optimizee.Problem, x optimizee.Point) float64 {
	if p.OnlyTerms {
		return 1
	}
	return p.Lipschitz("x", x) / (10 * cmp.Or(square(p.Terms), 1))
}

// solve returns M⁻¹b for a symmetric M that is positive definite, from a guess x. The
// derivative by b is another solve.
func solve(m func(ad.Value) ad.Value, b, x ad.Value) ad.Value {
	out := conjugateGradients(m, b.Detach(), x.Detach())
	return ad.Record(out, []ad.Value{b}, func(g []float64, acc [][]float64) {
		v := ad.New(b.R, b.C, g)
		floats.Add(acc[0], conjugateGradients(m, v, v.Scale(0)).Data)
	})
}

// conjugateGradients solves Mx = b to a residual of 1e-14‖b‖, or as far as rounding lets
// it (Hestenes and Stiefel 1952).
func conjugateGradients(m func(ad.Value) ad.Value, b, x ad.Value) ad.Value {
	if size := floats.Norm(b.Data, math.Inf(1)); size > 0 && !math.IsInf(size, 1) && (size < 1e-50 || size > 1e50) { // squares stay in the range
		unit := math.Ldexp(1, math.Ilogb(size))
		return conjugateGradients(m, b.Scale(1/unit), x.Scale(1/unit)).Scale(unit)
	}
	r := b.Sub(m(x))
	d, rr := r, r.SumSquares().Item()
	small := 1e-28 * b.SumSquares().Item()
	best, least := x, rr
	for range 2*b.Len() + 50 {
		if !(rr > small) {
			return x
		}
		md := m(d)
		a := rr / d.Dot(md).Item()
		if math.IsNaN(a) || math.IsInf(a, 0) {
			break
		}
		x, r = x.AddScaled(a, d), r.AddScaled(-a, md)
		next := r.SumSquares().Item()
		d, rr = r.AddScaled(next/rr, d), next
		if rr < least {
			best, least = x, rr
		}
	}
	return best
}
