package kern

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
	"unsafe"
)

// each runs a benchmark with every set; flops is the work of one call.
func each(b *testing.B, name string, flops float64, f func(s set)) {
	b.Helper()
	for _, s := range sets {
		b.Run(name+"/"+s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f(s)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF/s")
		})
	}
}

func random[T number](n int) []T {
	x := make([]T, n)
	draw(rand.New(rand.NewPCG(uint64(n), 9)), ordinary, x)
	return x
}

func BenchmarkGemm32(b *testing.B) { gemms[float32](b) }
func BenchmarkGemm64(b *testing.B) { gemms[float64](b) }

// gemms are the products of an LSTM of 20 units on 64 and 500 rows and of one of 500 units on
// 100 rows, and those of LISTA with a dictionary of 250×500 for 128 and 512 instances. Large
// ones use two cores: with -cpu 1 all is that of one, as is the peak.
func gemms[T number](b *testing.B) {
	b.Helper()
	for _, c := range []struct {
		name   string
		f      func(p products[T]) func(m, n, k int, a, b, dst []T)
		shapes [][3]int
	}{
		{"nn", func(p products[T]) func(m, n, k int, a, b, dst []T) { return p.nn }, [][3]int{
			{64, 80, 2},
			{500, 80, 2},
			{64, 80, 20},
			{500, 80, 20},
			{64, 20, 80},
			{500, 20, 80},
			{500, 1, 20},
			{100, 2000, 500},
			{100, 500, 2000},
			{250, 128, 500},
			{250, 512, 500},
			{500, 128, 250},
			{500, 500, 512},
			{1000, 1000, 1000},
		}},
		{"tn", func(p products[T]) func(m, n, k int, a, b, dst []T) { return p.tn }, [][3]int{
			{80, 20, 64}, {80, 20, 500}, {80, 2, 500}, {1, 20, 500}, {2000, 500, 100}, {500, 128, 250}, {500, 512, 250}, {1000, 1000, 1000},
		}},
		{"nt", func(p products[T]) func(m, n, k int, a, b, dst []T) { return p.nt }, [][3]int{
			{500, 80, 20}, {250, 500, 128}, {250, 500, 512}, {1000, 1000, 1000},
		}},
	} {
		for _, q := range c.shapes {
			m, n, k := q[0], q[1], q[2]
			x, y, d := random[T](m*k), random[T](k*n), make([]T, m*n)
			for _, s := range sets {
				b.Run(fmt.Sprintf("%s/%dx%dx%d/%s", c.name, m, n, k, s.name), func(b *testing.B) {
					f := c.f(of[T](s))
					ofPeak(b, s, float64(unsafe.Sizeof(T(0)))/4, 2*float64(m*n*k), func() { f(m, n, k, x, y, d) })
				})
			}
		}
	}
}

// ofPeak runs a benchmark of a product and reports its share of what the fused multiply-adds
// of the set give at most on the cores that a large product uses, for numbers of wide
// times four bytes. The best of short stretches counts on both sides: a neighbour on
// the machine only takes away.
func ofPeak(b *testing.B, s set, wide, flops float64, f func()) {
	b.Helper()
	before, best := peak(s), 0.
	stretch, calls, start := max(1, int(2e7/flops)), 0, time.Now()
	for b.Loop() {
		f()
		if calls++; calls == stretch {
			best = max(best, flops*float64(calls)/time.Since(start).Seconds())
			calls, start = 0, time.Now()
		}
	}
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF/s")
	if most := max(before, peak(s)) / wide; most > 0 && best > 0 {
		b.ReportMetric(100*best/most, "%peak")
	}
}

func peak(s set) (most float64) {
	for range 30 {
		start := time.Now()
		done := s.fmas(1 << 14)
		most = max(most, done/time.Since(start).Seconds())
	}
	return most * float64(min(2, runtime.GOMAXPROCS(0)))
}

func BenchmarkVector32(b *testing.B) { vectors[float32](b) }
func BenchmarkVector64(b *testing.B) { vectors[float64](b) }

func vectors[T number](b *testing.B) {
	b.Helper()
	const m, n = 250, 500
	a, x, y, r, g := random[T](m*n), random[T](n), random[T](m), make([]T, m), make([]T, n)
	each(b, "gemvN/250x500", 2*m*n, func(s set) { of[T](s).gemvN(m, n, a, x, r) })
	each(b, "gemvT/250x500", 2*m*n, func(s set) { of[T](s).gemvT(m, n, a, y, g) })
	each(b, "leastsquares/250x500", 4*m*n, func(s set) { of[T](s).leastSquares(m, n, a, x, y, r, g) })
}

// The work of a cell is counted in transcendental functions, five per unit.
func BenchmarkCell(b *testing.B) {
	for _, h := range []int{20, 500} {
		r := 500
		n := r * h
		z, cPrev, c, t, out := random[float32](4*n), random[float32](n), make([]float32, n), make([]float32, n), make([]float32, n)
		each(b, fmt.Sprintf("forward/%dx%d", r, h), float64(5*n), func(s set) { s.cellForward(r, h, z, cPrev, c, t, out) })
		dz := make([]float32, 4*n)
		each(b, fmt.Sprintf("backward/%dx%d", r, h), float64(15*n), func(s set) { s.cellBackward(r, h, z, cPrev, t, out, c, dz, cPrev) })
	}
}

func BenchmarkRows32(b *testing.B) {
	x, d := random[float32](80), make([]float32, 500*80)
	each(b, "bias/500x80", 500*80, func(s set) { s.addBias32(500, 80, x, d) })
	clear(d)
	each(b, "sum/500x80", 500*80, func(s set) { s.sumRows32(500, 80, d, x) })
}

func BenchmarkConvert(b *testing.B) {
	x, y := random[float64](10000), make([]float32, 10000)
	each(b, "narrow/10000", 10000, func(s set) { s.narrow32(y, x) })
	each(b, "widen/10000", 10000, func(s set) { s.widen32(x, y) })
	each(b, "addwide/10000", 10000, func(s set) { s.sumWide(x, x, y) })
}

func BenchmarkElements64(b *testing.B) {
	const n = 1000
	x, y, d := random[float64](n), random[float64](n), make([]float64, n)
	each(b, "exp/1000", n, func(s set) { s.v64.exp(d, x) })
	each(b, "sigmoid/1000", n, func(s set) { s.v64.sigmoid(d, x) })
	each(b, "tanh/1000", n, func(s set) { s.v64.tanh(d, x) })
	each(b, "axpby/1000", 3*n, func(s set) { s.v64.axpby(d, 0.5, x, 0.25, y) })
	m, v := make([]float64, n), make([]float64, n)
	each(b, "adam/1000", 12*n, func(s set) { s.v64.adam(d, m, v, x, Adam{0.9, 0.999, 1e-3, 2, 1e-8}) })
}
