package linear

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// Compose is the product AB…: Compose(a, b) applies a after b.
func Compose(a Operator, bs ...Operator) Operator {
	for _, b := range bs {
		a = product(a, b)
	}
	return a
}

func product(a, b Operator) Operator {
	c := Operator{Name: a.Name + "∘" + b.Name, Rows: a.Rows, Cols: b.Cols}
	if c.Err = usable(a, b); c.Err != nil {
		return c
	}
	if a.Cols != b.Rows {
		c.Err = fmt.Errorf("%s after %s: one takes %d numbers and the other gives %d", a.Name, b.Name, a.Cols, b.Rows)
		return c
	}
	between := newScratch(b.Rows)
	c.Forward = func(dst, x []float64) {
		between.lend(func(t []float64) { b.Forward(t, x); a.Forward(dst, t) })
	}
	c.Adjoint = func(dst, y []float64) {
		between.lend(func(t []float64) { a.Adjoint(t, y); b.Adjoint(dst, t) })
	}
	c.apply = func(x ad.Value) ad.Value { return a.Apply(b.Apply(x)) }
	c.transpose = func(y ad.Value) ad.Value { return b.Transpose(a.Transpose(y)) }
	return c.estimated(bounds([]Operator{a, b}, func(x, y float64) float64 { return x * y }))
}

// Stack is [A; B; …], operators of the same x one above the other: the values Ax, Bx, … in
// one column.
func Stack(ops ...Operator) Operator {
	c := Operator{Name: "stack", Err: usable(ops...)}
	if c.Err != nil {
		return c
	}
	c.Cols = ops[0].Cols
	from := make([]int, len(ops)+1)
	for i, a := range ops {
		from[i+1] = from[i] + a.Rows
		c.Err = errors.Join(c.Err, check.That(a.Cols == c.Cols, "%s of %d×%d under %s of %d×%d: a stack needs equal numbers of columns", a.Name, a.Rows, a.Cols, ops[0].Name, ops[0].Rows, c.Cols))
	}
	c.Rows = from[len(ops)]
	if c.Err != nil {
		return c
	}
	ops = slices.Clone(ops)
	part := newScratch(c.Cols)
	c.Forward = func(dst, x []float64) {
		for i, a := range ops {
			a.Forward(dst[from[i]:from[i+1]], x)
		}
	}
	c.Adjoint = func(dst, y []float64) {
		ops[0].Adjoint(dst, y[:from[1]])
		part.lend(func(t []float64) {
			for i, a := range ops[1:] {
				a.Adjoint(t, y[from[i+1]:from[i+2]])
				floats.Add(dst, t)
			}
		})
	}
	c.apply = func(x ad.Value) ad.Value {
		parts := make([]ad.Value, len(ops))
		for i, a := range ops {
			parts[i] = a.Apply(x)
		}
		return above(parts)
	}
	c.transpose = func(y ad.Value) ad.Value {
		sum := ops[0].Transpose(rows(y, 0, from[1]))
		for i, a := range ops[1:] {
			sum = sum.Add(a.Transpose(rows(y, from[i+1], from[i+2])))
		}
		return sum
	}
	return c.estimated(bounds(ops, math.Hypot))
}

// Beside is [A B …]: the sum of Ax₁, Bx₂, … for an x of the parts x₁, x₂, … one below the
// other, such as weights of features and an intercept.
func Beside(ops ...Operator) Operator {
	turned := make([]Operator, len(ops))
	for i, a := range ops {
		turned[i] = a.T()
		if a.Err == nil && a.Rows != ops[0].Rows {
			return Operator{Name: "beside", Err: fmt.Errorf("%s of %d×%d beside %s of %d×%d: they need equal numbers of rows", a.Name, a.Rows, a.Cols, ops[0].Name, ops[0].Rows, ops[0].Cols)}
		}
	}
	c := Stack(turned...).T()
	c.Name = "beside"
	return c
}

// T is Aᵀ.
func (a Operator) T() Operator {
	t := a
	t.Name = a.Name + "ᵀ"
	t.Rows, t.Cols = a.Cols, a.Rows
	t.Forward, t.Adjoint = a.Adjoint, a.Forward
	t.apply, t.transpose = a.transpose, a.apply
	t.Matrix = ad.Value{}
	return t
}

// Scale is s·A.
func (a Operator) Scale(s float64) Operator {
	c := Operator{
		Name: fmt.Sprintf("%g·%s", s, a.Name), Rows: a.Rows, Cols: a.Cols,
		Err: errors.Join(usable(a), check.Finite("Scale", "s", s)),
	}
	if c.Err != nil {
		return c
	}
	times := func(f func(dst, x []float64)) func(dst, x []float64) {
		return func(dst, x []float64) { f(dst, x); floats.Scale(s, dst) }
	}
	c.Forward, c.Adjoint = times(a.Forward), times(a.Adjoint)
	c.apply = func(x ad.Value) ad.Value { return a.Apply(x).Scale(s) }
	c.transpose = func(y ad.Value) ad.Value { return a.Transpose(y).Scale(s) }
	if a.Norm != nil {
		c.Norm = func() float64 { return math.Abs(s) * a.Norm() }
	}
	if a.Bound != nil {
		c.Bound = func() float64 { return math.Abs(s) * a.Bound() }
	}
	return c
}

// usable reports what is wrong with parts of an operator.
func usable(ops ...Operator) error {
	var err error
	for i, a := range ops {
		err = errors.Join(err, a.Err, check.That(!a.IsZero(), "operator %d of %d is empty: linear.Identity(n) stands for x itself", i+1, len(ops)))
	}
	return errors.Join(err, check.That(len(ops) > 0, "there is no operator to stack"))
}

// bounds joins the bounds of parts, nil where one of them has none.
func bounds(ops []Operator, join func(x, y float64) float64) func() float64 {
	if slices.ContainsFunc(ops, func(a Operator) bool { return a.Bound == nil }) {
		return nil
	}
	return func() float64 {
		b := ops[0].Bound()
		for _, a := range ops[1:] {
			b = join(b, a.Bound())
		}
		return b
	}
}

// above puts values of the same number of columns one above the other.
func above(parts []ad.Value) ad.Value {
	var data []float64
	for _, v := range parts {
		data = append(data, v.Data...)
	}
	r, c := 0, parts[0].C
	for _, v := range parts {
		r += v.R
	}
	return ad.Record(ad.New(r, c, data), parts, func(g []float64, acc [][]float64) {
		for i, v := range parts {
			if acc[i] != nil {
				floats.Add(acc[i], g[:v.Len()])
			}
			g = g[v.Len():]
		}
	})
}

// rows are the rows from ≤ i < to of v.
func rows(v ad.Value, from, to int) ad.Value {
	out := ad.New(to-from, v.C, slices.Clone(v.Data[from*v.C:to*v.C]))
	return ad.Record(out, []ad.Value{v}, func(g []float64, acc [][]float64) {
		floats.Add(acc[0][from*v.C:to*v.C], g)
	})
}
