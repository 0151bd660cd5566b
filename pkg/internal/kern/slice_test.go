package kern

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestConversions(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(6, 2))
		for kind := range kinds {
			for n := range 70 {
				z := &zone{t: t}
				wide, single := slice[float64](z, n, n%3 > 0), slice[float32](z, n, n%2 > 0)
				draw(rng, kind, wide)
				draw(rng, kind, single)
				got, want := slice[float32](z, n, true), make([]float32, n)
				s.narrow32(got, wide)
				goNarrow32(want, wide)
				same(t, "narrow", got, want, 0, nil)
				gotW, wantW := slice[float64](z, n, true), make([]float64, n)
				s.widen32(gotW, single)
				goWiden32(wantW, single)
				same(t, "widen", gotW, wantW, 0, nil)
				copy(gotW, wide)
				copy(wantW, wide)
				s.sumWide(gotW, gotW, single)
				goSumWide(wantW, wantW, single)
				same(t, "add", gotW, wantW, 0, nil)
				s.sumWide(gotW, wide, single)
				goSumWide(wantW, wide, single)
				same(t, "sum", gotW, wantW, 0, nil)
				z.free()
			}
		}
	})
}

func TestRelu(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		rng := rand.New(rand.NewPCG(7, 2))
		for kind := range kinds {
			for n := range 70 {
				z := &zone{t: t}
				y, d := slice[float32](z, n, n%2 > 0), slice[float32](z, n, n%3 > 0)
				draw(rng, kind, y)
				draw(rng, kind, d)
				if n > 2 {
					y[n-1], y[n-2], y[n/2] = float32(math.NaN()), 0, float32(math.Copysign(0, -1))
				}
				wantY, wantD := slices.Clone(y), slices.Clone(d)
				s.relu32(y)
				goRelu32(wantY)
				same(t, "ReLU", y, wantY, 0, nil)
				s.reluBack32(d, y)
				goReluBack32(wantD, wantY)
				same(t, "its way back", d, wantD, 0, nil)
				z.free()
			}
		}
	})
}
