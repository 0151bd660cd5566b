package optimizee_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Estimates of L do not depend on units, of the data or of x.
func TestEstimateInUnits(t *testing.T) {
	w := optimizee.Gaussian(optimizee.Stream(1), 40, 6)
	y := ad.New(40, 1, nil)
	for i := range y.Data {
		y.Data[i] = float64(i % 3 % 2)
	}
	bare := func(p *optimizee.Problem) *optimizee.Problem {
		q := *p
		q.Lipschitz = nil
		return optimizee.EstimateLipschitz(&q)
	}
	for _, k := range []float64{-30, -16, -8, -3, 0, 3, 8, 16, 30} {
		c := math.Pow(10, k)
		p := optimizee.LogisticLoss(linear.Dense(w.Scale(c)), y)
		at0 := p.Lipschitz("x", p.Start) // all curvatures are 1/4 at x = 0
		if l := bare(p).Lipschitz("x", p.Start); !(l >= at0*(1-1e-6) && l <= 1.03*at0) {
			t.Errorf("W·1e%g: L is %g, estimated %g", k, at0, l)
		}
		q := optimizee.LeastSquares(linear.Dense(w.Scale(c)), y)
		if l, want := bare(q).Lipschitz("x", q.Start), q.Lipschitz("x", q.Start); !(l >= want && l <= 1.03*want) {
			t.Errorf("A·1e%g: L is %g, estimated %g", k, want, l)
		}
		x := optimizee.X(ad.Col(1, 2, 3, 4, 5, 6).Scale(1 / c))
		base := optimizee.LogisticLoss(linear.Dense(w), y)
		here, there := bare(base).Lipschitz("x", optimizee.X(ad.Col(1, 2, 3, 4, 5, 6))), bare(p).Lipschitz("x", x)
		if !(math.Abs(there/(c*c*here)-1) <= 1e-6) {
			t.Errorf("W·1e%g away from 0: L is %g, want %g", k, there, c*c*here)
		}
	}
}

// Losses of many samples are summed without their number showing.
func TestManyRows(t *testing.T) {
	const m = 200_000
	a, b, y := ad.New(m, 1, nil), ad.New(m, 1, nil), ad.New(m, 1, nil)
	rng := optimizee.Stream(2)
	for i := range m {
		a.Data[i], b.Data[i], y.Data[i] = rng.NormFloat64(), 3*rng.NormFloat64(), float64(i%2)
	}
	x := optimizee.X(ad.Scalar(0.5))
	squares, cross := new(big.Float).SetPrec(200), new(big.Float).SetPrec(200)
	for i, v := range a.Data {
		r := 0.5*v - b.Data[i]
		squares.Add(squares, big.NewFloat(r*r))
		z := 0.5 * v * (1 - 2*y.Data[i])
		cross.Add(cross, big.NewFloat(max(z, 0)+math.Log1p(math.Exp(-math.Abs(z)))))
	}
	S, _ := squares.Float64()
	C, _ := cross.Float64()
	x2 := optimizee.X(ad.New(1, 2, []float64{0, 0.5}))
	for name, c := range map[string]struct {
		p    *optimizee.Problem
		x    optimizee.Point
		want float64
	}{
		"least squares": {optimizee.LeastSquares(linear.Dense(a), b), x, S / 2},
		"quadratic":     {optimizee.Quadratic(a, b), x, S / 2},
		"logistic":      {optimizee.LogisticLoss(linear.Dense(a), y), x, C / m},
		"softmax":       {optimizee.SoftmaxLoss(linear.Dense(a), y, 2), x2, C / m},
	} {
		f := c.p.Value(c.x).Item()
		g, _ := c.p.ValueAndGrad("x", c.x)
		for _, f := range []float64{f, g.Item()} {
			if !(math.Abs(f/c.want-1) <= 4e-16) {
				t.Errorf("%s: off by %g", name, f/c.want-1)
			}
		}
	}
}

// Losses next to 0 keep their digits.
func TestSmallLosses(t *testing.T) {
	w, y := ad.Col(40, -50, 45), ad.Col(1, 0, 1)
	var want float64
	for _, z := range []float64{40, 50, 45} {
		want += math.Log1p(math.Exp(-z)) / 3
	}
	x := optimizee.X(ad.Scalar(1))
	other := linear.Func(3, 1, func(dst, v []float64) {
		for i, a := range w.Data {
			dst[i] = a * v[0]
		}
	}, func(dst, v []float64) {
		dst[0] = 0
		for i, a := range w.Data {
			dst[0] += a * v[i]
		}
	})
	for name, c := range map[string]struct {
		p *optimizee.Problem
		x optimizee.Point
	}{
		"fused":                {optimizee.LogisticLoss(linear.Dense(w), y), x},
		"by formulas":          {optimizee.LogisticLoss(other, y), x},
		"softmax":              {optimizee.SoftmaxLoss(linear.Dense(w), y, 2), optimizee.X(ad.New(1, 2, []float64{0, 1}))},
		"softmax, by formulas": {optimizee.SoftmaxLoss(other, y, 2), optimizee.X(ad.New(1, 2, []float64{0, 1}))},
	} {
		if f := c.p.Value(c.x).Item(); !(math.Abs(f/want-1) <= 1e-14) {
			t.Errorf("%s: %g, want %g", name, f, want)
		}
	}
}

// The bound of a quadratic is one for data of any size.
func TestTinyQuadratic(t *testing.T) {
	a, b := optimizee.Gaussian(optimizee.Stream(1), 8, 3), optimizee.Gaussian(optimizee.Stream(2), 8, 1)
	p := optimizee.Quadratic(a, b)
	least := p.Value(optimizee.X(p.Solve("x", p.Start))).Item()
	for _, k := range []float64{-160, -150, -140, -100, -80, -50, 0, 50, 100, 140} {
		c := math.Pow(10, k)
		for _, q := range []*optimizee.Problem{optimizee.Quadratic(a.Scale(c), b.Scale(c)), optimizee.Quadratic(a, b.Scale(c)), optimizee.Quadratic(a.Scale(c), b)} {
			truth := least
			if d := q.Value(q.Start).Item(); d != p.Value(p.Start).Item() {
				truth = least * c * c
			}
			if bound := q.Bound(q.Start); bound > truth*(1+1e-9)+5e-324 {
				t.Errorf("1e%g: F ≥ %g, and the minimum is %g", k, bound, truth)
			}
		}
	}
}
