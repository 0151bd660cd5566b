//go:build !purego

package kern

// productsAVX2 returns products of vectors of 32 bytes.
func productsAVX2(near caches) (products[float32], products[float64]) {
	p, q := newBlocked[float32](8, 8, 4, near), newBlocked[float64](4, 4, 4, near)
	p.ahead, q.ahead = true, true
	p.panels, p.dots, p.axpys = panels32{panel32x1AVX2, panel32x2AVX2, panel32x3AVX2}, dots32AVX2, axpys32AVX2
	q.panels, q.dots, q.axpys = panels64{panel64x1AVX2, panel64x2AVX2, panel64x3AVX2}, dots64AVX2, axpys64AVX2
	return p.products(), q.products()
}

// productsAVX512 returns products of vectors of 64 bytes, with the same bits: they take to
// panels from the same number of columns on.
func productsAVX512(near caches) (products[float32], products[float64]) {
	p, q := newBlocked[float32](8, 16, 8, near), newBlocked[float64](4, 8, 8, near)
	p.ahead, q.ahead = true, true
	p.panels, q.panels = panels32{panel32x1AVX512, panel32x2AVX512, panel32x3AVX512}, panels64{panel64x1AVX512, panel64x2AVX512, panel64x3AVX512}
	p.dots, q.dots = dotsBy(dots32AVX512, dots32AVX2), dotsBy(dots64AVX512, dots64AVX2)
	p.axpys, q.axpys = axpysBy(axpys32AVX512, axpys32AVX2), axpysBy(axpys64AVX512, axpys64AVX2)
	p.copies, p.turn, q.copies, q.turn = copyAVX512, turn32AVX512, copyAVX512, turn64AVX512
	return p.products(), q.products()
}

// halfway reports whether of rows that are as bytes apart every second one starts in the middle
// of a line of the cache: then wide vectors lie on two lines, and narrow ones on one.
func halfway(as int) bool { return as%64 == 32 }

// dotsBy takes wide vectors, or narrow ones for rows that suit them. Both give the same bits.
func dotsBy[T number](wide func(m, n int, a *T, as int, x, y *T, ys int), narrow func(m, n int, a *T, as int, x, y *T, ys int, mask *byte)) func(m, n int, a *T, as int, x, y *T, ys int, mask *byte) {
	return func(m, n int, a *T, as int, x, y *T, ys int, mask *byte) {
		if halfway(as) {
			narrow(m, n, a, as, x, y, ys, mask)
		} else {
			wide(m, n, a, as, x, y, ys)
		}
	}
}

// axpysBy is dotsBy for sums of rows.
func axpysBy[T number](wide, narrow func(m, n int, a *T, as int, x *T, xs int, y *T)) func(m, n int, a *T, as int, x *T, xs int, y *T) {
	return func(m, n int, a *T, as int, x *T, xs int, y *T) {
		if halfway(as) {
			narrow(m, n, a, as, x, xs, y)
		} else {
			wide(m, n, a, as, x, xs, y)
		}
	}
}
