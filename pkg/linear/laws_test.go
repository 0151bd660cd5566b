package linear_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
)

// operators holds one of each kind, several shapes of each.
func operators() map[string]linear.Operator {
	blur, dense := linear.Blur(6, 4, gauss(1, 3, 3)), linear.Dense(gauss(2, 5, 8))
	ops := map[string]linear.Operator{
		"Dense": dense, "Dense tall": linear.Dense(gauss(3, 9, 4)), "Dense 1×1": linear.Dense(ad.Scalar(-3)),
		"Dense T": dense.T(), "Dense tiny": linear.Dense(gauss(3, 7, 4).Scale(1e-80)),
		"Identity": linear.Identity(7), "Diagonal": linear.Diagonal([]float64{1, -4, 0, 2.5}),
		"Mask": linear.Mask(9, []int{7, 2, 3}), "Mask of all": linear.Mask(3, []int{2, 0, 1}),
		"Triplets": sparse(4, 30, 12, 80), "Triplets wide": sparse(5, 4, 25, 30), "Triplets of none": linear.Triplets(3, 2, nil, nil, nil),
		"CSR":        linear.CSR(3, 4, []int{0, 2, 2, 5}, []int{3, 1, 0, 3, 0}, []float64{1, 2, 3, 4, 5}),
		"Difference": linear.Difference(11), "Difference of 2": linear.Difference(2),
		"Gradient": linear.Gradient(5, 7), "Gradient of a row": linear.Gradient(1, 6), "Gradient of a column": linear.Gradient(6, 1),
		"Func":               linear.Func(5, 8, dense.Forward, dense.Adjoint),
		"Compose":            linear.Compose(linear.Mask(24, []int{1, 5, 6, 20}), blur, linear.Wavelet(6, 4, 1, linear.DB2).T()),
		"Compose with Dense": linear.Compose(linear.Diagonal([]float64{1, 2, 3, 4, 5}), dense),
		"Stack":              linear.Stack(dense, linear.Identity(8), linear.Difference(8)), "Stack of one": linear.Stack(dense),
		"Beside": linear.Beside(dense, linear.Dense(ad.Full(5, 1, 1)), sparse(6, 5, 3, 7)),
		"Scale":  blur.Scale(-2.5), "Scale by 0": dense.Scale(0), "Scale of Compose": linear.Compose(dense.T(), dense).Scale(3),
		"T": linear.Compose(linear.Gradient(6, 4), blur).T(), "T of T": sparse(4, 30, 12, 80).T().T(),
	}
	for _, s := range [][4]int{{1, 1, 1, 1}, {1, 9, 1, 3}, {8, 1, 3, 1}, {8, 8, 3, 3}, {7, 5, 3, 5}, {5, 6, 2, 4}, {3, 4, 9, 7}, {13, 11, 5, 5}} {
		ops[fmt.Sprintf("Blur %d×%d by %d×%d", s[0], s[1], s[2], s[3])] = linear.Blur(s[0], s[1], gauss(7, s[2], s[3]))
	}
	for name, wave := range waves {
		for _, s := range [][3]int{{16, 16, 4}, {8, 24, 2}, {32, 1, 5}, {1, 6, 1}, {2, 2, 1}, {3, 3, 0}} {
			ops[fmt.Sprintf("Wavelet %d×%d, %d × %s", s[0], s[1], s[2], name)] = linear.Wavelet(s[0], s[1], s[2], wave)
		}
	}
	return ops
}

var waves = map[string]linear.Wave{"Haar": linear.Haar, "DB2": linear.DB2, "DB3": linear.DB3, "DB4": linear.DB4}

// sparse draws so many entries, some of them of the same place.
func sparse(seed uint64, rows, cols, entries int) linear.Operator {
	return linear.Triplets(triplets(seed, rows, cols, entries))
}

func triplets(seed uint64, rows, cols, entries int) (r, c int, i, j []int, v []float64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	for range entries {
		i, j, v = append(i, rng.IntN(rows)), append(j, rng.IntN(cols)), append(v, rng.NormFloat64())
	}
	return rows, cols, i, j, v
}

// formed is the matrix of an operator, column by column.
func formed(a linear.Operator) ad.Value { return a.Apply(ad.Eye(a.Cols)) }

func TestOperators(t *testing.T) {
	for name, a := range operators() {
		t.Run(name, func(t *testing.T) {
			if err := linear.Check(a); err != nil {
				t.Fatal(err)
			}
			m := formed(a)
			lawAdjoint(t, a, m)
			lawColumns(t, a)
			lawNorm(t, a, m)
			lawGradient(t, a)
		})
	}
}

// lawAdjoint: the matrix of Aᵀ is the transpose of that of A, to 1e-12.
func lawAdjoint(t *testing.T, a linear.Operator, m ad.Value) {
	if d := adtest.Distance(a.Transpose(ad.Eye(a.Rows)).T().Data, m.Data); !(d <= 1e-12) {
		t.Errorf("Aᵀ and the transposed A differ by %.3g", d)
	}
	x, y := gauss(11, a.Cols, 3), gauss(12, a.Rows, 3)
	left, right := a.Apply(x).Dot(y).Item(), x.Dot(a.Transpose(y)).Item()
	if scale := 1e-12 * a.Norm() * norm2(x) * norm2(y); !(math.Abs(left-right) <= scale) {
		t.Errorf("⟨Ax, y⟩ = %.15g, ⟨x, Aᵀy⟩ = %.15g", left, right)
	}
	if d := norm2(a.Apply(x).Sub(m.MatMul(x))); !(d <= 1e-12*norm2(m)*norm2(x)) { // linearity
		t.Errorf("Ax differs from the combination of columns by %.3g", d)
	}
}

