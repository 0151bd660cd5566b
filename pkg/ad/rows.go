package ad

// overRows reports whether b is a row to be repeated over the rows of v, as biases are: the
// case of networks, without a call for each entry.
func (v Value) overRows(b Value) bool { return b.R == 1 && v.R > 1 && b.C == v.C && v.C > 0 }

// addRow is v + b for a row b.
func (v Value) addRow(b Value) Value {
	out, c := blank(v.R, v.C), v.C
	for i := 0; i < len(v.Data); i += c {
		to := out.Data[i : i+c]
		for j, x := range v.Data[i : i+c] {
			to[j] = x + b.Data[j]
		}
	}
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		axpy(1, g, acc[0])
		if to := acc[1]; to != nil {
			for i := 0; i < len(g); i += c {
				for j, x := range g[i : i+c] {
					to[j] += x
				}
			}
		}
	})
}

// mulRow is v⊙b for a row b.
func (v Value) mulRow(b Value) Value {
	out, c := blank(v.R, v.C), v.C
	for i := 0; i < len(v.Data); i += c {
		to := out.Data[i : i+c]
		for j, x := range v.Data[i : i+c] {
			to[j] = x * b.Data[j]
		}
	}
	t := TapeOf(v, b)
	if t == nil {
		return out
	}
	x, y := v.Data, b.Data
	return t.push(out, []Value{v, b}, func(g []float64, acc [][]float64) {
		for i := 0; i < len(g); i += c {
			part := g[i : i+c]
			if acc[0] != nil {
				to := acc[0][i : i+c]
				for j, g := range part {
					to[j] += g * y[j]
				}
			}
			if to := acc[1]; to != nil {
				for j, x := range x[i : i+c] {
					to[j] += part[j] * x
				}
			}
		}
	})
}

// addMulRows is v + a⊙b for rows v and b.
func (v Value) addMulRows(a, b Value) Value {
	out, c := blank(a.R, a.C), a.C
	for i := 0; i < len(a.Data); i += c {
		to := out.Data[i : i+c]
		for j, x := range a.Data[i : i+c] {
			to[j] = x*b.Data[j] + v.Data[j]
		}
	}
	t := TapeOf(v, a, b)
	if t == nil {
		return out
	}
	x, y := a.Data, b.Data
	return t.push(out, []Value{v, a, b}, func(g []float64, acc [][]float64) {
		for i, d := range g {
			j := i % c
			if acc[0] != nil {
				acc[0][j] += d
			}
			if acc[1] != nil {
				acc[1][i] += d * y[j]
			}
			if acc[2] != nil {
				acc[2][j] += d * x[i]
			}
		}
	})
}
