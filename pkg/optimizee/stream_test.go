package optimizee_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// TestStreams: every key has a stream of its own, whatever else is drawn, and streams
// of neighbouring keys have nothing in common.
func TestStreams(t *testing.T) {
	first := map[uint64][]uint64{}
	draw := func(seed uint64, key ...uint64) {
		x := optimizee.Stream(seed, key...).Uint64()
		if x != optimizee.Stream(seed, key...).Uint64() {
			t.Errorf("the stream of %d %v is not the same twice", seed, key)
		}
		if other, ok := first[x]; ok {
			t.Errorf("the streams of %v and %v begin alike", other, append([]uint64{seed}, key...))
		}
		first[x] = append([]uint64{seed}, key...)
	}
	for seed := range uint64(12) {
		draw(seed)
		for a := range uint64(12) {
			draw(seed, a)
			for b := range uint64(12) {
				draw(seed, a, b)
				draw(^seed, a, b)
			}
		}
	}
	const n = 4000
	normal := func(key ...uint64) (xs [n]float64) {
		rng := optimizee.Stream(1, key...)
		for i := range xs {
			xs[i] = rng.NormFloat64()
		}
		return xs
	}
	base := normal(3, 5)
	for _, key := range [][]uint64{{3, 6}, {4, 5}, {5, 3}, {3}, {3, 5, 0}} {
		other := normal(key...)
		var corr float64
		for i := range base {
			corr += base[i] * other[i] / n
		}
		if math.Abs(corr) > 5/math.Sqrt(n) {
			t.Errorf("the streams of (3, 5) and %v correlate by %.3f", key, corr)
		}
	}
}
