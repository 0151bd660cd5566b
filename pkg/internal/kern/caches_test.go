//go:build (amd64 || arm64) && !purego

package kern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Blocks are cut to fit the caches that a processor has, and that changes no bits. Small
// caches also let small matrices reach every path.
func TestCachesKeepTheBits(t *testing.T) {
	sizes := []caches{{16 << 10, 128 << 10}, {32 << 10, 512 << 10}, {48 << 10, 2 << 20}, {128 << 10, 16 << 20}}
	for name, of := range makers {
		if !slices.ContainsFunc(sets, func(s set) bool { return s.name == name }) {
			t.Logf("%s: this processor lacks it", name)
			continue
		}
		for _, q := range [][3]int{{300, 140, 150}, {67, 131, 700}, {500, 80, 20}, {9, 300, 1000}, {40, 20, 600}} {
			alike[float32](t, name, q, func(i int) products[float32] { p, _ := of(sizes[i]); return p }, len(sizes))
			alike[float64](t, name, q, func(i int) products[float64] { _, p := of(sizes[i]); return p }, len(sizes))
		}
	}
}

// alike compares the products of one shape for count sizes of caches.
func alike[T number](t *testing.T, name string, q [3]int, of func(i int) products[T], count int) {
	t.Helper()
	m, n, k := q[0], q[1], q[2]
	rng := rand.New(rand.NewPCG(16, 2))
	a, b, start := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	for _, x := range [][]T{a, b, start} {
		draw(rng, ordinary, x)
	}
	var first map[string][]T
	for i := range count {
		got := every(of(i), m, n, k, a, b, start)
		if i == 0 {
			first = got
		}
		for which, x := range got {
			bits(t, fmt.Sprintf("%s %s %T %d×%d×%d, caches %d", name, which, x[0], m, n, k, i), first[which], x)
		}
	}
}
