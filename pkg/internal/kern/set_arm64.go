//go:build !purego

package kern

// machineSets returns the set for NEON, which every arm64 processor has. It covers
// the products and the LSTM cell; the rest is plain Go.
func machineSets() []set {
	s := plain
	s.name = "neon"
	s.fmas = func(n int) float64 { fmasNEON(n); return rounds(n, 4) }
	s.p32, s.p64 = productsNEON(caches{32 << 10, 512 << 10}) // small ones, as the processor does not list them
	s.cellForward = func(r, h int, z, cPrev, c, t, hOut []float32) {
		if h >= 4 {
			for n := 0; n < r; n += tileRows {
				k, at := min(tileRows, r-n), n*h
				cellGatesNEON(k, h, &z[4*at], &cPrev[at], &c[at])
				cellOutputNEON(k, h, &z[4*at], &c[at], &t[at], &hOut[at])
			}
		}
		if h%4 > 0 {
			goCellForwardFrom(h&^3, r, h, z, cPrev, c, t, hOut)
		}
	}
	s.cellBackward = func(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
		if h >= 4 && r > 0 {
			var first *float32
			if dc != nil {
				first = &dc[0]
			}
			cellBackwardNEON(r, h, &gates[0], &cPrev[0], &t[0], &dh[0], first, &dz[0], &dcPrev[0])
		}
		if h%4 > 0 {
			goCellBackwardFrom(h&^3, r, h, gates, cPrev, t, dh, dc, dz, dcPrev)
		}
	}
	return []set{s}
}

// productsNEON returns products of vectors of 16 bytes.
func productsNEON(near caches) (products[float32], products[float64]) {
	p, q := newBlocked[float32](4, 4, 8, near), newBlocked[float64](2, 2, 8, near)
	p.panels, p.dots, p.axpys = panels32{panel32x1NEON, panel32x2NEON, panel32x3NEON}, dots32NEON, axpys32NEON
	q.panels, q.dots, q.axpys = panels64{panel64x1NEON, panel64x2NEON, panel64x3NEON}, dots64NEON, axpys64NEON
	return p.products(), q.products()
}
