package kern

import "math"

// eˣ = 2ⁿ·eʳ with n = round(x·log₂e), r = x − n·ln 2, ln 2 in two parts, and
// eʳ = 1 + r + r²·(c₂ + c₃r + … + c₆r⁴), fitted to |r| ≤ ½ ln 2 with a relative
// error of 4e-9. The assembly uses the same numbers.
const (
	log2e = 1.4426950408889634
	ln2hi = 0.693359375
	ln2lo = -2.12194440e-4
	c2    = 0.49999994
	c3    = 0.1666652
	c4    = 0.0416684
	c5    = 0.008368851
	c6    = 0.001381432

	rounder  = 1.5 * (1 << 23) // adding it rounds a small float32 to an integer
	expLimit = 87
)

// reduced returns 2ⁿ and eʳ − 1 for |x| ≤ expLimit.
func reduced(x float32) (scale, e float32) {
	t := float32(x*log2e) + rounder
	n := t - rounder
	r := x - n*ln2hi - n*ln2lo
	q := (((c6*r+c5)*r+c4)*r+c3)*r + c2
	scale = math.Float32frombits(uint32(int32(n)+127) << 23)
	return scale, q*r*r + r
}

// Exp32 is eˣ within 2e-7 relative. Arguments are clamped to ±87, where float32
// ends; NaN stays NaN.
func Exp32(x float32) float32 {
	if x != x {
		return x
	}
	s, e := reduced(min(max(x, -expLimit), expLimit))
	return s*e + s
}

// Sigmoid32 is 1/(1+e⁻ˣ) within 2e-7 relative for |x| ≤ 87.
func Sigmoid32(x float32) float32 { return 1 / (1 + Exp32(-x)) }

// Tanh32 is tanh x within 4e-7 relative, also near zero: with E = e²ˣ − 1 for
// |x|, formed without cancellation, it is E/(E+2).
func Tanh32(x float32) float32 {
	if x != x {
		return x
	}
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	s, e := reduced(min(a+a, expLimit))
	e = s*e + (s - 1)
	return math.Float32frombits(math.Float32bits(e/(e+2)) | math.Float32bits(x)&(1<<31))
}
