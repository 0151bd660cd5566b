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
