package optimizee

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// Stream returns the random stream of a seed and a key, such as (purpose,
// minibatch, instance). Streams of different keys are independent, and a stream
// depends on nothing else: not on the order of the draws, not on the number of
// cores.
func Stream(seed uint64, key ...uint64) *rand.Rand {
	a, b := mix(seed), mix(^seed)
	for _, k := range key {
		a = mix(a ^ k)
		b = mix(b + a)
	}
	return rand.New(rand.NewPCG(a, b))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Gaussian draws entries N(0, 1).
func Gaussian(rng *rand.Rand, r, c int) ad.Value {
	need(rng, "Gaussian")
	v := ad.New(r, c, nil)
	for i := range v.Data {
		v.Data[i] = rng.NormFloat64()
	}
	return v
}

func need(rng *rand.Rand, what string) {
	if rng == nil {
		panic("optimizee: " + what + " draws numbers: give it a *rand.Rand, such as Stream(seed)")
	}
}

// UnitColumns scales every column of fresh data to length 1.
func UnitColumns(a ad.Value) {
	length := make([]float64, a.C)
	for i := 0; i < a.Len(); i += a.C { // row by row, as they lie in memory
		for j, v := range a.Data[i:][:a.C] {
			length[j] += v * v
		}
	}
	for j, s := range length {
		length[j] = math.Sqrt(s)
	}
	for i := 0; i < a.Len(); i += a.C {
		for j, s := range length {
			a.Data[i+j] /= s
		}
	}
}

// Uniform draws entries uniform on [0, 1).
func Uniform(rng *rand.Rand, r, c int) ad.Value {
	need(rng, "Uniform")
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
