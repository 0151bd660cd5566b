package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// cells compares an LSTM step and its adjoint with the twin.
func cells(t testing.TB, s set, rng *rand.Rand, kind, r, h int, carry bool) {
	t.Helper()
	n := r * h
	z, cPrev, dh, dc := make([]float32, 4*n), make([]float32, n), make([]float32, n), make([]float32, n)
	draw(rng, kind, z)
	draw(rng, kind, cPrev)
	draw(rng, kind, dh)
	draw(rng, kind, dc)
	what := fmt.Sprintf("%s r=%d h=%d kind %d", s.name, r, h, kind)
	empty := func() []float32 { return make([]float32, n) }
	got, want := twice(t, s, rng, [][]float32{cPrev}, [][]float32{z, empty(), empty(), empty()}, func(s set, in, out [][]float32) {
		s.cellForward(r, h, out[0], in[0], out[1], out[2], out[3])
	})
	size := make([]float64, n) // c is a difference of terms up to |cPrev|+1
	for i, x := range cPrev {
		size[i] = 1 + max(float64(x), -float64(x))
	}
	same(t, what+": gates", got[0], want[0], 8e-7, nil)
	same(t, what+": c", got[1], want[1], 8e-7, size)
	same(t, what+": tanh c", got[2], want[2], 8e-7, size)
	same(t, what+": h", got[3], want[3], 8e-7, size)

	if !carry {
		dc = nil
	}
	gates, tc := want[0], want[2]
	got, want = twice(t, s, rng, [][]float32{gates, cPrev, tc, dh, dc}, [][]float32{make([]float32, 4*n), empty()}, func(s set, in, out [][]float32) {
		s.cellBackward(r, h, in[0], in[1], in[2], in[3], in[4], out[0], out[1])
	})
	dsize := make([]float64, n)
	zsize := make([]float64, 4*n)
	for i := range n {
		d := float64(max(dh[i], -dh[i]))
		if carry {
			d += float64(max(dc[i], -dc[i]))
		}
		dsize[i] = d
		for g := range 4 {
			zsize[i/h*4*h+g*h+i%h] = d * size[i]
		}
	}
	same(t, what+": dz", got[0], want[0], 8e-7, zsize)
	same(t, what+": dcPrev", got[1], want[1], 8e-7, dsize)
	if carry { // in place
		s.cellBackward(r, h, gates, cPrev, tc, dh, dc, make([]float32, 4*n), dc)
		bits(t, what+": dcPrev in the place of dc", dc, got[1])
	}
}

func TestCells(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(5, 2))
		for kind := range kinds {
			for h := range 42 {
				for r := range 6 {
					cells(t, s, rng, kind, r, h, (r+h)%2 == 0)
				}
			}
			cells(t, s, rng, kind, 101, 20, true)
			cells(t, s, rng, kind, 10, 500, true)
		}
	})
}

func FuzzCells(f *testing.F) {
	f.Add(uint64(1), uint8(5), uint8(20), uint8(wild), true)
	f.Add(uint64(2), uint8(3), uint8(7), uint8(denormal), false)
	f.Add(uint64(3), uint8(0), uint8(4), uint8(ordinary), true)
	f.Fuzz(func(t *testing.T, seed uint64, r, h, kind uint8, carry bool) {
		for _, s := range sets {
			cells(t, s, rand.New(rand.NewPCG(seed, 7)), int(kind)%kinds, int(r%40), int(h), carry)
		}
	})
}
