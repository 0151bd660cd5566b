package optimizee

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// InUnitsOf is f_c(x) = F(c⊙x): the problem for a user who measures each coordinate in a
// unit of its own, the entries of c. Start, truth and solutions are divided by c. Unlike
// [InUnits] it leaves F as large as it was. It keeps the oracles that need no more than the
// chain rule: there is no Prox, and no Terms. Its L is max c² times as large, which may be
// more than it has to be.
func InUnitsOf(p *Problem, c Point) *Problem {
	p = p.orNone()
	up := func(x Point) Point { return x.zip(c, ad.Value.Mul) }
	down := func(x Point) Point { return x.zip(c, ad.Value.Div) }
	q := &Problem{Name: p.Name, Traits: p.Traits, Start: p.Start, Err: p.Err, smoothF: p.smoothF}
	if q.Err == nil {
		q.Err = units(p.Start, c)
	}
	if q.Err != nil {
		return q
	}
	if q.Start = down(p.Start); !p.Truth.IsZero() {
		q.Truth = down(p.Truth)
	}
	q.Value = func(x Point) ad.Value { return p.Value(up(x)) }
	smooth := p.Grad != nil && (p.smoothGrad() || p.smoothF)
	if smooth {
		q.Grad = func(b string, x Point) ad.Value { return p.Grad(b, up(x)).Mul(c.At(b)) }
	}
	if smooth && p.ValueGrad != nil {
		q.ValueGrad = func(b string, x Point) (ad.Value, ad.Value) {
			f, g := p.ValueGrad(b, up(x))
			return f, g.Mul(c.At(b))
		}
	}
	if p.Subgrad != nil {
		q.Subgrad = func(b string, x Point) ad.Value { return p.Subgrad(b, up(x)).Mul(c.At(b)) }
	}
	if smooth && p.Residual != nil {
		q.Residual = func(x Point) ad.Value { return p.Residual(up(x)) }
	}
	if smooth && p.Lipschitz != nil {
		q.Lipschitz = func(b string, x Point) float64 {
			var most float64
			for _, v := range c.At(b).Data {
				most = max(most, v*v)
			}
			return most * p.Lipschitz(b, up(x))
		}
	}
	if p.Solve != nil {
		q.Solve = func(b string, x Point) ad.Value { return p.Solve(b, up(x)).Div(c.At(b)) }
	}
	if p.SolveAll != nil {
		q.SolveAll = func(x Point) Point { return down(p.SolveAll(up(x))) }
	}
	if p.Bound != nil {
		q.Bound = func(x Point) float64 { return p.Bound(up(x)) }
	}
	return q
}

// units reports why c are no units of the coordinates of x.
func units(x, c Point) error {
	for _, b := range x.Blocks() {
		switch i := slices.Index(c.names, b); {
		case i < 0:
			return fmt.Errorf("the units have blocks %q, and there is no %q among them", c.names, b)
		case c.vals[i].R != x.At(b).R || c.vals[i].C != x.At(b).C:
			return fmt.Errorf("the units of block %q are %s, and it is %s: one for each coordinate", b, c.vals[i].Shape(), x.At(b).Shape())
		}
		for i, v := range c.At(b).Data {
			if !(v > 0) || math.IsInf(v, 1) {
				return fmt.Errorf("unit %d of block %q is %g: units have to be positive and finite", i, b, v)
			}
		}
	}
	return check.That(len(c.names) == len(x.names), "the units have blocks %q, and the problem %q", c.names, x.names)
}

// RandomScaling is the family with each problem in random units ([InUnitsOf]): c = exp(u)
// for each coordinate, with u uniform on [−s, s] (Lv, Jiang and Li 2017, §4.1). In
// training it keeps a rule from learning how large the steps of one problem are. The
// published s is 3 for a network and 1 for what [ConvexAddOn] adds. Problems keep their name
// and their traits, because what is trained so is meant for problems in their own units.
func RandomScaling(fam Family, s float64) Family {
	if fam == nil {
		panic("optimizee: RandomScaling: there is no family")
	}
	return FamilyFunc(fmt.Sprintf("%v, in random units of exp(±%g)", fam, s), func(rng *rand.Rand) *Problem {
		p := fam.Draw(rng).orNone()
		err := errors.Join(p.Err, exponent(s))
		if err != nil {
			return &Problem{Name: p.Name, Err: err}
		}
		return InUnitsOf(p, p.Start.Map(func(_ string, v ad.Value) ad.Value { return randomUnits(rng, v.R, v.C, s) }))
	})
}

