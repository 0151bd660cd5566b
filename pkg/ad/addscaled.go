package ad

// AddScaled returns v + s·b for b of v's shape, what v.Add(b.Scale(s)) is, in one pass
// and with one rounding less: the step of a method, x − t·g or x + β(x − x⁻).
func (v Value) AddScaled(s float64, b Value) Value {
	sameShape("AddScaled", v, b)
	return linear(v, b, 1, s)
}
