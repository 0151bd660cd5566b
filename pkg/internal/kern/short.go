package kern

// ShortDot is Σ xᵢyᵢ in the order of the entries: for the few numbers of a row, where a call
// into assembly costs more than the loop, and where the order counts.
func ShortDot(x, y []float64) (s float64) {
	y = y[:len(x)]
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// ShortAxpy is y ← y + s·x over the few numbers of a row.
func ShortAxpy(s float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += s * v
	}
}
