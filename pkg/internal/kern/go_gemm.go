package kern

// number is what the kernels compute with.
type number interface{ float32 | float64 }

// goNN is the twin of [Gemm32] and [GemmNN64].
func goNN[T number](m, n, k int, a, b, dst []T) {
	i := 0
	for ; i+2 <= m; i += 2 {
		rowPair(n, a[i*k:(i+1)*k], a[(i+1)*k:(i+2)*k], b, dst[i*n:(i+1)*n], dst[(i+1)*n:(i+2)*n])
	}
	if i < m {
		row(n, a[i*k:(i+1)*k], b, dst[i*n:(i+1)*n])
	}
}

// rowPair does two rows of a at once, four columns of b at a time: eight sums in
// registers for every six loads.
func rowPair[T number](n int, a0, a1, b, d0, d1 []T) {
	a1 = a1[:len(a0)]
	j := 0
	for ; j+4 <= n; j += 4 {
		var s00, s01, s02, s03, s10, s11, s12, s13 T
		at := j
		for p, x := range a0 {
			y, q := a1[p], b[at:at+4:at+4]
			s00 += x * q[0]
			s01 += x * q[1]
			s02 += x * q[2]
			s03 += x * q[3]
			s10 += y * q[0]
			s11 += y * q[1]
			s12 += y * q[2]
			s13 += y * q[3]
			at += n
		}
		e0, e1 := d0[j:j+4:j+4], d1[j:j+4:j+4]
		e0[0] += s00
		e0[1] += s01
		e0[2] += s02
		e0[3] += s03
		e1[0] += s10
		e1[1] += s11
		e1[2] += s12
		e1[3] += s13
	}
	for ; j < n; j++ {
		var s0, s1 T
		for p, x := range a0 {
			q := b[p*n+j]
			s0 += x * q
			s1 += a1[p] * q
		}
		d0[j] += s0
		d1[j] += s1
	}
}

func row[T number](n int, a, b, d []T) {
	j := 0
	for ; j+4 <= n; j += 4 {
		var s0, s1, s2, s3 T
		at := j
		for _, x := range a {
			q := b[at : at+4 : at+4]
			s0 += x * q[0]
			s1 += x * q[1]
			s2 += x * q[2]
			s3 += x * q[3]
			at += n
		}
		e := d[j : j+4 : j+4]
		e[0] += s0
		e[1] += s1
		e[2] += s2
		e[3] += s3
	}
	for ; j < n; j++ {
		var s T
		for p, x := range a {
			s += x * b[p*n+j]
		}
		d[j] += s
	}
}

// goTN is the twin of [GemmTN32] and [GemmTN64].
func goTN[T number](m, n, r int, a, b, dst []T) {
	i := 0
	for ; i+4 <= r; i += 4 { // four rows share one pass over dst
		b0, b1, b2, b3 := b[i*n:][:n], b[(i+1)*n:][:n], b[(i+2)*n:][:n], b[(i+3)*n:][:n]
		for p := range m {
			x0, x1, x2, x3 := a[i*m+p], a[(i+1)*m+p], a[(i+2)*m+p], a[(i+3)*m+p]
			d := dst[p*n:][:n]
			for j := range d {
				d[j] += x0*b0[j] + x1*b1[j] + x2*b2[j] + x3*b3[j]
			}
		}
	}
	for ; i < r; i++ {
		for p := range m {
			x, d, q := a[i*m+p], dst[p*n:][:n], b[i*n:][:n]
			for j := range d {
				d[j] += x * q[j]
			}
		}
	}
}

// goNT is the twin of [GemmNT64].
func goNT[T number](m, n, k int, a, b, dst []T) {
	for i := range m {
		goGemvN(n, k, b, a[i*k:][:k], dst[i*n:][:n])
	}
}

// goGemvN is the twin of [GemvN64].
func goGemvN[T number](m, n int, a, x, y []T) {
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
