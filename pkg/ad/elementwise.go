package ad

import (
	"math"

	"github.com/l2olab/l2o/pkg/internal/kern"
)

// A cast walks one operand of a broadcast operation: entry (i, j) of the result
// reads entry i·row + j·col of the operand.
type cast struct{ row, col int }

// broadcast returns the shape of an element-wise result and how each operand is walked.
func broadcast(op string, a, b Value) (r, c int, ca, cb cast) {
	r, c = max(a.R, b.R), max(a.C, b.C)
	if a.R == 0 || b.R == 0 {
		r = min(a.R, b.R)
	}
	if a.C == 0 || b.C == 0 {
		c = min(a.C, b.C)
	}
	walk := func(v Value) (w cast) {
		switch {
		case v.R == r && v.R != 1:
			w.row = v.C
		case v.R != 1 && v.R != r:
			panicShapes(op, a, b)
		}
		switch {
		case v.C == c && v.C != 1:
			w.col = 1
		case v.C != 1 && v.C != c:
			panicShapes(op, a, b)
		}
		return w
	}
	return r, c, walk(a), walk(b)
}

// zip applies f entry by entry with broadcasting; df gives ∂f/∂a and ∂f/∂b.
func zip(op string, a, b Value, f func(x, y float64) float64, df func(x, y float64) (dx, dy float64)) Value {
	r, c, ca, cb := broadcast(op, a, b)
	out := blank(r, c)
	for i := range r {
		for j := range c {
			out.Data[i*c+j] = f(a.Data[i*ca.row+j*ca.col], b.Data[i*cb.row+j*cb.col])
		}
	}
	t := TapeOf(a, b)
	if t == nil {
		return out
	}
	return t.push(out, []Value{a, b}, func(g []float64, acc [][]float64) {
		for i := range r {
			for j := range c {
				p, q, gij := i*ca.row+j*ca.col, i*cb.row+j*cb.col, g[i*c+j]
				dx, dy := df(a.Data[p], b.Data[q])
				if acc[0] != nil {
					acc[0][p] += gij * dx
				}
				if acc[1] != nil {
					acc[1][q] += gij * dy
				}
			}
		}
	})
}

// linear is s·a + t·b for operands of one shape, the case that optimizers are made of.
func linear(a, b Value, s, t float64) Value {
	out := blank(a.R, a.C)
	kern.Axpby64(out.Data, s, a.Data, t, b.Data)
	tape := TapeOf(a, b)
	if tape == nil {
		return out
	}
	return tape.push(out, []Value{a, b}, func(g []float64, acc [][]float64) {
		axpy(s, g, acc[0])
		axpy(t, g, acc[1])
	})
}

// axpy adds s·x to y; a nil y takes nothing.
func axpy(s float64, x, y []float64) {
	if y != nil {
		kern.Axpy64(s, x, y)
	}
}

// Add returns a + b.
func (v Value) Add(b Value) Value {
	switch {
	case v.R == b.R && v.C == b.C:
		return linear(v, b, 1, 1)
	case v.overRows(b):
		return v.addRow(b)
	}
	return zip("Add", v, b, func(x, y float64) float64 { return x + y }, func(_, _ float64) (float64, float64) { return 1, 1 })
}

// Sub returns a − b.
func (v Value) Sub(b Value) Value {
	if v.R == b.R && v.C == b.C {
		return linear(v, b, 1, -1)
	}
	return zip("Sub", v, b, func(x, y float64) float64 { return x - y }, func(_, _ float64) (float64, float64) { return 1, -1 })
}

// AddScaled returns v + s·b for b of v's shape, what v.Add(b.Scale(s)) is, in one pass
// and with one rounding less: the step of a method, x − t·g or x + β(x − x⁻).
func (v Value) AddScaled(s float64, b Value) Value {
	sameShape("AddScaled", v, b)
	return linear(v, b, 1, s)
}

// Mul returns the product entry by entry; see [Value.MatMul] for the matrix product.
func (v Value) Mul(b Value) Value {
	if v.overRows(b) {
		return v.mulRow(b)
	}
	if v.R != b.R || v.C != b.C {
		return zip("Mul", v, b, func(x, y float64) float64 { return x * y }, func(x, y float64) (float64, float64) { return y, x })
	}
	out := blank(v.R, v.C)
	kern.Mul64(out.Data, v.Data, b.Data)
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	x, y := v.Data, b.Data // closures hold slices: a Value is three times as large
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		if acc[0] != nil {
			kern.MulAdd64(acc[0], g, y)
		}
		if acc[1] != nil {
			kern.MulAdd64(acc[1], g, x)
		}
	})
}

// AddMul returns v + a⊙b entry by entry.
func (v Value) AddMul(a, b Value) Value {
	switch {
	case sameShapes(v, a, b):
		return addMul(v, a, b, 1)
	case a.overRows(v) && a.overRows(b):
		return v.addMulRows(a, b)
	}
	return v.Add(a.Mul(b))
}

// SubMul returns v − a⊙b entry by entry.
func (v Value) SubMul(a, b Value) Value {
	if sameShapes(v, a, b) {
		return addMul(v, a, b, -1)
	}
	return v.Sub(a.Mul(b))
}

func sameShapes(v, a, b Value) bool {
	return v.R == a.R && v.C == a.C && v.R == b.R && v.C == b.C
}

