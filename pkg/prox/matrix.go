package prox

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// A svd is U·diag(s)·Vᵀ, thin.
type svd struct {
	u, v ad.Value
	s    []float64
}

// decompose returns the thin singular value decomposition; ok is false where there is none,
// as with NaN.
func decompose(a ad.Value) (d svd, ok bool) {
	var f mat.SVD
	if a.Len() == 0 || !a.IsFinite() || !f.Factorize(mat.NewDense(a.R, a.C, a.Data), mat.SVDThin) {
		return d, false
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	n := min(a.R, a.C)
	return svd{ad.New(a.R, n, u.RawMatrix().Data), ad.New(a.C, n, v.RawMatrix().Data), f.Values(nil)}, true
}

// Affine is the set of x whose columns have Cx = d. The projection v − C⁺(Cv − d) goes
// through an orthonormal basis of the rows of C, so equations that say something twice do no
// harm; where they contradict each other, Err says so. Gradients flow into d, not into C.
func Affine(c, d ad.Value) Regulariser {
	name := fmt.Sprintf("%d equations Cx = d", c.R)
	if err := errors.Join(check.Values("C", c), check.Values("d", d), unrecorded(c.Recorded(), c.R, c.C),
		check.That(c.R == d.R && c.Len() > 0 && d.C > 0, "Affine: C is %s and d is %s: d has to have one row for each row of C", c.Shape(), d.Shape())); err != nil {
		return Regulariser{Name: name, Err: err}
	}
	f, ok := decompose(c)
	rank := 0
	for ok && rank < len(f.s) && f.s[rank] > 1e-12*f.s[0] {
		rank++
	}
	basis, inverse := f.v.Cols(0, rank), ad.New(rank, 1, nil) // the basis is one of the row space
	for i := range rank {
		inverse.Data[i] = 1 / f.s[i]
	}
	least := basis.MatMul(f.u.Cols(0, rank).TMatMul(d).Mul(inverse)) // C⁺d
	project := func(v ad.Value) ad.Value { return basis.MatMul(basis.TMatMul(v)) }
	r := set(name, func(v ad.Value) ad.Value { return v.Sub(project(v)).Add(least) })
	r.Value = func(x ad.Value) ad.Value {
		rest := c.MatMul(x.Detach()).Sub(d.Detach())
		return indicator(largest(rest), max(largest(d), largest(c.Abs().MatMul(x.Detach().Abs()))))
	}
	r.Conjugate = func(u ad.Value) float64 { // finite for combinations of the rows
		if !(largest(u.Sub(project(u))) <= within*largest(u)) {
			return math.Inf(1) + largest(u)
		}
		return u.Mul(least).Sum().Item()
	}
	r.Reach = func(u ad.Value) float64 { return endless(r.Conjugate, u) }
	if !ok || r.Value(least).Item() != 0 {
		r.Err = fmt.Errorf("Affine: there is no x with Cx = d: the equations, of rank %d, contradict each other", rank)
	}
	return r
}

func unrecorded(recorded bool, rows, cols int) error {
	return check.That(!recorded, "the %d×%d matrix is on a tape, and no gradient flows into what is factorised or solved with: Detach it", rows, cols)
}

// Nuclear is λ times the sum of the singular values of each column of x, which is a matrix of
// rows×cols numbers, row after row: it favours low rank, as ‖x‖₁ favours zeros (Cai, Candès
// and Shen 2010). Its map shrinks the singular values by tλ.
func Nuclear(lambda float64, rows, cols int) Regulariser {
	polar := func(x ad.Value) ad.Value { return spectral(x, ad.Scalar(0), rows, cols, signs) }
	dual := func(u ad.Value) float64 {
		var top float64
		for j := range u.C {
			d, ok := decompose(ad.New(rows, cols, column(u, j)))
			if !ok {
				return math.NaN()
			}
			top = max(top, d.s[0])
		}
		return top
	}
	return Regulariser{
		Name:      fmt.Sprintf("%g‖x‖* of %d×%d", lambda, rows, cols),
		Value:     func(x ad.Value) ad.Value { return x.Dot(polar(x)).Scale(lambda) },
		Prox:      func(v, step ad.Value) ad.Value { return spectral(v, step.Scale(lambda), rows, cols, shrink) },
		Subgrad:   func(x ad.Value) ad.Value { return polar(x).Scale(lambda) },
		Conjugate: func(u ad.Value) float64 { return domain(dual(u), lambda) },
		Reach:     func(u ad.Value) float64 { return ratio(lambda, dual(u)) },
		OneStep:   true, Traits: lambdas(lambda),
		Err: errors.Join(check.Weight(lambda), check.That(rows > 0 && cols > 0, "Nuclear: a matrix of %d×%d has no entries", rows, cols)),
	}.checked()
}

// shrink and signs are what happens to singular values s, with the slopes.
func shrink(s []float64, by float64) (f, slope []float64) {
	f, slope = make([]float64, len(s)), make([]float64, len(s))
	for i, v := range s {
		if v > by {
			f[i], slope[i] = v-by, 1
		}
	}
	return f, slope
}

func signs(s []float64, _ float64) (f, slope []float64) {
	f = make([]float64, len(s))
	for i, v := range s {
		if v > 1e-12*s[0] {
			f[i] = 1
		}
	}
	return f, make([]float64, len(s))
}

// spectral applies a function to the singular values of each column of v, U·f(s)·Vᵀ. It is
// 0 at 0, and shrink's is of s − by.
func spectral(v, by ad.Value, rows, cols int, of func(s []float64, by float64) (f, slope []float64)) ad.Value {
	if v.R != rows*cols {
		panic(fmt.Sprintf("prox: a nuclear norm of %d×%d matrices at a %s value: it needs %d rows", rows, cols, v.Shape(), rows*cols))
	}
	out, parts := ad.New(v.R, v.C, nil), make([]svd, v.C)
	for j := range v.C {
		d, ok := decompose(ad.New(rows, cols, column(v, j)))
		if !ok {
			d = svd{u: ad.Full(rows, 1, math.NaN()), v: ad.Full(cols, 1, 0), s: []float64{0}}
		}
		f, _ := of(d.s, by.Item())
		addColumn(out.Data, v.C, j, d.u.Mul(ad.Row(f...)).MatMulT(d.v))
		parts[j] = d
	}
	return ad.Record(out, []ad.Value{v, by}, func(g []float64, acc [][]float64) {
		for j, d := range parts {
			f, slope := of(d.s, by.Item())
			G := ad.New(rows, cols, column(ad.New(v.R, v.C, g), j))
			p := d.u.TMatMul(G).MatMul(d.v)
			if acc[0] != nil {
				addColumn(acc[0], v.C, j, d.derivative(f, slope, G, p))
			}
			for i := range slope {
				if acc[1] != nil {
					acc[1][0] -= slope[i] * p.At(i, i)
				}
			}
		}
	})
}

// derivative is that of U·f(s)·Vᵀ in the direction G, with p = UᵀGV. As the map is a
// gradient, its derivative is its own adjoint. The symmetric part of p is multiplied by the
// divided differences of f, the antisymmetric one by those of its odd extension, and what is
// outside of U or V by f/s (Candès, Sing-Long and Trzasko 2013).
func (d svd) derivative(f, slope []float64, g, p ad.Value) ad.Value {
	core, over := ad.New(p.R, p.C, nil), ad.New(1, p.C, nil)
	ratio := func(a, b, otherwise float64) float64 {
		if b == 0 {
			return otherwise
		}
		return a / b
	}
	for i := range f {
		over.Data[i] = ratio(f[i], d.s[i], 0)
		for j := range f {
			even := ratio(f[i]-f[j], d.s[i]-d.s[j], slope[i])
			odd := ratio(f[i]+f[j], d.s[i]+d.s[j], 0)
			core.Data[i*p.C+j] = (even*(p.At(i, j)+p.At(j, i)) + odd*(p.At(i, j)-p.At(j, i))) / 2
		}
	}
	left := g.Sub(d.u.MatMul(d.u.TMatMul(g))).MatMul(d.v).Mul(over)   // outside of U
	right := d.u.Mul(over).TMatMul(g.Sub(g.MatMul(d.v).MatMulT(d.v))) // outside of V
	return d.u.MatMul(core).Add(left).MatMulT(d.v).Add(d.u.MatMul(right))
}

// addColumn adds the entries of m to column j.
func addColumn(to []float64, c, j int, m ad.Value) {
	for i, v := range m.Data {
		to[i*c+j] += v
	}
}
