//go:build !purego

package kern

// loops64 are the element-wise operations of one size of vectors, whose masks are of type M:
// each says which entries of the last vector count.
type loops64[M any] struct {
	mask               func(n int) M
	axpy               func(n int, s float64, y, x *float64, mask M)
	axpby              func(n int, s, t float64, x, y, dst *float64, mask M)
	mul, mulAdd        func(n int, x, y, z *float64, mask M)
	larger             func(n int, dst, x *float64, mask M)
	soft               func(n int, t float64, v, dst *float64, mask M)
	softEach           func(n int, v, t, dst *float64, mask M)
	exp, sigmoid, tanh func(n int, x, dst *float64, mask M)
	softBack           func(d, g, y, moves []float64) int
	adam               func(n int, beta1, rest1, beta2, rest2, lr, fix2, eps float64, x, m, v, grad *float64, mask M)
}

var (
	loops64AVX2 = loops64[*byte]{
		mask[float64], axpyAVX2, axpbyAVX2, mulAVX2, mulAddAVX2, largerAVX2, softAVX2, softEachAVX2, expAVX2, sigmoidAVX2, tanhAVX2, goSoftBack, adamAVX2,
	}
	loops64AVX512 = loops64[int]{
		func(n int) int { return 1<<(n%8) - 1 },
		axpyAVX512, axpbyAVX512, mulAVX512, mulAddAVX512, largerAVX512, softAVX512, softEachAVX512, expAVX512, sigmoidAVX512, tanhAVX512, softBack512, adamAVX512,
	}
)

func (l loops64[M]) vectors() vectors64 {
	two := func(loop func(n int, x, y *float64, mask M)) func(dst, x []float64) {
		return func(dst, x []float64) {
			if n := len(dst); n > 0 {
				loop(n, &x[0], &dst[0], l.mask(n))
			}
		}
	}
	return vectors64{
		axpy: func(s float64, x, y []float64) {
			if n := len(x); n > 0 {
				l.axpy(n, s, &y[0], &x[0], l.mask(n))
			}
		},
		axpby: func(dst []float64, s float64, x []float64, t float64, y []float64) {
			if n := len(dst); n > 0 {
				l.axpby(n, s, t, &x[0], &y[0], &dst[0], l.mask(n))
			}
		},
		mul: func(dst, x, y []float64) {
			if n := len(dst); n > 0 {
				l.mul(n, &x[0], &y[0], &dst[0], l.mask(n))
			}
		},
		mulAdd: func(dst, x, y []float64) {
			if n := len(dst); n > 0 {
				l.mulAdd(n, &dst[0], &x[0], &y[0], l.mask(n))
			}
		},
		larger: func(dst, x []float64) {
			if n := len(dst); n > 0 {
				l.larger(n, &dst[0], &x[0], l.mask(n))
			}
		},
		soft: func(dst, v []float64, t float64) {
			if n := len(dst); n > 0 {
				l.soft(n, t, &v[0], &dst[0], l.mask(n))
			}
		},
		softEach: func(dst, v, t []float64) {
			if n := len(dst); n > 0 {
				l.softEach(n, &v[0], &t[0], &dst[0], l.mask(n))
			}
		},
		softBack: l.softBack,
		exp:      two(l.exp), sigmoid: two(l.sigmoid), tanh: two(l.tanh),
		adam: func(x, m, v, g []float64, a Adam) {
			if n := len(x); n > 0 {
				l.adam(n, a.Beta1, 1-a.Beta1, a.Beta2, 1-a.Beta2, a.LR, a.Fix2, a.Eps, &x[0], &m[0], &v[0], &g[0], l.mask(n))
			}
		},
	}
}

// softBack512 moves entries together, for which narrower vectors have no instruction.
func softBack512(d, g, y, moves []float64) (n int) {
	if len(y) > 0 {
		softBackAVX512(len(y), &d[0], &g[0], &y[0], &moves[0], &n)
	}
	return n
}