// addMul is v + s·a⊙b as one operation.
func addMul(v, a, b Value, s float64) Value {
	out := blank(v.R, v.C)
	for i, x := range v.Data {
		out.Data[i] = x + s*(a.Data[i]*b.Data[i])
	}
	t := TapeOf(v, a, b)
	if t == nil {
		return out
	}
	x, y := a.Data, b.Data
	return t.push(out, []Value{v, a, b}, func(g []float64, acc [][]float64) {
		axpy(1, g, acc[0])
		for k, other := range [2][]float64{y, x} {
			if to := acc[1+k]; to != nil {
				for i, x := range other {
					to[i] += s * (g[i] * x)
				}
			}
		}
	})
}

// Div returns the quotient entry by entry.
func (v Value) Div(b Value) Value {
	return zip("Div", v, b, func(x, y float64) float64 { return x / y }, func(x, y float64) (float64, float64) { return 1 / y, -x / (y * y) })
}

// unary applies f; df gives f′ from the input x and the output y.
func unary(v Value, f func(x float64) float64, df func(x, y float64) float64) Value {
	out := blank(v.R, v.C)
	for i, x := range v.Data {
		out.Data[i] = f(x)
	}
	t := v.live()
	if t == nil {
		return out
	}
	x, y := v.Data, out.Data
	return t.push(out, []Value{v}, func(g []float64, acc [][]float64) {
		for i, gi := range g {
			acc[0][i] += gi * df(x[i], y[i])
		}
	})
}

// sliced is unary with loops over whole slices: f fills dst, and back adds to the
// gradient of x what the gradient g of y is worth.
func sliced(v Value, f func(dst, x []float64), back func(to, g, x, y []float64)) Value {
	out := blank(v.R, v.C)
	f(out.Data, v.Data)
	t := v.live()
	if t == nil {
		return out
	}
	x, y := v.Data, out.Data
	return t.push(out, []Value{v}, func(g []float64, acc [][]float64) { back(acc[0][:len(g)], g, x[:len(g)], y[:len(g)]) })
}

// Scale returns s·v.
func (v Value) Scale(s float64) Value {
	out := blank(v.R, v.C)
	for i, x := range v.Data {
		out.Data[i] = s * x
	}
	t := v.live()
	if t == nil {
		return out
	}
	return t.push(out, []Value{v}, func(g []float64, acc [][]float64) { axpy(s, g, acc[0]) })
}

// Shift returns v + s in every entry.
func (v Value) Shift(s float64) Value {
	out := blank(v.R, v.C)
	for i, x := range v.Data {
		out.Data[i] = x + s
	}
	t := v.live()
	if t == nil {
		return out
	}
	return t.push(out, []Value{v}, func(g []float64, acc [][]float64) { axpy(1, g, acc[0]) })
}

// Neg returns −v.
func (v Value) Neg() Value { return v.Scale(-1) }

// Abs returns |v|; its derivative at 0 is taken as 0.
func (v Value) Abs() Value { return unary(v, math.Abs, func(x, _ float64) float64 { return sign(x) }) }

// Sign returns −1, 0 or 1 per entry. It is flat, so no gradient flows through it.
func (v Value) Sign() Value {
	out := blank(v.R, v.C)
	for i, x := range v.Data {
		out.Data[i] = sign(x)
	}
	return out
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x * 0 // 0, and NaN for NaN
}

// Square returns v² per entry.
func (v Value) Square() Value {
	return unary(v, func(x float64) float64 { return x * x }, func(x, _ float64) float64 { return 2 * x })
}

// Sqrt returns √v per entry. Its derivative at 0 is infinite: shift the argument
// where a gradient has to pass.
func (v Value) Sqrt() Value {
	return unary(v, math.Sqrt, func(_, y float64) float64 { return 0.5 / y })
}

// Exp returns eᵛ per entry.
func (v Value) Exp() Value {
	return sliced(v, kern.Exp64, func(to, g, _, y []float64) { kern.MulAdd64(to, g, y) })
}

// Log returns ln v per entry.
func (v Value) Log() Value { return unary(v, math.Log, func(x, _ float64) float64 { return 1 / x }) }

// Cos returns cos v per entry.
func (v Value) Cos() Value {
	return unary(v, math.Cos, func(x, _ float64) float64 { return -math.Sin(x) })
}

// Sin returns sin v per entry.
func (v Value) Sin() Value {
	return unary(v, math.Sin, func(x, _ float64) float64 { return math.Cos(x) })
}

// Tanh returns tanh v per entry.
func (v Value) Tanh() Value {
	return sliced(v, kern.Tanh64, func(to, g, _, y []float64) {
		for i, y := range y {
			to[i] += g[i] * (1 - y*y)
		}
	})
}

// Sigmoid returns 1/(1+e⁻ᵛ) per entry.
func (v Value) Sigmoid() Value {
	return sliced(v, kern.Sigmoid64, func(to, g, _, y []float64) {
		for i, y := range y {
			to[i] += g[i] * (y * (1 - y))
		}
	})
}

// sigmoid never forms the exponential of a large positive number.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Softplus returns ln(1+eᵛ) per entry, without overflow.
func (v Value) Softplus() Value {
	return unary(v, func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
		func(x, _ float64) float64 { return sigmoid(x) })
}

// ReLU returns max(v, 0) per entry; its derivative at 0 is taken as 0.
func (v Value) ReLU() Value {
	return sliced(v, func(dst, x []float64) {
		for i, x := range x {
			dst[i] = max(x, 0)
		}
	}, func(to, g, x, _ []float64) {
		for i, x := range x {
			if x > 0 {
				to[i] += g[i]
			}
		}
	})
}

// ELU returns v where it is positive and eᵛ − 1 elsewhere.
func (v Value) ELU() Value {
	return unary(v, func(x float64) float64 {
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	}, func(x, y float64) float64 {
		if x > 0 {
			return 1
		}
		return y + 1
	})
}
