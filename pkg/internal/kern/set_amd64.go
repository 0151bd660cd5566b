//go:build !purego

package kern

// machineSets returns the assembly sets that this processor runs.
func machineSets() []set {
	avx2, _ := features()
	if !avx2 {
		return nil
	}
	s := plain
	s.name = "avx2"
	s.gemm32, s.gemmTN32 = gemm32AVX2, gemmTN32AVX2
	s.addBias32 = func(r, n int, b, dst []float32) {
		if r > 0 && n > 0 {
			addBiasAVX2(r, n, &b[0], &dst[0], mask32(n))
		}
	}
	s.sumRows32 = func(r, n int, a, dst []float32) {
		if r > 0 && n > 0 {
			sumRowsAVX2(r, n, &a[0], &dst[0], mask32(n))
		}
	}
	s.cellForward = func(r, h int, z, cPrev, c, t, hOut []float32) {
		if r > 0 && h > 0 {
			cellForwardAVX2(r, h, &z[0], &cPrev[0], &c[0], &t[0], &hOut[0], mask32(h))
		}
	}
	s.cellBackward = func(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
		if r > 0 && h > 0 {
			var first *float32
			if dc != nil {
				first = &dc[0]
			}
			cellBackwardAVX2(r, h, &gates[0], &cPrev[0], &t[0], &dh[0], first, &dz[0], &dcPrev[0], mask32(h))
		}
	}
	s.narrow32 = func(dst []float32, src []float64) {
		if len(src) > 0 {
			narrowAVX2(len(src), &dst[0], &src[0])
		}
	}
	s.widen32 = func(dst []float64, src []float32) {
		if len(src) > 0 {
			widenAVX2(len(src), &dst[0], &src[0])
		}
	}
	s.addWide = func(dst []float64, src []float32) {
		if len(src) > 0 {
			addWideAVX2(len(src), &dst[0], &src[0])
		}
	}
	return []set{s}
}

// masks holds eight lanes that are on, then eight that are off.
var masks = func() (m [64]byte) {
	for i := range 32 {
		m[i] = 0xff
	}
	return m
}()

// mask32 selects the first n mod 8 of eight float32 lanes.
func mask32(n int) *byte { return &masks[32-4*(n%8)] }

// gemm32AVX2 cuts the rows so that a block of a stays in the first-level cache.
func gemm32AVX2(m, n, k int, a, b, dst []float32) {
	if m == 0 || n == 0 || k == 0 {
		return
	}
	block := max(4, 4096/k&^3)
	for i := 0; i < m; i += block {
		columns32(min(block, m-i), n, k, a[i*k:], 4*k, 4, b, n, dst[i*n:], n)
	}
}

// gemmTN32AVX2 cuts the sum over rows for the same reason.
func gemmTN32AVX2(m, n, r int, a, b, dst []float32) {
	if m == 0 || n == 0 {
		return
	}
	block := max(8, 4096/(m+n)&^3)
	if n < 8 && m > n { // few columns: the transpose has long rows
		var t [8 * 96]float32
		for j := 0; j < m; j += 96 {
			w := min(96, m-j)
			clear(t[:n*w])
			for i := 0; i < r; i += block {
				columns32(n, w, min(block, r-i), b[i*n:], 4, 4*n, a[i*m+j:], m, t[:], w)
			}
			for p := range n {
				for q, x := range t[p*w:][:w] {
					dst[(j+q)*n+p] += x
				}
			}
		}
		return
	}
	for i := 0; i < r; i += block {
		columns32(m, n, min(block, r-i), a[i*m:], 4, 4*m, b[i*n:], n, dst, n)
	}
}

// columns32 adds a·b to c, a few vectors of columns at a time. Element (i, p) of a
// is ars·i + acs·p bytes from a[0]; rows of b and c are bs and cs numbers apart.
func columns32(m, n, k int, a []float32, ars, acs int, b []float32, bs int, c []float32, cs int) {
	if n < 8 {
		panel32MaskAVX2(m, k, &a[0], ars, acs, &b[0], 4*bs, &c[0], 4*cs, mask32(n))
		return
	}
	for j := 0; j < n; {
		switch left := n - j; {
		case left > 32 || 16 < left && left <= 24:
			w := min(24, left)
			panel32x3AVX2(m, k, &a[0], ars, acs, &b[j], 4*bs, &c[j], 4*cs, 4*(w-8))
			j += w
		case left > 8:
			w := min(16, left)
			panel32x2AVX2(m, k, &a[0], ars, acs, &b[j], 4*bs, &c[j], 4*cs, 4*(w-8))
			j += w
		default:
			panel32x1AVX2(m, k, &a[0], ars, acs, &b[j], 4*bs, &c[j], 4*cs, 0)
			j += left
		}
	}
}