func exponent(s float64) error {
	return check.That(s >= 0 && s <= 100, "random units exp(±%g): the exponent has to be from 0 to 100", s)
}

// randomUnits draws exp(u), u uniform on [−s, s].
func randomUnits(rng *rand.Rand, r, c int, s float64) ad.Value {
	return Uniform(rng, r, c).Shift(-0.5).Scale(2 * s).Exp()
}

// What the public code of RNNprop adds.
const (
	addOnSize = 20
	addOnClip = 10
)

// ConvexAddOn is the family with a simple function of 20 more coordinates z, at the end of x,
// added to each problem,
//
//	F(x) + mean(min((c⊙z − a)², 10)),
//
// where a is uniform on [−1, 1], c = exp(u) with u uniform on [−s, s], and z starts at 0
// (Lv, Jiang and Li 2017, §4.2, with the numbers of the public code, whose s is 1). A rule
// that is trained on it does not forget how to minimise what is easy. The name is that of
// the paper; where the minimum cuts, the function is flat, and not convex.
//
// Problems have to have one column "x", and keep their name and traits. What is added stands in
// the same block, because a coordinate-wise rule works on one. Left are Value, Grad,
// ValueGrad and Subgrad, and the bound of F, as what is added is at least 0.
func ConvexAddOn(fam Family, s float64) Family {
	if fam == nil {
		panic("optimizee: ConvexAddOn: there is no family")
	}
	return FamilyFunc(fmt.Sprintf("%v, plus a convex add-on in units of exp(±%g)", fam, s), func(rng *rand.Rand) *Problem {
		p := fam.Draw(rng).orNone()
		if err := errors.Join(p.NeedOne("a convex add-on"), exponent(s)); err != nil {
			return &Problem{Name: p.Name, Err: err}
		}
		a := Uniform(rng, addOnSize, 1).Scale(2).Shift(-1)
		return withAddOn(p, a, randomUnits(rng, addOnSize, 1, s))
	})
}

// withAddOn is F(x) + mean(min((c⊙z − a)², 10)).
func withAddOn(p *Problem, a, c ad.Value) *Problem {
	x0 := p.Start.X()
	q := &Problem{Name: p.Name, Traits: p.Traits, Err: check.That(x0.C == 1, "x is %s: a convex add-on goes below one column", x0.Shape())}
	if q.Err != nil {
		return q
	}
	n := x0.R
	parts := func(x Point) (Point, ad.Value) { // x of p, and z
		row := x.X().Reshape(1, n+a.R)
		return X(row.Cols(0, n).Reshape(n, 1)), row.Cols(n, n+a.R).Reshape(a.R, 1)
	}
	stack := func(x, z ad.Value) ad.Value {
		return x.Reshape(1, n).Beside(z.Reshape(1, a.R)).Reshape(n+a.R, 1)
	}
	share := 1 / float64(a.R)
	added := func(z ad.Value) ad.Value {
		return z.Mul(c).Sub(a).Square().Neg().Shift(addOnClip).ReLU().Neg().Shift(addOnClip).Sum().Scale(share)
	}
	slope := func(z ad.Value) ad.Value {
		d := z.Mul(c).Sub(a)
		inside := d.Square().Neg().Shift(addOnClip).ReLU().Sign() // 1 where nothing is cut, else 0
		return d.Mul(inside).Mul(c).Scale(2 * share)
	}
	q.Start = X(stack(x0, ad.New(a.R, 1, nil)))
	q.Value = func(x Point) ad.Value {
		x, z := parts(x)
		return p.Value(x).Add(added(z))
	}
	with := func(grad func(string, Point) ad.Value) func(string, Point) ad.Value {
		return func(b string, x Point) ad.Value {
			x, z := parts(x)
			return stack(grad(b, x), slope(z))
		}
	}
	switch {
	case p.Grad != nil && (p.smoothGrad() || p.smoothF):
		q.Grad = with(p.Grad)
		if p.ValueGrad != nil {
			q.ValueGrad = func(b string, x Point) (ad.Value, ad.Value) {
				x, z := parts(x)
				f, g := p.ValueGrad(b, x)
				return f.Add(added(z)), stack(g, slope(z))
			}
		}
	case p.Subgrad != nil:
		q.Subgrad = with(p.Subgrad)
	}
	if p.Bound != nil {
		q.Bound = func(x Point) float64 {
			x, _ = parts(x)
			return p.Bound(x)
		}
	}
	return q
}
