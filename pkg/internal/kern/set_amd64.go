//go:build !purego

package kern

import "unsafe"

// machineSets returns the assembly sets that this processor runs.
func machineSets() []set {
	avx2, avx512 := features()
	if !avx2 {
		return nil
	}
	s := plain
	s.name = "avx2"
	p32, p64 := newBlocked[float32](8), newBlocked[float64](4)
	p32.panels, p32.dots, p32.axpys = panels32{panel32x1AVX2, panel32x2AVX2, panel32x3AVX2}, dots32AVX2, axpys32AVX2
	p64.panels, p64.dots, p64.axpys = panels64{panel64x1AVX2, panel64x2AVX2, panel64x3AVX2}, dots64AVX2, axpys64AVX2
	s.p32, s.p64 = p32.products(), p64.products()
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
	s.addWide = func(dst []float64, src []float32) { convert(addWideAVX2, dst, src) }
	s.v64 = vectors64AVX2
	if !avx512 {
		return []set{s}
	}
	w := s
	w.name = "avx512"
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
