package kern

import "math"

var goVectors64 = vectors64{
	axpy: func(s float64, x, y []float64) {
		for i, v := range x {
			y[i] += s * v
		}
	},
	axpby: func(dst []float64, s float64, x []float64, t float64, y []float64) {
		for i := range dst {
			dst[i] = s*x[i] + t*y[i]
		}
	},
	mul: func(dst, x, y []float64) {
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	},
	mulAdd: func(dst, x, y []float64) {
		for i := range dst {
			dst[i] += x[i] * y[i]
		}
	},
	larger: func(dst, x []float64) {
		for i, v := range x {
			if v > dst[i] {
				dst[i] = v
			}
		}
	},
	soft: func(dst, v []float64, t float64) {
		for i := range dst {
			dst[i] = goSoft(v[i], t)
		}
	},
	softEach: func(dst, v, t []float64) {
		for i := range dst {
			dst[i] = goSoft(v[i], t[i])
		}
	},
	softBack: goSoftBack,
	exp: func(dst, x []float64) {
		for i := range dst {
			dst[i] = math.Exp(x[i])
		}
	},
	sigmoid: func(dst, x []float64) {
		for i := range dst {
			dst[i] = 1 / (1 + math.Exp(-x[i]))
		}
	},
	tanh: func(dst, x []float64) {
		for i := range dst {
			dst[i] = math.Tanh(x[i])
		}
	},
	adam: func(x, m, v, g []float64, a Adam) {
		for i := range x {
			m[i] = a.Beta1*m[i] + (1-a.Beta1)*g[i]
			v[i] = a.Beta2*v[i] + (1-a.Beta2)*(g[i]*g[i])
			x[i] -= a.LR * m[i] / (math.Sqrt(a.Fix2*v[i]) + a.Eps)
		}
	},
}

func goSoft(v, t float64) float64 { return max(v-t, 0) + min(v+t, 0) }

// goSoftBack has no branches on y, which no processor predicts.
func goSoftBack(d, g, y, moves []float64) (n int) {
	const signBit = 1 << 63
	d, g, moves = d[:len(y)], g[:len(y)], moves[:len(y)]
	for i, y := range y {
		b := math.Float64bits(y)
		on := uint64(int64(b<<1|-(b<<1)) >> 63) // all ones unless y is 0
		e := math.Float64bits(g[i]) & on
		d[i] = 0 + math.Float64frombits(e) // no −0, as in a sum
		moves[n] = math.Float64frombits(e ^ b&signBit)
		n += int(on & 1)
	}
	return n
}
