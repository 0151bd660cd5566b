package nn

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
)

// Uniform returns an r×c value with entries uniform in (−bound, bound).
func Uniform(rng *rand.Rand, r, c int, bound float64) ad.Value {
	v := ad.New(r, c, nil)
	need(rng, "Uniform")
	for i := range v.Data {
		v.Data[i] = bound * (2*rng.Float64() - 1)
	}
	return v
}

// Normal returns an r×c value with independent entries N(0, std²).
func Normal(rng *rand.Rand, r, c int, std float64) ad.Value {
	v := ad.New(r, c, nil)
	need(rng, "Normal")
	for i := range v.Data {
		v.Data[i] = std * rng.NormFloat64()
	}
	return v
}

func need(rng *rand.Rand, what string) {
	if rng == nil {
		panic("nn: " + what + " draws numbers: give it a *rand.Rand, such as optimizee.Stream(1)")
	}
}

// fanIn is the bound of PyTorch's default initialisation, 1/√n for n inputs.
func fanIn(n int) float64 { return 1 / math.Sqrt(float64(n)) }
