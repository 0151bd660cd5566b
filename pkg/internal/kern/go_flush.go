package kern

import "math"

// flushed32 is x, or a zero of its sign where x is subnormal.
func flushed32(x float32) float32 {
	if b := math.Float32bits(x); b<<1 < 1<<24 {
		return math.Float32frombits(b & (1 << 31))
	}
	return x
}

// flush sets subnormal entries to zeros of their sign if they are float32.
func flush[T number](x []T) {
	if x, ok := any(x).([]float32); ok {
		for i, v := range x {
			x[i] = flushed32(v)
		}
	}
}

// flushed returns x, or a flushed copy if that is another.
func flushed[T number](x []T) []T {
	single, ok := any(x).([]float32)
	if !ok {
		return x
	}
	for i, v := range single {
		if b := math.Float32bits(v) << 1; b-1 < 1<<24-1 {
			y := make([]T, len(x))
			copy(y, x[:i])
			for j := i; j < len(x); j++ {
				y[j] = T(flushed32(float32(x[j])))
			}
			return y
		}
	}
	return x
}
