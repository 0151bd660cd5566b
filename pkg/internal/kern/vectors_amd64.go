//go:build !purego

package kern

var vectors64AVX2 = vectors64{
	axpy: func(s float64, x, y []float64) {
		if n := len(x); n > 0 {
			axpyAVX2(n, s, &y[0], &x[0], mask[float64](n))
		}
	},
	axpby: func(dst []float64, s float64, x []float64, t float64, y []float64) {
		if n := len(dst); n > 0 {
			axpbyAVX2(n, s, t, &x[0], &y[0], &dst[0], mask[float64](n))
		}
	},
	mul:    func(dst, x, y []float64) { three(mulAVX2, x, y, dst) },
	mulAdd: func(dst, x, y []float64) { three(mulAddAVX2, dst, x, y) },
	soft: func(dst, v []float64, t float64) {
		if n := len(dst); n > 0 {
			softAVX2(n, t, &v[0], &dst[0], mask[float64](n))
		}
	},
	softEach: func(dst, v, t []float64) { three(softEachAVX2, v, t, dst) },
	exp:      func(dst, x []float64) { two(expAVX2, x, dst) },
	sigmoid:  func(dst, x []float64) { two(sigmoidAVX2, x, dst) },
	tanh:     func(dst, x []float64) { two(tanhAVX2, x, dst) },
	adam: func(x, m, v, g []float64, a Adam) {
		if n := len(x); n > 0 {
			adamAVX2(n, a.Beta1, 1-a.Beta1, a.Beta2, 1-a.Beta2, a.LR, a.Fix2, a.Eps, &x[0], &m[0], &v[0], &g[0], mask[float64](n))
		}
	},
}

// two calls a loop over two slices of one length, three one over three.
func two(loop func(n int, x, y *float64, mask *byte), x, y []float64) {
	if n := len(x); n > 0 {
		loop(n, &x[0], &y[0], mask[float64](n))
	}
}

func three(loop func(n int, x, y, z *float64, mask *byte), x, y, z []float64) {
	if n := len(x); n > 0 {
		loop(n, &x[0], &y[0], &z[0], mask[float64](n))
	}
}
