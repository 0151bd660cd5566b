package kern

import (
	"math"
	"testing"
)

// grid returns float32 numbers of both signs over all magnitudes, from the
// denormal ones to the largest, evenly spaced in their bits.
func grid(step uint32) (x []float32) {
	for b := uint32(0); b < 0x7f800000; b += step {
		v := math.Float32frombits(b)
		x = append(x, v, -v)
	}
	return x
}

// worst fails if got is not within tol relative of f in float64; only arguments
// up to limit count. What is less than 2⁻¹²⁶ may be 0.
func worst(t *testing.T, what string, x, got []float32, f func(float64) float64, limit, tol float64) {
	t.Helper()
	most, at := 0.0, float32(0)
	for i, v := range x {
		want := f(float64(v))
		if math.Abs(float64(v)) > limit || got[i] == 0 && math.Abs(want) < 0x1p-126 {
			continue
		}
		e := max(0, math.Abs(float64(got[i])-want)-1.5e-45) / math.Abs(want) // a denormal result may be off by one
		if want == 0 {
			e = math.Abs(float64(got[i]))
		}
		if !(e <= most) {
			most, at = e, v
		}
	}
	t.Logf("%s: largest relative error %.3g at %g", what, most, at)
	if !(most <= tol) {
		t.Errorf("%s: relative error %.3g at %g is over %.3g", what, most, at, tol)
	}
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func TestAccuracy32(t *testing.T) {
	x := grid(1409)
	for _, s := range sets {
		n := len(x)
		z, zero := make([]float32, 4*n), make([]float32, n)
		c, tc, h := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range 4 { // one row of n units: each gate sees the whole grid
			copy(z[i*n:], x)
		}
		s.cellForward(1, n, z, zero, c, tc, h)
		worst(t, s.name+" sigmoid", x, z[:n], sigmoid64, expLimit, 2e-7)
		worst(t, s.name+" tanh", x, z[2*n:3*n], math.Tanh, math.Inf(1), 4e-7)
		copy(z[n:2*n], big(n)) // c = 1·x + i·0
		clear(z[2*n : 3*n])
		s.cellForward(1, n, z, x, c, tc, h)
		worst(t, s.name+" tanh of c", x, tc, math.Tanh, math.Inf(1), 4e-7)
	}
	e := make([]float32, len(x))
	for i, v := range x {
		e[i] = Exp32(v)
	}
	worst(t, "Exp32", x, e, math.Exp, expLimit, 2e-7)
}

// big returns n numbers whose sigmoid is 1.
func big(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 50
	}
	return x
}

func TestAccuracy64(t *testing.T) {
	var x []float64
	for b := uint64(0); b < 0x7ff0000000000000; b += 0x7ff00000000000 / 7 {
		v := math.Float64frombits(b)
		x = append(x, v, -v)
	}
	for v := -750.0; v < 750; v += 0.0137 {
		x = append(x, v)
	}
	for _, s := range sets {
		for _, c := range []struct {
			name       string
			f          func(dst, x []float64)
			want       func(float64) float64
			tol, least float64
		}{
			{"exp", s.v64.exp, math.Exp, 4e-16, math.Inf(-1)},
			{"sigmoid", s.v64.sigmoid, sigmoid64, 6e-16, -709},
			{"tanh", s.v64.tanh, math.Tanh, 8e-16, math.Inf(-1)},
		} {
			got := make([]float64, len(x))
			c.f(got, x)
			most, at := 0.0, 0.0
			for i, v := range x {
				w := c.want(v)
				if v < c.least || got[i] == w || v > 709.4 && v < 709.79 { // there math.Exp on amd64 is +Inf already
					continue
				}
				if e := max(0, math.Abs(got[i]-w)-1e-323) / math.Abs(w); !(e <= most) {
					most, at = e, v
				}
			}
			t.Logf("%s %s: largest relative error %.3g at %g", s.name, c.name, most, at)
			if !(most <= c.tol) {
				t.Errorf("%s %s: relative error %.3g at %g is over %.3g", s.name, c.name, most, at, c.tol)
			}
		}
	}
}
