package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// product32 compares both float32 products of a set with the twin.
func product32(t testing.TB, s set, rng *rand.Rand, kind, m, n, k int) {
	t.Helper()
	for _, transposed := range []bool{false, true} {
		a, b, dst := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
		draw(rng, kind, a)
		draw(rng, kind, b)
		draw(rng, min(kind, denormal), dst)
		got, want := twice(t, s, rng, [][]float32{a, b}, [][]float32{dst}, func(s set, in, out [][]float32) {
			if transposed {
				s.p32.tn(m, n, k, in[0], in[1], out[0])
			} else {
				s.p32.nn(m, n, k, in[0], in[1], out[0])
			}
		})
		size := make([]float64, m*n) // Σ|a||b| bounds the rounding of any order of sums
		for i := range m {
			for p := range k {
				x := a[i*k+p : i*k+p+1]
				if transposed {
					x = a[p*m+i : p*m+i+1]
				}
				for j := range n {
					size[i*n+j] += math.Abs(float64(x[0]) * float64(b[p*n+j]))
				}
			}
		}
		for i, x := range dst {
			size[i] += math.Abs(float64(x))
		}
		same(t, fmt.Sprintf("%s %d×%d×%d transposed %v kind %d", s.name, m, n, k, transposed, kind), got[0], want[0], 1.2e-7*float64(k+2), size)
	}
}

func TestProducts32(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(1, 2))
		for kind := range kinds {
			for n := range 42 {
				for _, m := range []int{0, 1, 2, 3, 4, 5, 7, 20} {
					product32(t, s, rng, kind, m, n, rng.IntN(12))
				}
			}
			for _, q := range [][3]int{{500, 80, 2}, {500, 80, 20}, {500, 20, 80}, {80, 20, 500}, {80, 2, 500}, {500, 1, 20}, {1, 20, 500}, {33, 257, 61}, {9, 13, 700}} {
				product32(t, s, rng, kind, q[0], q[1], q[2])
			}
		}
	})
}

func FuzzProducts32(f *testing.F) {
	f.Add(uint64(1), uint8(5), uint8(17), uint8(9), uint8(wild))
	f.Add(uint64(2), uint8(80), uint8(2), uint8(50), uint8(denormal))
	f.Add(uint64(3), uint8(1), uint8(7), uint8(0), uint8(ordinary))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k, kind uint8) {
		for _, s := range sets {
			product32(t, s, rand.New(rand.NewPCG(seed, 3)), int(kind)%kinds, int(m), int(n), int(k))
		}
	})
}

// rows32 compares the sums over rows and the bias.
func rows32(t testing.TB, s set, rng *rand.Rand, kind, r, n int) {
	t.Helper()
	a, x := make([]float32, r*n), make([]float32, n)
	draw(rng, kind, a)
	draw(rng, kind, x)
	what := fmt.Sprintf("%s %d×%d kind %d", s.name, r, n, kind)
	got, want := twice(t, s, rng, [][]float32{a}, [][]float32{x}, func(s set, in, out [][]float32) { s.sumRows32(r, n, in[0], out[0]) })
	size := make([]float64, n)
	for i, v := range a {
		size[i%n] += math.Abs(float64(v))
	}
	same(t, "sum of rows "+what, got[0], want[0], 1.2e-7*float64(r+1), size)
	got, want = twice(t, s, rng, [][]float32{x}, [][]float32{a}, func(s set, in, out [][]float32) { s.addBias32(r, n, in[0], out[0]) })
	same(t, "bias "+what, got[0], want[0], 0, nil)
}

func TestRows32(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(4, 2))
		for kind := range kinds {
			for n := range 85 {
				rows32(t, s, rng, kind, n%7, n)
			}
			rows32(t, s, rng, kind, 500, 80)
		}
	})
}
