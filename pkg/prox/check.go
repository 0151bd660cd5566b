package prox

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// Check tests a user's convex regulariser on columns of n numbers, and says what is
// wrong with it: a Value that is missing or not 1×1; a Prox that changes the shape, leaves
// the set, does not minimise r(x) + ‖x − v‖²/(2t) as far as points around show, or, unless
// OneStep, takes a step for each entry for another one; a Subgrad g for which some r(y) is
// below r(x) + ⟨g, y − x⟩; and a Conjugate that breaks r(x) + r*(u) ≥ ⟨u, x⟩, or equality
// at u = (v − x)/t and x = prox_{tr}(v). What is nil is left out.
func Check(r Regulariser, n int) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case string: // as package ad panics when shapes do not fit
			err = fmt.Errorf("%s at a column of %d numbers: %s", r.Name, n, p)
		default:
			panic(p)
		}
	}()
	switch {
	case r.Err != nil:
		return r.Err
	case r.Value == nil:
		return errors.New("a regulariser needs a Value, r(x), 1×1")
	case n < 1:
		return fmt.Errorf("prox.Check: columns of %d numbers", n)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	c := checker{r: r, rng: rng}
	for _, size := range []float64{0.1, 1, 10} {
		v := c.normal(n).Scale(size)
		if r.Prox != nil {
			v = r.Prox(v, ad.Scalar(0.5))
		}
		c.others = append(c.others, v)
	}
	for _, size := range []float64{0.1, 1, 10} {
		for _, t := range []float64{0.3, 2} {
			if err := c.at(c.normal(n).Scale(size), t); err != nil {
				return fmt.Errorf("%s at a random column of %d numbers: %w", r.Name, n, err)
			}
		}
	}
	return nil
}

// checker is a run of Check; others are points where r is finite, if it has a Prox.
type checker struct {
	r      Regulariser
	rng    *rand.Rand
	others []ad.Value
}

func (c checker) normal(n int) ad.Value {
	v := ad.New(n, 1, nil)
	for i := range v.Data {
		v.Data[i] = c.rng.NormFloat64()
	}
	return v
}

func (c checker) at(v ad.Value, t float64) error {
	x := v
	if c.r.Prox != nil {
		x = c.r.Prox(v, ad.Scalar(t))
	}
	if x.R != v.R || x.C != v.C {
		return fmt.Errorf("the Prox of a %s value is %s", v.Shape(), x.Shape())
	}
	switch at := c.r.Value(x); {
	case !x.IsFinite():
		return errors.New("the Prox is not finite")
	case at.Len() != 1:
		return fmt.Errorf("the Value is %s: it has to be 1×1", at.Shape())
	case math.IsNaN(at.Item()), c.r.Prox != nil && math.IsInf(at.Item(), 0):
		return fmt.Errorf("the Value is %g at the point x that Prox gave", at.Item())
	}
	near := c.around(x, v)
	if c.r.Prox == nil {
		return c.subgradient(x, near)
	}
	return cmp.Or(c.minimal(v, x, t, near), c.steps(v, x, t), c.subgradient(x, near), c.young(v.Sub(x).Scale(1/t), x, near))
}

// around are points to compare x with.
func (c checker) around(x, v ad.Value) []ad.Value {
	all := []ad.Value{v, x.Scale(0), x.Scale(0.5), x.Scale(1.5)}
	for _, o := range c.others {
		for _, h := range []float64{1, 0.1, 1e-3} {
			all = append(all, x.AddScaled(h, o.Sub(x)))
		}
	}
	for range min(2*x.R, 20) {
		for _, h := range []float64{1, 1e-1, 1e-3} {
			y := x.Scale(1)
			y.Data[c.rng.IntN(x.R)] += h * c.rng.NormFloat64()
			all = append(all, y)
		}
	}
	return all
}

// loose is how far inner solvers may be off, relative to the numbers that take part.
const loose = 1e-6

func (c checker) minimal(v, x ad.Value, t float64, near []ad.Value) error {
	at, far := c.r.Value(x).Item(), x.Sub(v).SumSquares().Item()/(2*t)
	for _, y := range near {
		r, d := c.r.Value(y).Item(), y.Sub(v).SumSquares().Item()/(2*t)
		if r+d < at+far-loose*loose*(math.Abs(at)+far) {
			return fmt.Errorf("the Prox gives %.6g of r(x) + ‖x − v‖²/(2t) with t = %g, and %.6g is lower", at+far, t, r+d)
		}
	}
	return nil
}

// steps: equal steps for all entries are one step.
func (c checker) steps(v, x ad.Value, t float64) error {
	if c.r.OneStep {
		return nil
	}
	each := c.r.Prox(v, ad.Full(v.R, v.C, t))
	if each.R != x.R || each.C != x.C || !(largest(each.Sub(x)) <= 1e-9*largest(v)) {
		return errors.New("the Prox with the same step for each entry is another one than with one step for all: set OneStep where it takes one")
	}
	return nil
}

func (c checker) subgradient(x ad.Value, near []ad.Value) error {
	if c.r.Subgrad == nil {
		return nil
	}
	at, g := c.r.Value(x).Item(), c.r.Subgrad(x)
	if g.R != x.R || g.C != x.C {
		return fmt.Errorf("the Subgrad of a %s value is %s", x.Shape(), g.Shape())
	}
	rounding := 1e-14 * largest(g) * x.Norm1().Item() // of x
	for _, y := range near {
		r, along := c.r.Value(y).Item(), g.Dot(y.Sub(x)).Item()
		if !(r >= at+along-rounding-loose*loose*(math.Abs(at)+math.Abs(r)+math.Abs(along))) {
			return fmt.Errorf("the Subgrad is none: r(y) is %.6g at a point where r(x) + ⟨g, y − x⟩ is %.6g", r, at+along)
		}
	}
	return nil
}

func (c checker) young(u, x ad.Value, near []ad.Value) error {
	if c.r.Conjugate == nil {
		return nil
	}
	u = u.Scale(1 - 1e-12) // of rounding, at the edge of its domain
	conjugate, along := c.r.Conjugate(u), u.Dot(x).Item()
	at := c.r.Value(x).Item()
	if size := math.Abs(at) + math.Abs(along); !(math.Abs(at+conjugate-along) <= loose*(size+1)) {
		return fmt.Errorf("r(x) + r*(u) is %.6g and ⟨u, x⟩ is %.6g for the u = (v − x)/t of Prox: they have to be equal (Fenchel–Young)", at+conjugate, along)
	}
	for _, y := range near {
		if r, along := c.r.Value(y).Item(), u.Dot(y).Item(); !(r+conjugate >= along-loose*(math.Abs(r)+math.Abs(along)+1)) {
			return fmt.Errorf("r(y) + r*(u) is %.6g, below ⟨u, y⟩ = %.6g (Fenchel–Young)", r+conjugate, along)
		}
	}
	return nil
}
