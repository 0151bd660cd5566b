package kern

// number is what the kernels compute with.
type number interface{ float32 | float64 }

// goNN is the twin of [Gemm32] and [GemmNN64]. Like the other products here it flushes
// what comes in and what goes out, but no products and sums on the way.
func goNN[T number](m, n, k int, a, b, dst []T) {
	if n == 1 {
		goGemvN(m, k, a, b, dst)
		return
	}
	a, b = flushed(a), flushed(b)
	defer flush(dst)
	for i := range m {
		x, d := a[i*k:][:k], dst[i*n:][:n]
		p := 0
		for ; p+4 <= k; p += 4 {
			add4(d, b[p*n:][:n], b[(p+1)*n:][:n], b[(p+2)*n:][:n], b[(p+3)*n:][:n], x[p], x[p+1], x[p+2], x[p+3])
		}
		for ; p < k; p++ {
			add1(d, b[p*n:][:n], x[p])
		}
	}
}

// add4 adds four rows times their factors to d: one load and store of d for four
// multiplications.
func add4[T number](d, b0, b1, b2, b3 []T, x0, x1, x2, x3 T) {
	b0, b1, b2, b3 = b0[:len(d)], b1[:len(d)], b2[:len(d)], b3[:len(d)]
	for j := range d {
		d[j] += (x0*b0[j] + x1*b1[j]) + (x2*b2[j] + x3*b3[j])
	}
}

func add1[T number](d, b []T, x T) {
	b = b[:len(d)]
	for j := range d {
		d[j] += x * b[j]
	}
}

// goTN is the twin of [GemmTN32] and [GemmTN64].
func goTN[T number](m, n, r int, a, b, dst []T) {
	a, b = flushed(a), flushed(b)
	defer flush(dst)
	i := 0
	for ; i+4 <= r; i += 4 { // four rows share one pass over dst
		b0, b1, b2, b3 := b[i*n:][:n], b[(i+1)*n:][:n], b[(i+2)*n:][:n], b[(i+3)*n:][:n]
		for p := range m {
			add4(dst[p*n:][:n], b0, b1, b2, b3, a[i*m+p], a[(i+1)*m+p], a[(i+2)*m+p], a[(i+3)*m+p])
		}
	}
	for ; i < r; i++ {
		for p := range m {
			add1(dst[p*n:][:n], b[i*n:][:n], a[i*m+p])
		}
	}
}

// goNT is the twin of [GemmNT64].
func goNT[T number](m, n, k int, a, b, dst []T) {
	a, b = flushed(a), flushed(b)
	for i := range m {
		goRows(n, k, b, a[i*k:][:k], dst[i*n:][:n])
	}
	flush(dst)
}

// goGemvN is the twin of [GemvN64].
func goGemvN[T number](m, n int, a, x, y []T) {
	goRows(m, n, flushed(a), flushed(x), y)
	flush(y)
}

func goRows[T number](m, n int, a, x, y []T) {
	i := 0
	for ; i+2 <= m; i += 2 {
		a0, a1 := a[i*n:][:len(x)], a[(i+1)*n:][:len(x)]
		var s0, s1, t0, t1 T
		j := 0
		for ; j+2 <= len(x); j += 2 {
			s0 += a0[j] * x[j]
			t0 += a0[j+1] * x[j+1]
			s1 += a1[j] * x[j]
			t1 += a1[j+1] * x[j+1]
		}
		if j < len(x) {
			s0 += a0[j] * x[j]
			s1 += a1[j] * x[j]
		}
		y[i] += s0 + t0
		y[i+1] += s1 + t1
	}
	if i < m {
		var s T
		for j, v := range a[i*n:][:n] {
			s += v * x[j]
		}
		y[i] += s
	}
}

// goGemvT is the twin of [GemvT64].
func goGemvT[T number](m, n int, a, x, y []T) { goTN(1, n, m, x, a, y) }

// goLeastSquares is the twin of [LeastSquares64].
func goLeastSquares[T number](m, n int, a, x, b, r, g []T) float64 {
	clear(r)
	clear(g)
	goGemvN(m, n, a, x, r)
	f := 0.0
	for i := range r {
		if b != nil {
			r[i] -= b[i]
		}
		f += float64(r[i]) * float64(r[i])
	}
	goGemvT(m, n, a, r, g)
	return f / 2
}
