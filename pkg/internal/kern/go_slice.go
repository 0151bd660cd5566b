package kern

func goAddBias32(r, n int, b, dst []float32) {
	for i := range r {
		d := dst[i*n:][:n]
		for j, x := range b {
			d[j] = flushed32(flushed32(d[j]) + flushed32(x))
		}
	}
}

func goSumRows32(r, n int, a, dst []float32) {
	for i := range r {
		for j, x := range a[i*n:][:n] {
			dst[j] = flushed32(flushed32(dst[j]) + flushed32(x))
		}
	}
}

func goRelu32(y []float32) {
	for i, x := range y {
		y[i] = max(x, 0)
	}
}

func goReluBack32(d, y []float32) {
	for i, x := range y {
		if x == 0 {
			d[i] = 0
		}
	}
}

func goNarrow32(dst []float32, src []float64) {
	for i, x := range src {
		dst[i] = flushed32(float32(x))
	}
}

func goWiden32(dst []float64, src []float32) {
	for i, x := range src {
		dst[i] = float64(x)
	}
}

func goSumWide(dst, c []float64, src []float32) {
	for i, x := range src {
		dst[i] = c[i] + float64(x)
	}
}