// lawColumns: each column by itself, and the functions are those that Apply calls.
func lawColumns(t *testing.T, a linear.Operator) {
	x, y := gauss(13, a.Cols, 2), gauss(14, a.Rows, 2)
	ax, aty := a.Apply(x), a.Transpose(y)
	for j := range 2 {
		to := gauss(15, a.Rows, 1).Data
		a.Forward(to, x.Cols(j, j+1).Data)
		if d := floats.Distance(to, ax.Cols(j, j+1).Data, inf); !(d <= 1e-13*norm2(ax)) {
			t.Errorf("Forward and column %d of Apply differ by %g", j, d)
		}
		to = gauss(16, a.Cols, 1).Data
		a.Adjoint(to, y.Cols(j, j+1).Data)
		if d := floats.Distance(to, aty.Cols(j, j+1).Data, inf); !(d <= 1e-13*norm2(aty)) {
			t.Errorf("Adjoint and column %d of Transpose differ by %g", j, d)
		}
	}
	if nan := a.Apply(ad.Full(a.Cols, 1, math.NaN())); norm2(a.Apply(x)) > 0 && !math.IsNaN(nan.Sum().Item()) {
		t.Error("NaN is lost")
	}
}

// lawNorm: ‖A‖₂ by SVD ≤ Norm ≤ 1.011‖A‖₂, and Norm ≤ Bound.
func lawNorm(t *testing.T, a linear.Operator, m ad.Value) {
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(m.R, m.C, m.Data), mat.SVDNone) {
		t.Fatal("no SVD")
	}
	want, norm, bound := svd.Values(nil)[0], a.Norm(), a.Bound()
	if !(norm >= want*(1-1e-12) && norm <= want*1.011) {
		t.Errorf("‖A‖₂ is %.15g, Norm %.15g", want, norm)
	}
	if !(bound >= norm && bound >= want*(1-1e-14)) {
		t.Errorf("‖A‖₂ is %.16g, Norm %.16g and Bound %.16g", want, norm, bound)
	}
}

// lawGradient: the tape knows the derivatives of ½‖Ax − Ax₀‖² and of ½‖Aᵀy‖².
func lawGradient(t *testing.T, a linear.Operator) {
	adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return a.Apply(xs[0]).SumSquares() }, gauss(17, a.Cols, 2))
	adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return a.Transpose(xs[0]).SumSquares() }, gauss(18, a.Rows, 2))
}

var inf = math.Inf(1)

func norm2(x ad.Value) float64 { return floats.Norm(x.Data, 2) }

// Gradients reach a matrix through everything that operators are made of.
func TestGradientOfMatrix(t *testing.T) {
	x := gauss(1, 7, 2)
	adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value {
		a := linear.Dense(xs[0])
		a = linear.Compose(a.T(), linear.Diagonal([]float64{1, 2, 3}), a).Scale(0.5)
		a = linear.Beside(linear.Stack(a, linear.Identity(4)), linear.Dense(gauss(2, 8, 3)))
		return a.Apply(x).SumSquares().Add(a.Transpose(gauss(3, 8, 1)).SumSquares())
	}, gauss(4, 3, 4))
}

// TestCheckFinds gives Check what it is there to find.
func TestCheckFinds(t *testing.T) {
	good := linear.Dense(gauss(1, 4, 4))
	with := func(f func(a *linear.Operator)) linear.Operator {
		a := linear.Func(4, 4, good.Forward, good.Adjoint)
		f(&a)
		return a
	}
	for want, a := range map[string]linear.Operator{ // "Adjoint is not": a small mistake too
		"not the adjoint":       linear.Func(4, 4, good.Forward, good.Forward),
		"Adjoint is not":        linear.Func(4, 4, good.Forward, linear.Dense(gauss(1, 4, 4)).Scale(1+1e-6).Adjoint),
		"not linear":            linear.Func(4, 4, func(dst, x []float64) { copy(dst, x); dst[0]++ }, good.Adjoint),
		"both functions":        {Rows: 4, Cols: 4, Forward: good.Forward},
		"Norm is":               with(func(a *linear.Operator) { a.Norm = func() float64 { return 0.1 } }),
		"Bound is":              with(func(a *linear.Operator) { a.Bound = func() float64 { return 0.1 } }),
		"needs both of them":    linear.Func(4, 4, good.Forward, nil),
		"writes in its":         linear.Func(4, 4, func(dst, x []float64) { x[0] = 1; good.Forward(dst, x) }, good.Adjoint),
		"write every entry of":  with(func(a *linear.Operator) { a.Forward = func(dst, x []float64) { floats.Add(dst, x) } }),
		"finite numbers gives ": linear.Func(4, 4, func(dst, x []float64) { dst[0] = math.NaN() }, good.Adjoint),
	} {
		err := linear.Check(a)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
