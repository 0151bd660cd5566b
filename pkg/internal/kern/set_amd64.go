//go:build !purego

package kern

import "unsafe"

// machineSets returns the assembly sets that this processor runs.
func machineSets() []set {
	avx2, avx512 := features()
	if !avx2 {
		return nil
	}
	near := cacheSizes()
	s := plain
	s.name = "avx2"
	s.fmas = func(n int) float64 { fmasAVX2(n); return rounds(n, 8) }
	s.p32, s.p64 = productsAVX2(near)
	s.addBias32 = func(r, n int, b, dst []float32) {
		if r > 0 && n > 0 {
			addBiasAVX2(r, n, &b[0], &dst[0], mask[float32](n))
		}
	}
	s.relu32 = func(y []float32) { reluAVX2(len(y), unsafe.SliceData(y)) }
	s.reluBack32 = func(d, y []float32) { reluBackAVX2(len(d), unsafe.SliceData(d), unsafe.SliceData(y)) }
	s.sumRows32 = func(r, n int, a, dst []float32) {
		if r > 0 && n > 0 {
			sumRowsAVX2(r, n, &a[0], &dst[0], mask[float32](n))
		}
	}
	s.cellForward = func(r, h int, z, cPrev, c, t, hOut []float32) {
		if r > 0 && h > 0 {
			for n := 0; n < r; n += tileRows {
				k, at, m := min(tileRows, r-n), n*h, mask[float32](h)
				cellGatesAVX2(k, h, &z[4*at], &cPrev[at], &c[at], m)
				cellOutputAVX2(k, h, &z[4*at], &c[at], &t[at], &hOut[at], m)
			}
		}
	}
	s.cellBackward = func(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
		if r > 0 && h > 0 {
			var first *float32
			if dc != nil {
				first = &dc[0]
			}
			cellBackwardAVX2(r, h, &gates[0], &cPrev[0], &t[0], &dh[0], first, &dz[0], &dcPrev[0], mask[float32](h))
		}
	}
	s.narrow32 = func(dst []float32, src []float64) { convert(narrowAVX2, dst, src) }
	s.widen32 = func(dst []float64, src []float32) { convert(widenAVX2, dst, src) }
	s.sumWide = func(dst, c []float64, src []float32) {
		if n := len(src); n > 0 {
			sumWideAVX2(n, &dst[0], &c[0], &src[0])
		}
	}
	s.v64 = loops64AVX2.vectors()
	if !avx512 {
		return []set{s}
	}
	w := s
	w.name = "avx512"
	w.fmas = func(n int) float64 { fmasAVX512(n); return rounds(n, 16) }
	w.p32, w.p64 = productsAVX512(near)
	w.v64 = loops64AVX512.vectors()
	w.cellForward = func(r, h int, z, cPrev, c, t, hOut []float32) {
		if r > 0 && h > 0 {
			for n := 0; n < r; n += tileRows {
				k, at, m := min(tileRows, r-n), n*h, 1<<(h%16)-1
				cellGatesAVX512(k, h, &z[4*at], &cPrev[at], &c[at], m)
				cellOutputAVX512(k, h, &z[4*at], &c[at], &t[at], &hOut[at], m)
			}
		}
	}
	return []set{s, w}
}

// convert calls a loop from one precision to the other.
func convert[D, S number](loop func(n int, dst *D, src *S), dst []D, src []S) {
	if n := len(src); n > 0 {
		loop(n, &dst[0], &src[0])
	}
}
