package kern

// goGemm32 is the twin of [Gemm32].
func goGemm32(m, n, k int, a, b, dst []float32) {
	i := 0
	for ; i+2 <= m; i += 2 {
		rowPair(n, k, a[i*k:(i+1)*k], a[(i+1)*k:(i+2)*k], b, dst[i*n:(i+1)*n], dst[(i+1)*n:(i+2)*n])
	}
	if i < m {
		row(n, k, a[i*k:(i+1)*k], b, dst[i*n:(i+1)*n])
	}
}

// rowPair does two rows of a at once, four columns of b at a time: eight sums in
// registers for every six loads.
func rowPair(n, k int, a0, a1, b, d0, d1 []float32) {
	a1 = a1[:len(a0)]
	j := 0
	for ; j+4 <= n; j += 4 {
		var s00, s01, s02, s03, s10, s11, s12, s13 float32
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
		var s0, s1 float32
		for p, x := range a0 {
			q := b[p*n+j]
			s0 += x * q
			s1 += a1[p] * q
		}
		d0[j] += s0
		d1[j] += s1
	}
}

func row(n, k int, a, b, d []float32) {
	j := 0
	for ; j+4 <= n; j += 4 {
		var s0, s1, s2, s3 float32
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
		var s float32
		for p, x := range a {
			s += x * b[p*n+j]
		}
		d[j] += s
	}
}

// goGemmTN32 is the twin of [GemmTN32].
func goGemmTN32(m, n, r int, a, b, dst []float32) {
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
