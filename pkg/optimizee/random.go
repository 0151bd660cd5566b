package optimizee

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// Gaussian draws entries N(0, 1).
func Gaussian(rng *rand.Rand, r, c int) ad.Value {
	v := ad.New(r, c, nil)
	for i := range v.Data {
		v.Data[i] = rng.NormFloat64()
	}
	return v
}

// UnitColumns scales every column of fresh data to length 1.
func UnitColumns(a ad.Value) {
	for j := range a.C {
		var s float64
		for i := range a.R {
			s += a.Data[i*a.C+j] * a.Data[i*a.C+j]
		}
		for i := range a.R {
			a.Data[i*a.C+j] /= math.Sqrt(s)
		}
	}
}

// Uniform draws entries uniform on [0, 1).
func Uniform(rng *rand.Rand, r, c int) ad.Value {
	v := ad.New(r, c, nil)
	for i := range v.Data {
		v.Data[i] = rng.Float64()
	}
	return v
}

// sparse draws a column with exactly k entries N(0,1) at random places.
func sparse(rng *rand.Rand, n, k int) ad.Value {
	x := ad.New(n, 1, nil)
	for _, i := range rng.Perm(n)[:k] {
		x.Data[i] = rng.NormFloat64()
	}
	return x
}
