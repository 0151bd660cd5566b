package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// normal fails if a number is subnormal.
func normal(t *testing.T, what string, x []float32) {
	t.Helper()
	for i, v := range x {
		if v != 0 && math.Abs(float64(v)) < 0x1p-126 {
			t.Errorf("%s: entry %d is %g, which should have been flushed", what, i, v)
			return
		}
	}
}

// What was flushed is 0 with a sign, and Go's own arithmetic is as before.
func TestFlush(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 4))
	tiny := float32(1e-40)
	for _, s := range sets {
		after := func(what string, x ...[]float32) {
			t.Helper()
			for _, x := range x {
				normal(t, s.name+" "+what, x)
			}
			if half := tiny * 0.5; half == 0 {
				t.Fatalf("%s %s: Go's arithmetic flushes as well", s.name, what)
			}
		}
		for _, q := range append(shapes, [3]int{1, 1, 1}, [3]int{2, 3, 4}, [3]int{1, 9, 30}, [3]int{30, 1, 9}) {
			m, n, k := q[0], q[1], q[2]
			a, b, start := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
			for _, x := range [][]float32{a, b, start} {
				draw(rng, denormal, x)
			}
			for name, x := range every(s.p32, m, n, k, a, b, start) {
				if name == "nn" || name == "tn" || name == "nt" {
					after(fmt.Sprintf("%s %d×%d×%d", name, m, n, k), x)
				}
			}
		}
		wide, x, y := make([]float64, 37), make([]float32, 37), make([]float32, 3*37)
		for i := range wide {
			wide[i] = math.Copysign(1e-39, float64(i%2)-0.5)
		}
		s.narrow32(x, wide)
		after("narrow", x)
		for i, v := range x {
			if math.Signbit(float64(v)) != (i%2 == 0) {
				t.Fatalf("%s: %g has become %g", s.name, wide[i], v)
			}
		}
		draw(rng, denormal, x)
		draw(rng, denormal, y)
		s.addBias32(3, 37, x, y)
		after("bias", y)
		s.sumRows32(3, 37, y, x)
		after("sum of rows", x)
	}
}

// saturated is an LSTM step whose units are far out, with the gradients that an optimizee
// gives which is so as well.
func saturated(r, in, h int, size float32) *lstmCase {
	k := newLSTM(r, in, h)
	for _, x := range [][]float32{k.dh, k.dc} {
		for i := range x {
			x[i] *= size
		}
	}
	for i := range k.bias {
		k.bias[i] *= 10
	}
	return k
}

func TestSaturatedStep(t *testing.T) {
	others(t, func(t *testing.T, s set) {
		for _, q := range [][3]int{{70, 2, 20}, {130, 20, 20}, {9, 3, 5}, {64, 40, 72}} {
			for _, size := range []float32{1e-36, 1e-37, 1e-38, 1e-39, 1e-42} {
				r, in, h := q[0], q[1], q[2]
				step := func(s set) *lstmCase {
					k := saturated(r, in, h, size)
					with(s, func() { k.forward(); k.backward() })
					return k
				}
				got, want := step(s), step(plain)
				for i, x := range [][2][]float32{{got.dh, want.dh}, {got.dc, want.dc}, {got.to.X, want.to.X}, {got.to.Wx, want.to.Wx}, {got.to.Wh, want.to.Wh}, {got.to.Bias, want.to.Bias}} {
					what := fmt.Sprintf("%s %d×%d×%d, gradients of %g, %d", s.name, r, in, h, size, i)
					scale := make([]float64, len(x[0]))
					for j := range scale { // sums of up to 4h products, or r of them
						scale[j] = 40 * float64(size) * float64(max(r, 4*h))
					}
					normal(t, what, x[0])
					normal(t, what+" (twin)", x[1])
					same(t, what, x[0], x[1], 1e-6, scale)
				}
			}
		}
	})
}

// BenchmarkSaturated is the way back through an LSTM step with gradients of three sizes: as
// ever, around the smallest normal number, and below. The best time counts.
func BenchmarkSaturated(b *testing.B) {
	for _, s := range sets {
		for _, size := range []float32{1, 1e-38, 1e-40} {
			b.Run(fmt.Sprintf("%s/%g", s.name, size), func(b *testing.B) {
				k := saturated(500, 20, 20, size)
				dh, dc, best := append([]float32{}, k.dh...), append([]float32{}, k.dc...), time.Hour
				with(s, func() {
					k.forward()
					for b.Loop() {
						copy(k.dh, dh)
						copy(k.dc, dc)
						start := time.Now()
						k.backward()
						best = min(best, time.Since(start))
					}
				})
				b.ReportMetric(best.Seconds()*1e6, "µs-best")
			})
		}
	}
}
