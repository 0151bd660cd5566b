package optimizee

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/linear"
)

// RastriginData are what a [Rastrigin] problem was made from.
type RastriginData struct {
	A, B, C ad.Value
	Alpha   float64
}

// Rastrigin is the smooth function with many local minima of the Primer's second test,
//
//	F(x) = ½‖Ax − b‖² − α·cᵀcos(2πx) + αn    (Chen et al. 2022, eq. 21),
//
// for one x of n numbers; A is m×n, b m×1 and c n×1. A = 1, b = 0 and c = 1 is Rastrigin's
// own function (eq. 20), with the minimum 0 at 0.
//
// Lipschitz is ‖A‖² + 4π²α·max|c|, and Bound is αn − α‖c‖₁. In one or two unknowns, where A
// has full column rank, Solve is the global minimiser, found by exhaustive search over
// boxes, and Bound what that search proves.
func Rastrigin(a, b, c ad.Value, alpha float64) *Problem {
	n := float64(a.C)
	p := &Problem{
		Name:   "Rastrigin",
		Start:  X(ad.New(a.C, 1, nil)),
		Traits: map[string]float64{"rows": float64(a.R), "cols": n, "alpha": alpha},
		Data:   &RastriginData{a, b, c, alpha},
		Err: errors.Join(
			check.Values("A", a), check.Values("b", b), check.Values("c", c),
			check.That(a.Len() > 0 && b.R == a.R && b.C == 1 && c.R == a.C && c.C == 1, "A is %s, b %s and c %s: b needs a row for each row of A, c one for each column", a.Shape(), b.Shape(), c.Shape()),
			check.That(check.IsFinite(alpha) && alpha >= 0, "α is %g: it has to be finite and at least 0", alpha)),
	}
	if p.Err != nil {
		return p
	}
	quadratic := newFit(linear.Dense(a), b)
	waves := c.Scale(alpha)
	wave := func(x ad.Value) ad.Value { return waves.Dot(x.Scale(2 * math.Pi).Cos()).Neg().Shift(alpha * n) }
	slope := func(x ad.Value) ad.Value { return x.Scale(2 * math.Pi).Sin().Mul(waves).Scale(2 * math.Pi) }
	p.Value = func(x Point) ad.Value { return quadratic.value(x.X()).Add(wave(x.X())) }
	p.Grad = func(_ string, x Point) ad.Value { return quadratic.grad(x.X()).Add(slope(x.X())) }
	p.ValueGrad = func(_ string, x Point) (ad.Value, ad.Value) {
		f, g := quadratic.valueGrad(x.X())
		return f.Add(wave(x.X())), g.Add(slope(x.X()))
	}
	p.Lipschitz = func(string, Point) float64 {
		l := linear.SpectralNorm(a)
		return l*l + 4*math.Pi*math.Pi*floats.Norm(waves.Data, math.Inf(1))
	}
	p.Bound = func(Point) float64 { return alpha*n - floats.Norm(waves.Data, 1) }
	if l, ok := newLandscape(a, b, waves, alpha*n); ok {
		least := sync.OnceValues(l.search)
		p.Solve = func(string, Point) ad.Value { at, _ := least(); return ad.New(a.C, 1, at).Copy() }
		p.Bound = func(Point) float64 { _, bound := least(); return bound }
	}
	return p
}

// RastriginSpec is the family of [Rastrigin] problems of the Primer's second test: A, b, c
// and the start with independent N(0,1) entries (Chen et al. 2022, §4.2).
type RastriginSpec struct {
	N     int     // unknowns: 2 and 10 in the paper
	Alpha float64 // default 10, as published; Nought for ½‖Ax − b‖²
}

// Draw draws a problem.
func (s RastriginSpec) Draw(rng *rand.Rand) *Problem {
	if err := drawable(rng, s.N); err != nil {
		return &Problem{Name: "Rastrigin", Err: err}
	}
	a, b, c := Gaussian(rng, s.N, s.N), Gaussian(rng, s.N, 1), Gaussian(rng, s.N, 1)
	p := Rastrigin(a, b, c, cmp.Or(s.Alpha, 10))
	p.Start = X(Gaussian(rng, s.N, 1))
	return p
}

// String describes the family.
func (s RastriginSpec) String() string {
	return fmt.Sprintf("Rastrigin in %d numbers, α = %g", s.N, cmp.Or(s.Alpha, 10))
}

// SquareCosSpec is the family that the public code of L2O-Swarm has in the place of
// [RastriginSpec]: ‖Wx − y‖² − Σᵢ (10·V·cos(2πx))ᵢ + 10n, W, V and y uniform on [0, 1), the
// start N(0, 0.01²). It is the Rastrigin problem with A = √2·W, b = √2·y and c the column
// sums of V.
type SquareCosSpec struct{ N int }

// Draw draws a problem.
func (s SquareCosSpec) Draw(rng *rand.Rand) *Problem {
	if err := drawable(rng, s.N); err != nil {
		return &Problem{Name: "squared cosine", Err: err}
	}
	w, v, y := Uniform(rng, s.N, s.N), Uniform(rng, s.N, s.N), Uniform(rng, s.N, 1)
	p := Rastrigin(w.Scale(math.Sqrt2), y.Scale(math.Sqrt2), v.TMatMul(ad.Full(s.N, 1, 1)), 10)
	p.Name, p.Start = "squared cosine", X(Gaussian(rng, s.N, 1).Scale(0.01))
	return p
}

// String describes the family.
func (s SquareCosSpec) String() string { return fmt.Sprintf("squared cosine in %d numbers", s.N) }

func drawable(rng *rand.Rand, n int) error {
	return errors.Join(
		check.Source("a family", "problems", rng),
		check.That(n > 0, "a problem in %d numbers: N has to be positive", n))
}

// newLandscape is the [landscape] of a Rastrigin problem. ok is false where the search would
// be long, in more than two unknowns, or where the quadratic is flat, so that minima may be
// anywhere, and where there are no waves.
func newLandscape(a, b, waves ad.Value, shift float64) (l landscape, ok bool) {
	if a.C > 2 || a.R < a.C || waves.Norm1().Item() == 0 {
		return l, false
	}
	var svd mat.SVD
	A := mat.NewDense(a.R, a.C, a.Data)
	if !svd.Factorize(A, mat.SVDNone) {
		return l, false
	}
	if s := svd.Values(nil); s[a.C-1] <= 1e-4*s[0] {
		return l, false
	}
	var h mat.Dense
	h.Mul(A.T(), A)
	l = landscape{hessian: h.RawMatrix().Data, middle: middle(a, b), waves: waves.Data}
	residual := a.MatMul(ad.New(a.C, 1, l.middle)).Sub(b)
	l.shift = residual.SumSquares().Item()/2 + shift
	return l, true
}

// middle is the least-squares solution of Ax = b for one column or two, by the modified
// Gram-Schmidt process. Pages need no more, and all of LAPACK's solvers would come with more.
func middle(a, b ad.Value) []float64 {
	column := func(j int) ad.Value { return a.Cols(j, j+1) }
	p := column(0)
	pp := p.SumSquares().Item()
	if a.C == 1 {
		return []float64{p.Dot(b).Item() / pp}
	}
	r := p.Dot(column(1)).Item() / pp
	q := column(1).AddScaled(-r, p)
	again := p.Dot(q).Item() / pp // what rounding left of p
	q, r = q.AddScaled(-again, p), r+again
	y := q.Dot(b).Item() / q.SumSquares().Item()
	return []float64{p.Dot(b.AddScaled(-y, q)).Item()/pp - r*y, y}
}
