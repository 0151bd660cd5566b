package ad

import "math"

// Standardise gives each column mean 0 and variance 1, with s = 1/√(σ² + ε) as a row:
//
//	x̂ = (v − μ)⊙s    μ = mean of the column    σ² = mean of (v − μ)²
//
// It is batch normalisation in training mode (Ioffe and Szegedy 2015, Algorithm 1) up to its
// scale and shift, which are x̂.Mul(γ).Add(β) with rows γ and β. The rows of v are samples,
// and of images all their pixels.
func (v Value) Standardise(eps float64) (xhat, s Value) {
	n := float64(v.R)
	xhat, s = blank(v.R, v.C), New(1, v.C, nil)
	mean := means(v.C, v.Data)
	for i := 0; i < len(v.Data); i += v.C {
		for j, x := range v.Data[i : i+v.C] {
			s.Data[j] += (x - mean[j]) * (x - mean[j])
		}
	}
	for j, q := range s.Data {
		s.Data[j] = 1 / math.Sqrt(q/n+eps)
	}
	for i := 0; i < len(v.Data); i += v.C {
		to := xhat.Data[i : i+v.C]
		for j, x := range v.Data[i : i+v.C] {
			to[j] = (x - mean[j]) * s.Data[j]
		}
	}
	t := v.live()
	if t == nil {
		return xhat, s
	}
	hat, scale := xhat.Data, s.Data
	xhat = t.push(xhat, []Value{v}, func(g []float64, acc [][]float64) { addStandardise(acc[0], hat, scale, g, false) })
	s = t.push(s, []Value{v}, func(g []float64, acc [][]float64) { // ds = −s²·x̂/n
		to, c := acc[0], len(scale)
		for i, h := range hat {
			to[i] -= g[i%c] * scale[i%c] * scale[i%c] * h / n
		}
	})
	return xhat, s
}

// StandardiseGrad is the gradient of ⟨g, x̂⟩ in v, made of what [Value.Standardise] gives:
//
//	s⊙(g − mean(g) − x̂⊙mean(x̂⊙g))
//
// It is linear in s, so s⊙γ makes it the gradient of ⟨g, γ⊙x̂⟩.
func StandardiseGrad(xhat, s, g Value) Value {
	sameShape("StandardiseGrad", xhat, g)
	if s.R != 1 || s.C != g.C {
		panicShapes("StandardiseGrad", s, g)
	}
	out := blank(g.R, g.C)
	addStandardise(out.Data, xhat.Data, s.Data, g.Data, true)
	t := TapeOf(xhat, s, g)
	if t == nil {
		return out
	}
	hat, scale, grad := xhat.Data, s.Data, g.Data
	return t.push(out, []Value{xhat, s, g}, func(d []float64, acc [][]float64) {
		c := len(scale)
		if to := acc[0]; to != nil {
			m, k := products(c, hat, grad), products(c, hat, d)
			for i := range to {
				j := i % c
				to[i] -= scale[j] * (d[i]*m[j] + grad[i]*k[j])
			}
		}
		if to := acc[1]; to != nil {
			plain := make([]float64, len(d)) // with s = 1, which may be 0 here
			addStandardise(plain, hat, Full(1, c, 1).Data, grad, true)
			for i, x := range d {
				to[i%c] += x * plain[i]
			}
		}
		if acc[2] != nil {
			addStandardise(acc[2], hat, scale, d, false)
		}
	})
}

// addStandardise adds s⊙(g − mean(g) − x̂⊙mean(x̂⊙g)) to dst, or sets it.
func addStandardise(dst, hat, s, g []float64, set bool) {
	c := len(s)
	if c == 0 {
		return
	}
	mean, m := means(c, g), products(c, hat, g)
	for i := 0; i < len(g); i += c {
		to, h := dst[i:i+c], hat[i:i+c]
		if set {
			clear(to)
		}
		for j, x := range g[i : i+c] {
			to[j] += s[j] * (x - mean[j] - h[j]*m[j])
		}
	}
}

// means are those of c columns.
func means(c int, data []float64) []float64 {
	sums := make([]float64, c)
	for i := 0; i < len(data); i += c {
		for j, x := range data[i : i+c] {
			sums[j] += x
		}
	}
	return shared(sums, len(data))
}

// products are the means of x⊙y over each of c columns.
func products(c int, x, y []float64) []float64 {
	sums := make([]float64, c)
	for i := 0; i < len(x); i += c {
		other := y[i : i+c]
		for j, a := range x[i : i+c] {
			sums[j] += a * other[j]
		}
	}
	return shared(sums, len(x))
}

// shared divides the sums over columns of so many entries in all by how many each has.
func shared(sums []float64, entries int) []float64 {
	for j := range sums {
		sums[j] /= float64(entries / len(sums))
	}
	return sums
}
