package optimizee

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

// LeastSquares is ½‖Ax − b‖², ½Σ wᵢ·(Ax − b)ᵢ² with [Weights], one instance for each
// column of b. With a matrix of full column rank Bound is the strong-convexity bound
// F(x) − ‖∇f‖²/(2µ), otherwise it is 0.
//
// LeastSquares(linear.Dense(A), b).Plus(prox.L1(λ)) is a Lasso.
func LeastSquares(a linear.Operator, b ad.Value, opts ...LossOption) *Problem {
	p, m := leastSquares(a, b, opts...)
	if p.Err == nil && !a.Matrix.IsZero() && m.root.IsZero() {
		p.Traits["column norm"] = columnNorm(a.Matrix)
	}
	return p
}

func leastSquares(a linear.Operator, b ad.Value, opts ...LossOption) (*Problem, *model) {
	p, m := of(squares(b), a, opts)
	if p.Err != nil {
		return p, m
	}
	if !m.root.IsZero() {
		b = b.Mul(m.root)
	}
	l := newFit(m.scaled, b)
	p.part.fused = l.column
	p.Residual = func(x Point) ad.Value { return l.residual(x.X()) }
	p.Value = func(x Point) ad.Value { return l.value(x.X()) }
	p.Grad = func(_ string, x Point) ad.Value { return l.grad(x.X()) }
	p.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) { return l.valueGrad(x.X()) }
	p.keepsNothing(nil)
	return p, m
}

// Quadratic is ½‖Ax − b‖², one instance for each column of b. With A of full
// column rank, Solve is the exact minimiser and Bound the strong-convexity bound
// F(x) − ‖∇f‖²/(2µ); otherwise Bound is 0.
func Quadratic(a, b ad.Value) *Problem {
	p, m := leastSquares(linear.Dense(a), b)
	p.Name = "quadratic"
	if p.Err != nil {
		return p
	}
	p = Smooth(p)
	if a.R >= a.C {
		A, B := mat.NewDense(a.R, a.C, a.Data), mat.NewDense(b.R, b.C, b.Data)
		p.Solve = func(string, Point) ad.Value {
			var x mat.Dense
			if err := x.Solve(A, B); err != nil || math.Sqrt(m.convexity()) <= 1e-14*math.Sqrt(m.lipschitz()) {
				return ad.Full(a.C, b.C, math.NaN()) // rank-deficient: there is no single minimiser
			}
			return ad.New(a.C, b.C, x.RawMatrix().Data)
		}
		p.keepsNothing(p.made.of)
	}
	return p
}

// columnNorm is the root mean square of the norms of columns, to six digits, so that
// columns of length 1 have 1.
func columnNorm(a ad.Value) float64 {
	squares := []float64{0}
	kern.GemvN64(1, a.Len(), a.Data, a.Data, squares)
	return math.Round(1e6*math.Sqrt(squares[0]/float64(max(a.C, 1)))) / 1e6
}

// Lasso is ½‖Ax − b‖² + λ‖x‖₁, one instance for each column of b. Bound is the
// value of the dual, sᵀb − ½‖s‖² with s a multiple of b − Ax for which
// ‖Aᵀs‖∞ ≤ λ; F − Bound is the duality gap.
func Lasso(a, b ad.Value, lambda float64) *Problem {
	p := LeastSquares(linear.Dense(a), b).Plus(prox.L1(lambda))
	p.Name, p.Data = "lasso", &LassoData{a, b, lambda}
	return p
}

// LassoSpec is the family of random Lasso problems of the L2O-PA paper: A with
// independent N(0,1) entries and columns then scaled to length 1, new for each
// instance; b = Ax* without noise; x* with exactly Nonzeros entries, N(0,1), at
// random places.
type LassoSpec struct {
	Rows, Cols, Nonzeros int
	Lambda               float64
}

// PaperLasso is the setting of the L2O-PA paper; SmallLasso is the toy setting of
// its public code, which trains in a minute.
var (
	PaperLasso = LassoSpec{Rows: 250, Cols: 500, Nonzeros: 50, Lambda: 0.1}
	SmallLasso = LassoSpec{Rows: 20, Cols: 40, Nonzeros: 5, Lambda: 0.1}
)

// LargeLasso asks whether what was trained on [PaperLasso] holds on larger problems of
// the same law. In our copy of the L2O-PA paper the size is lost (Appendix F); this
// one has four times the rows and columns and the same share of nonzeros.
var LargeLasso = LassoSpec{Rows: 1000, Cols: 2000, Nonzeros: 200, Lambda: 0.1}

// Draw draws a problem.
func (s LassoSpec) Draw(rng *rand.Rand) *Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(s.Rows > 0 && s.Cols > 0, "%d×%d: Rows and Cols have to be positive", s.Rows, s.Cols),
		check.That(s.Nonzeros >= 0 && s.Nonzeros <= s.Cols, "%d nonzeros among %d entries", s.Nonzeros, s.Cols)); err != nil {
		return &Problem{Name: "lasso", Err: err}
	}
	a := Gaussian(rng, s.Rows, s.Cols)
	UnitColumns(a)
	x := sparse(rng, s.Cols, s.Nonzeros)
	p := Lasso(a, a.MatMul(x), s.Lambda)
	p.Truth = X(x)
	return p
}

// String describes the family.
func (s LassoSpec) String() string {
	return fmt.Sprintf("lasso %d×%d, %d nonzeros, λ = %g", s.Rows, s.Cols, s.Nonzeros, s.Lambda)
}

// QuadraticSpec is the family ½‖Ax − b‖² with independent N(0,1) entries in A and b.
type QuadraticSpec struct{ Rows, Cols int }

// Draw draws a problem.
func (s QuadraticSpec) Draw(rng *rand.Rand) *Problem {
	if err := errors.Join(
		check.Source("a family", "problems", rng),
		check.That(s.Rows > 0 && s.Cols > 0, "%d×%d: Rows and Cols have to be positive", s.Rows, s.Cols)); err != nil {
		return &Problem{Name: "quadratic", Err: err}
	}
	return Quadratic(Gaussian(rng, s.Rows, s.Cols), Gaussian(rng, s.Rows, 1))
}

// String describes the family.
func (s QuadraticSpec) String() string { return fmt.Sprintf("quadratic %d×%d", s.Rows, s.Cols) }

// UniformQuadraticSpec is the family ‖Wx − y‖² on which Andrychowicz et al. (2016, §3.1) begin: in
// their code W (n×n) and y are uniform on [0, 1), and the start is N(0, 0.01²). It is
// [Quadratic] with A = √2·W and b = √2·y.
type UniformQuadraticSpec struct{ N int }

// Draw draws a problem.
func (s UniformQuadraticSpec) Draw(rng *rand.Rand) *Problem {
	if err := drawable(rng, s.N); err != nil {
		return &Problem{Name: "quadratic", Err: err}
	}
	w, y := Uniform(rng, s.N, s.N), Uniform(rng, s.N, 1)
	p := Quadratic(w.Scale(math.Sqrt2), y.Scale(math.Sqrt2))
	p.Start = X(Gaussian(rng, s.N, 1).Scale(0.01))
	return p
}

// String describes the family.
func (s UniformQuadraticSpec) String() string {
	return fmt.Sprintf("quadratic in %d numbers, uniform W and y", s.N)
}
