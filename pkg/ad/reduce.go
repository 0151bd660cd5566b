package ad

import "math"

// reduce records a 1×1 result whose gradient with respect to entry i is d(i). Callers ask
// Recorded first: a closure that nobody needs would be most of the cost of a short sum.
func reduce(x float64, v Value, d func(i int) float64) Value {
	return Record(Scalar(x), []Value{v}, func(g []float64, acc [][]float64) {
		for i := range acc[0] {
			acc[0][i] += g[0] * d(i)
		}
	})
}

// Sum returns the sum of all entries.
func (v Value) Sum() Value {
	var s float64
	for _, x := range v.Data {
		s += x
	}
	if !v.Recorded() {
		return Scalar(s)
	}
	return reduce(s, v, func(int) float64 { return 1 })
}

// SumSquares returns Σ v².
func (v Value) SumSquares() Value {
	var s float64
	for _, x := range v.Data {
		s += x * x
	}
	if !v.Recorded() {
		return Scalar(s)
	}
	x := v.Data
	return reduce(s, v, func(i int) float64 { return 2 * x[i] })
}

// Norm1 returns Σ |v|; its derivative at 0 is taken as 0.
func (v Value) Norm1() Value {
	var s float64
	for _, x := range v.Data {
		s += math.Abs(x)
	}
	if !v.Recorded() {
		return Scalar(s)
	}
	x := v.Data
	return reduce(s, v, func(i int) float64 { return sign(x[i]) })
}

// Dot returns Σ v·b, the inner product of two values of one shape.
func (v Value) Dot(b Value) Value {
	sameShape("Dot", v, b)
	var s float64
	for i, x := range v.Data {
		s += x * b.Data[i]
	}
	t := TapeOf(v, b)
	if t == nil {
		return Scalar(s)
	}
	x, y := v.Data, b.Data
	return t.push(Scalar(s), []Value{v, b}, func(g []float64, acc [][]float64) {
		axpy(g[0], y, acc[0])
		axpy(g[0], x, acc[1])
	})
}

// SumRows returns the sum of each row as a column.
func (v Value) SumRows() Value {
	out := New(v.R, 1, nil)
	for i := range v.R {
		for _, x := range v.Data[i*v.C : (i+1)*v.C] {
			out.Data[i] += x
		}
	}
	return Record(out, []Value{v}, func(g []float64, acc [][]float64) {
		for i := range acc[0] {
			acc[0][i] += g[i/v.C]
		}
	})
}

// LogSumExp returns ln Σⱼ exp vᵢⱼ of each row i as a column, without overflow.
// A row of −∞ gives −∞.
func (v Value) LogSumExp() Value {
	if v.C == 0 {
		panic("ad: LogSumExp: of rows without entries, " + v.Shape())
	}
	out := New(v.R, 1, nil)
	for i := range v.R {
		row := v.Data[i*v.C : (i+1)*v.C]
		top := math.Inf(-1)
		for _, x := range row {
			top = max(top, x)
		}
		if math.IsInf(top, 0) { // all −∞, or a +∞: the sum is that
			out.Data[i] = top
			continue
		}
		var s float64
		for _, x := range row {
			s += math.Exp(x - top)
		}
		out.Data[i] = top + math.Log(s)
	}
	return Record(out, []Value{v}, func(g []float64, acc [][]float64) {
		for i := range acc[0] {
			if l := out.Data[i/v.C]; !math.IsInf(l, 0) {
				acc[0][i] += g[i/v.C] * math.Exp(v.Data[i]-l)
			}
		}
	})
}
