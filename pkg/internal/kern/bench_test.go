package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
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

func BenchmarkGemm32(b *testing.B) {
	for _, q := range [][3]int{{500, 80, 2}, {40, 80, 2}, {500, 80, 20}, {40, 80, 20}, {500, 20, 80}, {500, 1, 20}, {128, 500, 500}, {100, 2000, 500}} {
		m, n, k := q[0], q[1], q[2]
		x, y, d := random[float32](m*k), random[float32](k*n), make([]float32, m*n)
		each(b, fmt.Sprintf("%dx%dx%d", m, n, k), 2*float64(m*n*k), func(s set) { s.p32.nn(m, n, k, x, y, d) })
	}
}

func BenchmarkGemmTN32(b *testing.B) {
	for _, q := range [][3]int{{80, 20, 500}, {80, 2, 500}, {1, 20, 500}, {2000, 500, 100}} {
		m, n, r := q[0], q[1], q[2]
		x, y, d := random[float32](m*r), random[float32](r*n), make([]float32, m*n)
		each(b, fmt.Sprintf("%dx%dx%d", m, n, r), 2*float64(m*n*r), func(s set) { s.p32.tn(m, n, r, x, y, d) })
	}
}

// The work of a cell is counted in transcendental functions, five per unit.
func BenchmarkCell(b *testing.B) {
	for _, h := range []int{20, 500} {
		r := 500
		n := r * h
		start, z, cPrev, c, t, out := random[float32](4*n), make([]float32, 4*n), random[float32](n), make([]float32, n), make([]float32, n), make([]float32, n)
		each(b, fmt.Sprintf("forward/%dx%d", r, h), float64(5*n), func(s set) {
			copy(z, start)
			s.cellForward(r, h, z, cPrev, c, t, out)
		})
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
	each(b, "addwide/10000", 10000, func(s set) { s.addWide(x, y) })
}
