//go:build !purego

package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The products of the two sets for amd64 give the same bits for all shapes.
func TestAVXProductsAgree(t *testing.T) {
	avx := avxSets(t)
	rng := rand.New(rand.NewPCG(16, 1))
	for _, kind := range []int{ordinary, denormal} {
		for n := range 52 {
			for _, m := range []int{1, 3, 4, 7, 8, 21} {
				for _, k := range []int{1, 1 + rng.IntN(12), 30 + rng.IntN(40)} {
					agree[float32](t, avx, rng, kind, m, n+1, k)
					agree[float64](t, avx, rng, kind, m, n+1, k)
				}
			}
		}
		for _, q := range append(shapes, [3]int{250, 500, 129}, [3]int{61, 130, 500}, [3]int{3, 2, 9000}, [3]int{1, 300, 1000}) {
			agree[float32](t, avx, rng, kind, q[0], q[1], q[2])
			agree[float64](t, avx, rng, kind, q[0], q[1], q[2])
		}
	}
}

// avxSets returns the two sets for amd64.
func avxSets(t *testing.T) (avx []set) {
	t.Helper()
	for _, s := range sets {
		if s.name == "avx2" || s.name == "avx512" {
			avx = append(avx, s)
		}
	}
	if len(avx) < 2 {
		t.Skip("comparing avx2 with avx512: this processor has not both; run the test on one with AVX-512")
	}
	return avx
}

// agree compares all products of one shape.
func agree[T number](t *testing.T, avx []set, rng *rand.Rand, kind, m, n, k int) {
	t.Helper()
	a, b, start := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	draw(rng, kind, a)
	draw(rng, kind, b)
	draw(rng, kind, start)
	got := every(of[T](avx[0]), m, n, k, a, b, start)
	for name, x := range every(of[T](avx[1]), m, n, k, a, b, start) {
		bits(t, fmt.Sprintf("%s %T %d×%d×%d kind %d", name, x[0], m, n, k, kind), got[name], x)
	}
}
