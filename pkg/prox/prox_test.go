package prox_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/prox"
)

func ExampleSoft() {
	fmt.Println(prox.Soft(ad.Row(3, -0.5, -2), ad.Scalar(1)).Data)
	// Output: [2 0 -1]
}

// golden minimises a convex φ on [lo, hi] by golden-section search.
func golden(phi func(float64) float64, lo, hi float64) float64 {
	const r = 0.6180339887498949
	for hi-lo > 1e-9 {
		a, b := hi-r*(hi-lo), lo+r*(hi-lo)
		if phi(a) < phi(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}

func TestTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 200 {
		v, s := 3*rng.NormFloat64(), 2*rng.Float64()
		for name, c := range map[string]struct{ fast, slow float64 }{
			"soft":        {prox.Soft(ad.Scalar(v), ad.Scalar(s)).Item(), golden(func(x float64) float64 { return s*math.Abs(x) + (x-v)*(x-v)/2 }, -20, 20)},
			"nonnegative": {prox.NonNegative(ad.Scalar(v)).Item(), golden(func(x float64) float64 { return (x - v) * (x - v) }, 0, 20)},
			"box":         {prox.Box(ad.Scalar(v), -1, s).Item(), golden(func(x float64) float64 { return (x - v) * (x - v) }, -1, s)},
		} {
			if math.Abs(c.fast-c.slow) > 1e-6 {
				t.Fatalf("%s of %g: %g, by search %g", name, v, c.fast, c.slow)
			}
		}
	}
}

// The slow twin of the simplex projection finds τ by bisection of Σ max(v−τ, 0) = 1.
func TestSimplexTwin(t *testing.T) {
	adtest.Shapes(40, 2, func(rng *rand.Rand, r, c int) {
		v := adtest.Random(rng, r, c).Scale(2)
		fast := prox.Simplex(v)
		for j := range c {
			lo, hi := -20., 20.
			for range 100 {
				mid, sum := (lo+hi)/2, 0.
				for i := range r {
					sum += max(v.At(i, j)-mid, 0)
				}
				if sum > 1 {
					lo = mid
				} else {
					hi = mid
				}
			}
			for i := range r {
				if want := max(v.At(i, j)-lo, 0); math.Abs(fast.At(i, j)-want) > 1e-9 {
					t.Fatalf("entry (%d, %d): %g, by bisection %g", i, j, fast.At(i, j), want)
				}
			}
		}
	})
}

func TestGradients(t *testing.T) {
	adtest.Shapes(20, 3, func(rng *rand.Rand, r, c int) {
		w := adtest.Random(rng, r, c)
		away := func(v ad.Value) ad.Value { return v.Add(v.Sign().Scale(.05)) } // from the kinks
		v := away(adtest.Random(rng, r, c))
		each := adtest.Random(rng, r, c).Abs().Scale(.02)
		soft := func(xs ...ad.Value) ad.Value { return prox.Soft(xs[0], xs[1]).Mul(w).Sum() }
		adtest.Check(t, 1e-7, soft, v, each.Scale(.2))
		adtest.Check(t, 1e-7, soft, v, ad.Scalar(.01))
		adtest.Equal(t, 1e-14, soft, func(xs ...ad.Value) ad.Value {
			over := xs[0].Abs().Sub(xs[1])
			return over.ReLU().Mul(xs[0].Sign()).Mul(w).Sum()
		}, v, each)
		adtest.Check(t, 1e-7, func(xs ...ad.Value) ad.Value { return prox.NonNegative(xs[0]).Mul(w).Sum() }, v)
		adtest.Check(t, 1e-6, func(xs ...ad.Value) ad.Value { return prox.Simplex(xs[0]).Mul(w).Sum() }, v.Scale(.1))
	})
}

// A projection does not move what is inside, and a prox never lengthens distances.
func TestLaws(t *testing.T) {
	adtest.Shapes(40, 4, func(rng *rand.Rand, r, c int) {
		a, b := adtest.Random(rng, r, c), adtest.Random(rng, r, c)
		for name, f := range map[string]func(ad.Value) ad.Value{
			"soft": func(v ad.Value) ad.Value { return prox.Soft(v, ad.Scalar(.3)) }, "simplex": prox.Simplex, "nonnegative": prox.NonNegative,
			"box": func(v ad.Value) ad.Value { return prox.Box(v, -.5, .2) },
		} {
			if d, e := f(a).Sub(f(b)).SumSquares().Item(), a.Sub(b).SumSquares().Item(); d > e*(1+1e-12) {
				t.Errorf("%s lengthens a distance: %g to %g", name, e, d)
			}
			if name != "soft" && f(f(a)).Sub(f(a)).Norm1().Item() > 1e-12 {
				t.Errorf("%s moves a point of its set", name)
			}
		}
	})
}

func TestBadInput(t *testing.T) {
	nan := math.NaN()
	for name, v := range map[string]ad.Value{
		"soft value": prox.Soft(ad.Scalar(nan), ad.Scalar(1)), "soft threshold": prox.Soft(ad.Scalar(0), ad.Scalar(nan)),
		"box": prox.Box(ad.Scalar(nan), 0, 1), "simplex": prox.Simplex(ad.Col(1, nan)),
	} {
		if v.IsFinite() {
			t.Errorf("%s: NaN became %v", name, v.Data)
		}
	}
	for name, f := range map[string]func(){
		"shape": func() { prox.Soft(ad.New(2, 3, nil), ad.New(3, 2, nil)) }, "empty": func() { prox.Simplex(ad.New(0, 1, nil)) },
		"interval": func() { prox.Box(ad.Scalar(1), 2, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error(name, "was accepted")
				}
			}()
			f()
		}()
	}
}
