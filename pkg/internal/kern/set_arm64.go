//go:build !purego

package kern

// machineSets returns the set for NEON, which every arm64 processor has. It covers
// the products and the LSTM cell; the rest is plain Go.
func machineSets() []set {
	s := plain
	s.name = "neon"
	p32, p64 := newBlocked[float32](4), newBlocked[float64](2)
	p32.panels, p32.dots, p32.axpys = panels32{panel32x1NEON, panel32x2NEON, panel32x3NEON}, dots32NEON, axpys32NEON
	p64.panels, p64.dots, p64.axpys = panels64{panel64x1NEON, panel64x2NEON, panel64x3NEON}, dots64NEON, axpys64NEON
	s.p32, s.p64 = p32.products(), p64.products()
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
