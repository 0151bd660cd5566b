package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// checkVectors64 compares the element-wise operations with the twin.
func checkVectors64(t testing.TB, s set, rng *rand.Rand, kind, n int) {
	t.Helper()
	data := func(count int) (d [][]float64) {
		for range count {
			x := make([]float64, n)
			draw(rng, kind, x)
			d = append(d, x)
		}
		return d
	}
	p, q := rng.NormFloat64(), rng.Float64()
	for _, c := range []struct {
		name    string
		in, out int
		tol     float64
		sized   bool // rounding is relative to the terms, not to the result
		f       func(v vectors64, in, out [][]float64)
	}{
		{"axpy", 1, 1, 3e-16, true, func(v vectors64, in, out [][]float64) { v.axpy(p, in[0], out[0]) }},
		{"axpby", 2, 1, 3e-16, true, func(v vectors64, in, out [][]float64) { v.axpby(out[0], p, in[0], q, in[1]) }},
		{"mul", 2, 1, 0, false, func(v vectors64, in, out [][]float64) { v.mul(out[0], in[0], in[1]) }},
		{"mul add", 2, 1, 3e-16, true, func(v vectors64, in, out [][]float64) { v.mulAdd(out[0], in[0], in[1]) }},
		{"larger", 1, 1, 0, false, func(v vectors64, in, out [][]float64) { v.larger(out[0], in[0]) }},
		{"soft", 1, 1, 0, false, func(v vectors64, in, out [][]float64) { v.soft(out[0], in[0], q) }},
		{"soft each", 2, 1, 0, false, func(v vectors64, in, out [][]float64) { v.softEach(out[0], in[0], in[1]) }},
		{"exp", 1, 1, 5e-16, false, func(v vectors64, in, out [][]float64) { v.exp(out[0], in[0]) }},
		{"sigmoid", 1, 1, 7e-16, false, func(v vectors64, in, out [][]float64) { v.sigmoid(out[0], in[0]) }},
		{"tanh", 1, 1, 9e-16, false, func(v vectors64, in, out [][]float64) { v.tanh(out[0], in[0]) }},
		{"exp in place", 0, 1, 5e-16, false, func(v vectors64, _, out [][]float64) { v.exp(out[0], out[0]) }},
	} {
		in, out := data(c.in), data(c.out)
		var size []float64
		if c.sized {
			size = make([]float64, n)
			for i := range size {
				size[i] = 1
				for _, x := range append(in, out...) {
					size[i] *= 1 + max(x[i], -x[i])
				}
			}
		}
		got, want := twice(t, s, rng, in, out, func(s set, in, out [][]float64) { c.f(s.v64, in, out) })
		same(t, fmt.Sprintf("%s %s n=%d kind %d", s.name, c.name, n, kind), got[0], want[0], c.tol, size)
	}

	back := data(2)
	for i := range back[1] {
		if rng.IntN(2) == 0 {
			back[1][i] = math.Copysign(0, rng.NormFloat64())
		}
	}
	var counts []int
	got, want := twice(t, s, rng, back, [][]float64{make([]float64, n), make([]float64, (n+7)&^7)}, func(s set, in, out [][]float64) {
		k := s.v64.softBack(out[0], in[0], in[1], out[1])
		clear(out[1][k:]) // anything
		counts = append(counts, k)
	})
	for i, what := range []string{"gradient", "moves"} {
		same(t, fmt.Sprintf("%s way back of soft, %s n=%d kind %d", s.name, what, n, kind), got[i], want[i], 0, nil)
	}
	if slices.Min(counts) != slices.Max(counts) {
		t.Errorf("%s way back of soft n=%d kind %d: %v moves", s.name, n, kind, counts)
	}

	in, out := data(1), data(3)
	for i, v := range out[2] {
		out[2][i] = v * v
	}
	a := Adam{Beta1: 0.9, Beta2: 0.999, LR: 1e-2, Fix2: 3, Eps: 1e-8}
	got, want = twice(t, s, rng, in, out, func(s set, in, out [][]float64) { s.v64.adam(out[0], out[1], out[2], in[0], a) })
	for i, what := range []string{"x", "m", "v"} {
		size := make([]float64, n)
		for j := range size {
			size[j] = 1 + out[i][j]*out[i][j] + in[0][j]*in[0][j]
			if i == 0 { // the step is m/√v of numbers that may be small
				size[j] += max(want[0][j]-out[0][j], out[0][j]-want[0][j]) + 1e6
			}
		}
		same(t, fmt.Sprintf("%s adam's %s n=%d kind %d", s.name, what, n, kind), got[i], want[i], 5e-16, size)
	}
}

func TestVectors64(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(8, 2))
		for kind := range kinds {
			for n := range 42 {
				checkVectors64(t, s, rng, kind, n)
			}
			checkVectors64(t, s, rng, kind, 1003)
		}
	})
}

func FuzzVectors64(f *testing.F) {
	f.Add(uint64(1), uint8(5), uint8(wild))
	f.Add(uint64(2), uint8(31), uint8(denormal))
	f.Add(uint64(3), uint8(0), uint8(ordinary))
	f.Fuzz(func(t *testing.T, seed uint64, n, kind uint8) {
		for _, s := range sets {
			checkVectors64(t, s, rand.New(rand.NewPCG(seed, 5)), int(kind)%kinds, int(n))
		}
	})
}
