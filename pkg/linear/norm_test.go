package linear_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

func TestSpectralNorm(t *testing.T) {
	cases := map[string]ad.Value{
		"zeros": ad.New(4, 3, nil), "one zero": ad.Scalar(0), "number": ad.Scalar(-3), "identity": ad.Eye(20),
		"rank 1": gauss(1, 30, 1).MatMulT(gauss(2, 40, 1)), "rank 2": gauss(3, 30, 2).MatMulT(gauss(4, 25, 2)),
		"tiny": gauss(5, 9, 9).Scale(1e-150), "huge": gauss(6, 9, 9).Scale(1e100),
		"one entry": ad.New(2, 3, []float64{0, 0, 0, 0, 5, 0}),
		"row":       gauss(7, 1, 50), "column": gauss(8, 50, 1),
	}
	for i := range 30 {
		r, c := 1+i*i%41, 1+(7*i)%53
		cases[fmt.Sprintf("%d×%d", r, c)] = gauss(uint64(i), r, c)
	}
	hard := gauss(9, 40, 40) // singular values close together at the top: Lanczos' hard case
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(40, 40, hard.Data), mat.SVDFull) {
		t.Fatal("no singular vectors")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	s := ad.New(40, 40, nil)
	for i := range 40 {
		s.Data[i*40+i] = 1 - 1e-4*float64(i)
	}
	cases["close together"] = ad.New(40, 40, u.RawMatrix().Data).MatMul(s).MatMulT(ad.New(40, 40, v.RawMatrix().Data))
	for name, a := range cases {
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(a.R, a.C, a.Data), mat.SVDNone) {
			t.Fatal(name)
		}
		want := svd.Values(nil)[0]
		if got := linear.SpectralNorm(a); !(math.Abs(got-want) <= 1e-11*want) {
			t.Errorf("%s: %.15g, by SVD %.15g", name, got, want)
		}
		if b := linear.Dense(a).Bound(); !(b >= want*(1-1e-15) && b <= want*(1+1e-9)) {
			t.Errorf("%s: bound %.17g, by SVD %.17g", name, b, want)
		}
	}
	if got := linear.SpectralNorm(ad.New(0, 3, nil)); got != 0 {
		t.Errorf("of nothing %g", got)
	}
	if got := linear.SpectralNorm(ad.New(2, 2, []float64{1, 2, math.NaN(), 4})); !math.IsNaN(got) {
		t.Errorf("with NaN %g", got)
	}
}

// Where there is no closed form, Norm is at most one per cent above ‖A‖₂, and never below.
func TestEstimatedNorms(t *testing.T) {
	blur := linear.Blur(128, 130, gauss(1, 5, 5))
	flat := make([]float64, 20_000) // singular values close together at the top, and many
	for i := range flat {
		flat[i] = 1 - float64(i)/2e4
	}
	for name, c := range map[string]struct {
		a    linear.Operator
		want float64
	}{
		"blur":           {asFunc(blur), blur.Norm()},
		"flat":           {asFunc(linear.Diagonal(flat)), 1},
		"synthesis":      {linear.Compose(blur, linear.Wavelet(128, 130, 1, linear.DB3).T()), blur.Norm()},
		"two of a kind":  {linear.Stack(linear.Gradient(30, 40), linear.Gradient(30, 40).Scale(2)), math.Sqrt(5) * linear.Gradient(30, 40).Norm()},
		"two that miss":  {linear.Compose(linear.Diagonal([]float64{1, 1e-3}), linear.Diagonal([]float64{1e-3, 2})), 2e-3},
		"rank 1":         {asFunc(linear.Dense(gauss(2, 30, 1).MatMulT(gauss(3, 4000, 1)))), norm2(gauss(2, 30, 1)) * norm2(gauss(3, 4000, 1))},
		"zeros":          {linear.Func(3, 2, func(_, _ []float64) {}, func(_, _ []float64) {}), 0},
		"NaN":            {asFunc(linear.Dense(ad.Full(3, 2, math.NaN()))), math.NaN()},
		"Scale of a sum": {linear.Beside(linear.Identity(50), linear.Identity(50)).Scale(-3), 3 * math.Sqrt2},
	} {
		norm, bound := c.a.Norm(), c.a.Bound()
		if !(norm >= c.want*(1-1e-12) && norm <= c.want*1.011 && bound >= norm) && !(math.IsNaN(norm) && math.IsNaN(c.want)) {
			t.Errorf("%s: norm %.15g, Norm %.15g, Bound %.15g", name, c.want, norm, bound)
		}
	}
}

