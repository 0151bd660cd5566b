package completion

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// DeepConfig holds the settings of [DeepFactors].
type DeepConfig struct {
	Depth int // factors of R̂, at least 2; default 3
	Adam  optim.AdamConfig
}

// DeepFactors is deep matrix factorisation: R̂ = A·B₁⋯B_{L−2}·Vᵀ with p×p factors B
// between the outer ones, all of them moved at once by Adam on F (deep linear
// factorisation, Arora et al. 2019; the papers do not define the "DMF" that they
// compare with, so this is our definition). U = A·B₁⋯B_{L−2} is what it returns, so F
// with its λ is that of the problem. It starts from the point that it is given, with
// A = U and every B the identity. It needs Grad, in blocks U and V.
func DeepFactors(d DeepConfig) optim.Rule {
	d.Depth = cmp.Or(d.Depth, 3)
	return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
		const name = "deep factors"
		if d.Depth < 2 {
			return nil, fmt.Errorf("completion: %s: a product of %d factors: there have to be at least 2", name, d.Depth)
		}
		if err := errors.Join(p.Need(name, "Grad"), inBlocks(name, p, "U", "V")); err != nil {
			return nil, err
		}
		inner := make([]string, d.Depth-2)
		for i := range inner {
			inner[i] = fmt.Sprint("B", i+1)
		}
		var asked, slope optimizee.Point
		whole := func(f optimizee.Point) optimizee.Point {
			return optimizee.Point{}.Plus("U", product(f, inner)).Plus("V", f.At("V"))
		}
		adam, err := optim.Adam(d.Adam)(&optimizee.Problem{
			Name: name, Start: p.Start,
			Value: func(f optimizee.Point) ad.Value { return p.Value(whole(f)) },
			Grad: func(b string, f optimizee.Point) ad.Value {
				if !f.Same(asked) { // one pass for all factors
					asked, slope = f, chain(p, whole(f), f, inner)
				}
				return slope.At(b)
			},
		}, nil)
		return optim.Remember(func(x0 optimizee.Point) optim.Step {
			factors := optimizee.Point{}.Plus("V", x0.At("V")).Plus("A", x0.At("U"))
			for _, b := range inner {
				factors = factors.Plus(b, ad.Eye(x0.At("U").C))
			}
			return func(x optimizee.Point) optimizee.Point {
				factors = adam(factors)
				return x.With("V", factors.At("V")).With("U", product(factors, inner))
			}
		}), err
	}
}

// product is A·B₁⋯B_n.
func product(f optimizee.Point, inner []string) ad.Value {
	u := f.At("A")
	for _, b := range inner {
		u = u.MatMul(f.At(b))
	}
	return u
}

// chain is the gradient of F in all factors, from the one in U and V by the chain rule:
// with left = A·B₁⋯B_{i−1} and right = B_{i+1}⋯B_n, that of B_i is leftᵀ·g·rightᵀ.
func chain(p *optimizee.Problem, x, f optimizee.Point, inner []string) optimizee.Point {
	grad := f.With("V", p.Grad("V", x))
	g := p.Grad("U", x)
	for i := len(inner) - 1; i >= 0; i-- {
		grad = grad.With(inner[i], product(f, inner[:i]).TMatMul(g))
		g = g.MatMulT(f.At(inner[i]))
	}
	return grad.With("A", g)
}

// inBlocks reports blocks that a problem does not have.
func inBlocks(rule string, p *optimizee.Problem, blocks ...string) error {
	for _, b := range blocks {
		if err := p.On(b, &p.Start).Err; err != nil {
			return fmt.Errorf("%s works in blocks %q: %w", rule, blocks, err)
		}
	}
	return nil
}
