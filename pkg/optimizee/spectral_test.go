package optimizee_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
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
		if got := optimizee.SpectralNorm(a); !(math.Abs(got-want) <= 1e-11*want) {
			t.Errorf("%s: %.15g, by SVD %.15g", name, got, want)
		}
	}
	if got := optimizee.SpectralNorm(ad.New(0, 3, nil)); got != 0 {
		t.Errorf("of nothing %g", got)
	}
	if got := optimizee.SpectralNorm(ad.New(2, 2, []float64{1, 2, math.NaN(), 4})); !math.IsNaN(got) {
		t.Errorf("with NaN %g", got)
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
