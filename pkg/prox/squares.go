package prox

import (
	"errors"
	"fmt"
	"sync"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
)

// SquaredDistance is ½‖Ax − b‖² as a term with a proximal map, (I + tAᵀA)⁻¹(v + tAᵀb), for
// rules that take the map of every term, such as Douglas–Rachford. A matrix is factorised
// once for all steps, by the eigenvalues of AᵀA or AAᵀ, whichever is smaller; any other
// operator is solved with by conjugate gradients. Gradients flow into b, not into A.
func SquaredDistance(a linear.Operator, b ad.Value) Regulariser {
	residual := func(x ad.Value) ad.Value { return a.Apply(x).Sub(b) }
	solve := func(rhs, step ad.Value) ad.Value { return conjugateGradients(a, rhs, step) }
	if !a.Matrix.IsZero() {
		solve = byEigenvalues(a.Matrix)
	}
	recorded := a.Err == nil && !a.IsZero() && a.Apply(ad.New(a.Cols, 1, nil)).Recorded()
	return Regulariser{
		Name:    fmt.Sprintf("½‖Ax − b‖² of a %d×%d A", a.Rows, a.Cols),
		Value:   func(x ad.Value) ad.Value { return residual(x).SumSquares().Scale(0.5) },
		Subgrad: func(x ad.Value) ad.Value { return a.Transpose(residual(x)) },
		Prox:    func(v, step ad.Value) ad.Value { return solve(v.Add(step.Mul(a.Transpose(b))), step) },
		OneStep: true,
		Err: errors.Join(a.Err, check.That(!a.IsZero(), "SquaredDistance: there is no operator A: linear.Identity(n) stands for x itself"), check.Values("A", a.Matrix), check.Values("b", b), unrecorded(recorded, a.Rows, a.Cols),
			check.That(a.Rows == b.R && b.C > 0, "SquaredDistance: A is %d×%d and b is %s: b has to have one row for each row of A", a.Rows, a.Cols, b.Shape())),
	}.checked()
}

// byEigenvalues solves (I + tAᵀA)x = rhs for any t: with AᵀA = WΛWᵀ, x is W(I + tΛ)⁻¹Wᵀrhs,
// and for a wide A, with AAᵀ = WΛWᵀ, it is rhs − tAᵀW(I + tΛ)⁻¹WᵀA·rhs.
func byEigenvalues(a ad.Value) func(rhs, step ad.Value) ad.Value {
	type factors struct{ w, values ad.Value }
	wide := a.R < a.C
	factorise := sync.OnceValue(func() factors {
		gram := a.TMatMul(a)
		if wide {
			gram = a.MatMulT(a)
		}
		values, w, ok := linear.Eigen(gram, true)
		if !ok {
			panic(fmt.Sprintf("prox: no eigenvalues of a %s matrix", gram.Shape()))
		}
		return factors{w, ad.Col(values...)}
	})
	return func(rhs, step ad.Value) ad.Value {
		f := factorise()
		inverse := func(x ad.Value) ad.Value {
			return f.w.MatMul(f.w.TMatMul(x).Div(step.Mul(f.values).Shift(1)))
		}
		if !wide {
			return inverse(rhs)
		}
		return rhs.Sub(step.Mul(a.TMatMul(inverse(a.MatMul(rhs)))))
	}
}

// conjugateGradients solves (I + tAᵀA)x = rhs to rounding. Gradients go back through a
// solution with the same matrix.
func conjugateGradients(a linear.Operator, rhs, step ad.Value) ad.Value {
	solve := func(b ad.Value) ad.Value {
		x := ad.New(b.R, b.C, nil)
		for j := range b.C {
			addColumn(x.Data, b.C, j, ad.New(b.R, 1, solveColumn(a, column(b, j), step.Item())))
		}
		return x
	}
	x := solve(rhs)
	return ad.Record(x, []ad.Value{rhs, step}, func(g []float64, acc [][]float64) {
		w := solve(ad.New(x.R, x.C, g))
		if acc[0] != nil {
			floats.Add(acc[0], w.Data)
		}
		if acc[1] != nil {
			acc[1][0] -= a.Apply(w).Dot(a.Apply(x.Detach())).Item()
		}
	})
}

func solveColumn(a linear.Operator, b []float64, t float64) []float64 {
	x, ap, image := make([]float64, len(b)), make([]float64, len(b)), make([]float64, a.Rows)
	r := append([]float64(nil), b...)
	p := append([]float64(nil), b...)
	rr := floats.Dot(r, r)
	least := 1e-30 * rr
	for range 10000 { // the number of steps grows with √(1 + t‖A‖²), not with n
		if !(rr > least) {
			break
		}
		a.Forward(image, p)
		clear(ap)
		a.Adjoint(ap, image)
		floats.Scale(t, ap)
		floats.Add(ap, p)
		alpha := rr / floats.Dot(p, ap)
		floats.AddScaled(x, alpha, p)
		floats.AddScaled(r, -alpha, ap)
		last := rr
		rr = floats.Dot(r, r)
		floats.Scale(rr/last, p)
		floats.Add(p, r)
	}
	floats.AddConst(rr-rr, x) // NaN where a number was not finite
	return x
}
