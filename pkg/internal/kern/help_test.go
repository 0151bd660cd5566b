package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// others runs a test for every set but the twin.
func others(t *testing.T, f func(t *testing.T, s set)) {
	t.Helper()
	for _, s := range sets {
		if s.name == "go" {
			continue
		}
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
	if len(sets) == 1 {
		t.Log("plain Go is the only set in this build: compared with itself")
		f(t, plain)
	}
}

// Kinds of test data.
const (
	ordinary = iota
	denormal // many numbers near the smallest ones
	wild     // with ±Inf, NaN, ±0 and denormals
	kinds
)

// draw fills x.
func draw[T number](rng *rand.Rand, kind int, x []T) {
	tiny, odd := 1e-44, []float64{math.Inf(1), math.Inf(-1), math.NaN(), 0, math.Copysign(0, -1), 1e-42, 300, -300}
	if _, ok := any(x).([]float64); ok {
		tiny = 1e-320
	}
	for i := range x {
		v := rng.NormFloat64() * 2
		switch {
		case kind == denormal && rng.IntN(2) == 0:
			v *= tiny
		case kind == wild && rng.IntN(40) == 0:
			v = odd[rng.IntN(len(odd))]
		}
		x[i] = T(v)
	}
}

// same fails unless got equals want within tol·(size + |want|), where NaN equals
// NaN and infinities must agree. size may be nil.
func same[T number](t testing.TB, what string, got, want []T, tol float64, size []float64) {
	t.Helper()
	floor := 0x1p-126 // of float32 what is less may have become 0, on the way as well
	if _, ok := any(got).([]float64); ok || tol == 0 {
		floor = 1e-322
	}
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		scale := math.Abs(w)
		if size != nil {
			scale += size[i]
		}
		switch {
		case math.IsNaN(w) && math.IsNaN(g), g == w:
		case math.IsNaN(w) != math.IsNaN(g), math.IsInf(w, 0), math.IsInf(g, 0), math.Abs(g-w) > tol*scale+floor*(1+tol*1e8):
			t.Errorf("%s: entry %d of %d is %v, the twin has %v (tolerance %.2g)", what, i, len(want), g, w, tol*scale)
			return
		}
	}
}

// bits fails unless the two have the same bits.
func bits[T number](t testing.TB, what string, a, b []T) {
	t.Helper()
	for i := range a {
		if math.Float64bits(float64(a[i])) != math.Float64bits(float64(b[i])) {
			t.Errorf("%s: entry %d is %v, then %v", what, i, a[i], b[i])
			return
		}
	}
}

// twice runs f for the set and for the twin on copies of the data: in are
// constants, out are changed. It returns what became of out.
func twice[T number](t testing.TB, s set, rng *rand.Rand, in, out [][]T, f func(s set, in, out [][]T)) (got, want [][]T) {
	t.Helper()
	copies := func(z *zone, of [][]T) (c [][]T) {
		for _, x := range of {
			if x == nil {
				c = append(c, nil)
				continue
			}
			c = append(c, slice[T](z, len(x), rng.IntN(3) > 0))
			copy(c[len(c)-1], x)
		}
		return c
	}
	for run := range 3 { // the set twice, then the twin
		z := &zone{t: t}
		cin, cout := copies(z, in), copies(z, out)
		who := s
		if run == 2 {
			who = plain
		}
		f(who, cin, cout)
		for i := range in {
			bits(t, fmt.Sprintf("%s changed input %d", who.name, i), cin[i], in[i])
		}
		var res [][]T
		for _, x := range cout {
			res = append(res, append([]T{}, x...))
		}
		z.free()
		switch run {
		case 0:
			got = res
		case 1:
			for i := range res {
				bits(t, s.name+" repeated", got[i], res[i])
			}
		case 2:
			want = res
		}
	}
	return got, want
}

// every returns what all products of one shape give when they are added to start.
func every[T number](p products[T], m, n, k int, a, b, start []T) map[string][]T {
	nn, tn, nt := slices.Clone(start), slices.Clone(start), slices.Clone(start)
	r, g := make([]T, m), make([]T, k)
	p.nn(m, n, k, a, b, nn)
	p.tn(m, n, k, a, b, tn)
	p.nt(m, n, k, a, b, nt)
	f := p.leastSquares(m, k, a, b[:k], start[:m], r, g)
	return map[string][]T{"nn": nn, "tn": tn, "nt": nt, "residual": r, "gradient": g, "half square": {T(f)}}
}
