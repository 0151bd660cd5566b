package optimizee

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/prox"
)

// leastSquares fills in the oracles of f(x) + λ‖x‖₁ with f(x) = ½‖Ax − b‖².
func leastSquares(name string, a, b ad.Value, lambda float64) *Problem {
	l := newFit(a, b, lambda)
	norm := sync.OnceValue(func() float64 { return SpectralNorm(a) })
	return &Problem{
		Name:      name,
		Start:     X(ad.New(a.C, b.C, nil)),
		Residual:  func(x Point) ad.Value { return l.residual(x.X()) },
		Value:     func(x Point) ad.Value { return l.value(x.X()) },
		Grad:      func(_ string, x Point) ad.Value { return l.grad(x.X()) },
		ValueGrad: func(_ string, x Point) (ad.Value, ad.Value) { return l.valueGrad(x.X()) },
		Lipschitz: func(string, Point) float64 { return norm() * norm() },
		Traits:    map[string]float64{"rows": float64(a.R), "cols": float64(a.C)},
		Err: errors.Join(
			check.That(a.R > 0 && a.C > 0, "A is %s: it has to have rows and columns", a.Shape()),
			check.That(a.R == b.R && b.C > 0, "A is %s and b is %s: b has to have one row for each row of A", a.Shape(), b.Shape()),
			check.Values("A", a), check.Values("b", b)),
	}
}

// Quadratic is ½‖Ax − b‖², one instance for each column of b. With A of full
// column rank, Solve is the exact minimiser and Bound the strong-convexity bound
// F(x) − ‖∇f‖²/(2µ); otherwise Bound is 0.
func Quadratic(a, b ad.Value) *Problem {
	p := leastSquares("quadratic", a, b, 0)
	if p.Err != nil {
		return p
	}
	p = Smooth(p)
	A, B := mat.NewDense(a.R, a.C, a.Data), mat.NewDense(b.R, b.C, b.Data)
	smallest := sync.OnceValue(func() float64 {
		var svd mat.SVD
		if a.R < a.C || !svd.Factorize(A, mat.SVDNone) {
			return 0
		}
		s := svd.Values(nil)
		return s[len(s)-1]
	})
	p.Bound = func(x Point) float64 {
		mu := smallest() * smallest()
		if mu <= 1e-12*p.Lipschitz("x", x) {
			return 0
		}
		x = x.Detach()
		return p.Value(x).Item() - p.Grad("x", x).SumSquares().Item()/(2*mu)
	}
	if a.R >= a.C {
		p.Solve = func(string, Point) ad.Value {
			var x mat.Dense
			if err := x.Solve(A, B); err != nil || smallest() <= 1e-14*math.Sqrt(p.Lipschitz("x", p.Start)) {
				return ad.Full(a.C, b.C, math.NaN()) // rank-deficient: there is no single minimiser
			}
			return ad.New(a.C, b.C, x.RawMatrix().Data)
		}
	}
	return p
}

// columnNorm is the root mean square of the norms of columns, to six digits, so that
// columns of length 1 have 1.
func columnNorm(a ad.Value) float64 {
	return math.Round(1e6*math.Sqrt(a.Detach().Dot(a.Detach()).Item()/float64(max(a.C, 1)))) / 1e6
}

// Lasso is ½‖Ax − b‖² + λ‖x‖₁, one instance for each column of b. Bound is the
// value of the dual, sᵀb − ½‖s‖² with s a multiple of b − Ax for which
// ‖Aᵀs‖∞ ≤ λ; F − Bound is the duality gap.
func Lasso(a, b ad.Value, lambda float64) *Problem {
	p := leastSquares("lasso", a, b, lambda)
	p.Traits["lambda"], p.Traits["column norm"] = lambda, columnNorm(a)
	p.Data = &LassoData{a, b, lambda}
	p.Err = errors.Join(p.Err, check.Weight(lambda))
	p.Subgrad = func(block string, x Point) ad.Value { return p.Grad(block, x).Add(x.X().Sign().Scale(lambda)) }
	p.Prox = func(_ string, v, step ad.Value) ad.Value { return prox.Soft(v, step.Scale(lambda)) }
	p.Bound = func(x Point) float64 {
		s := p.Residual(x.Detach()).Neg()
		corr := a.TMatMul(s)
		var bound float64
		for j := range b.C {
			var top, sb, ss float64
			for i := range a.C {
				top = max(top, math.Abs(corr.At(i, j)))
			}
			for i := range b.R {
				sb += s.At(i, j) * b.At(i, j)
				ss += s.At(i, j) * s.At(i, j)
			}
			t := 1.0
			if ss > 0 {
				t = sb / ss // the best multiple, then the feasible one next to it
			}
			if top > 0 {
				t = min(max(t, -lambda/top), lambda/top)
			}
			bound += t*sb - t*t*ss/2
		}
		return bound
	}
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
	if s.Rows <= 0 || s.Cols <= 0 {
		return &Problem{Name: "quadratic", Err: fmt.Errorf("%d×%d: Rows and Cols have to be positive", s.Rows, s.Cols)}
	}
	return Quadratic(Gaussian(rng, s.Rows, s.Cols), Gaussian(rng, s.Rows, 1))
}

// String describes the family.
func (s QuadraticSpec) String() string { return fmt.Sprintf("quadratic %d×%d", s.Rows, s.Cols) }
