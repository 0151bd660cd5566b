package kern

import (
	"math/rand/v2"
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
				s.addWide(gotW, single)
				goAddWide(wantW, single)
				same(t, "add", gotW, wantW, 0, nil)
				z.free()
			}
		}
	})
}