// TestNormsAreKnownAgain: the norm of a large matrix has the same bits when it comes again, and
// a matrix that differs in one bit, or in its shape alone, has its own.
func TestNormsAreKnownAgain(t *testing.T) {
	a := gauss(1, 70, 90)
	norm := linear.SpectralNorm(a)
	if again := linear.SpectralNorm(ad.New(70, 90, slices.Clone(a.Data))); again != norm {
		t.Errorf("the norm is %v, and %v when it comes again", norm, again)
	}
	for i := range a.Len() {
		b := ad.New(70, 90, slices.Clone(a.Data))
		if b.Data[i] *= 1 + 1e-3; i%97 == 0 && linear.SpectralNorm(b) == norm {
			t.Errorf("with another entry %d it has the same norm", i)
		}
	}
	if other := linear.SpectralNorm(ad.New(90, 70, a.Data)); other == norm {
		t.Error("in another shape it has the same norm")
	}
	if turned := linear.SpectralNorm(a.Neg()); math.Abs(turned-norm) > 1e-12*norm {
		t.Errorf("the norm of −A is %v", turned)
	}
	if n := testing.AllocsPerRun(5, func() { linear.SpectralNorm(a) }); n > 5 {
		t.Errorf("to know a norm again costs %g allocations", n)
	}
}

func asFunc(a linear.Operator) linear.Operator {
	return linear.Func(a.Rows, a.Cols, a.Forward, a.Adjoint)
}

// Bounds without a factorisation hold for every matrix, and are close for those without
// negative entries.
func TestCheapBounds(t *testing.T) {
	large := linear.Dense(gauss(1, 1001, 1010))
	if b := large.Bound(); !(b >= large.Norm() && b <= norm2(large.Matrix)*(1+1e-9)) {
		t.Errorf("a large matrix of the norm %g has the bound %g", large.Norm(), b)
	}
	rows, cols, i, j, v := triplets(2, 60, 40, 400)
	for k := range v {
		v[k] = math.Abs(v[k])
	}
	for name, a := range map[string]linear.Operator{
		"dense": linear.Dense(large.Matrix.Abs()), "sparse": linear.Triplets(rows, cols, i, j, v),
	} {
		if n, b := a.Norm(), a.Bound(); !(b >= n && b <= n*1.005) {
			t.Errorf("%s: norm %g, bound %g", name, n, b)
		}
	}
}

func TestEstimateLipschitz(t *testing.T) {
	for seed := range uint64(20) {
		p := optimizee.QuadraticSpec{Rows: 5 + int(seed), Cols: 20}.Draw(optimizee.Stream(seed))
		want := p.Lipschitz("x", p.Start)
		bare := *p
		bare.Lipschitz = nil
		q := optimizee.EstimateLipschitz(&bare)
		if got := q.Lipschitz("x", q.Start); !(got >= want && got <= 1.02*want) {
			t.Errorf("problem %d: L is %g, estimated %g", seed, want, got)
		}
		if a, b := q.Lipschitz("x", q.Start), q.Lipschitz("x", optimizee.X(gauss(1, 20, 1))); a != b {
			t.Errorf("the estimate is made once: %g and %g", a, b)
		}
	}
	// each block of ½(u² + 100v²) has its own
	p := optimizee.EstimateLipschitz(&optimizee.Problem{
		Name: "two", Start: optimizee.Point{}.Plus("u", ad.Col(1, 2)).Plus("v", ad.Scalar(3)),
		Value: func(x optimizee.Point) ad.Value {
			return x.At("u").SumSquares().Add(x.At("v").SumSquares().Scale(100)).Scale(0.5)
		},
		Grad: func(b string, x optimizee.Point) ad.Value {
			return x.At(b).Scale(map[string]float64{"u": 1, "v": 100}[b])
		},
	})
	if u, v := p.Lipschitz("u", p.Start), p.Lipschitz("v", p.Start); math.Abs(u-1.01) > 1e-6 || math.Abs(v-101) > 1e-4 {
		t.Errorf("L of the blocks: %g and %g", u, v)
	}
	// a linear F has no curvature: Check says so, and the estimate does not hang
	linear := optimizee.Smooth(&optimizee.Problem{
		Name: "linear", Start: optimizee.X(ad.Scalar(1)),
		Value: func(x optimizee.Point) ad.Value { return x.X() },
		Grad:  func(string, optimizee.Point) ad.Value { return ad.Scalar(1) },
	})
	if err := linear.Check(); err == nil {
		t.Error("a curvature of 0 passes Check")
	}
	if q := optimizee.EstimateLipschitz(&optimizee.Problem{Name: "no gradient"}); q.Lipschitz != nil {
		t.Error("an estimate without a gradient")
	}
}

func gauss(seed uint64, r, c int) ad.Value {
	return adtest.Random(rand.New(rand.NewPCG(seed, 0)), r, c)
}
