package kern

import "math"

// Exp32 is eˣ to about 1e-7 relative. Arguments are clamped to ±87, where float32 ends.
func Exp32(x float32) float32 {
	const (
		log2e = 1.44269504088896341
		ln2hi = 0.693359375
		ln2lo = -2.12194440e-4
	)
	if x != x {
		return x
	}
	x = min(max(x, -87), 87)
	n := x * log2e
	if n >= 0 {
		n += 0.5
	} else {
		n -= 0.5
	}
	k := int32(n)
	f := float32(k)
	r := float32(x-float32(f*ln2hi)) - float32(f*ln2lo)
	// eʳ on |r| ≤ ½ ln 2
	p := float32(1.9875691500e-4)
	p = float32(p*r) + 1.3981999507e-3
	p = float32(p*r) + 8.3334519073e-3
	p = float32(p*r) + 4.1665795894e-2
	p = float32(p*r) + 1.6666665459e-1
	p = float32(p*r) + 5.0000001201e-1
	p = float32(float32(p*r)*r) + r + 1
	return p * math.Float32frombits(uint32(k+127)<<23)
}

// Sigmoid32 is 1/(1+e⁻ˣ).
func Sigmoid32(x float32) float32 { return 1 / (1 + Exp32(-x)) }

// Tanh32 is tanh x with relative accuracy also near zero.
func Tanh32(x float32) float32 {
	a := x
	if a < 0 {
		a = -a
	}
	if a < 0.625 {
		s := x * x
		p := float32(-5.70498872745e-3)
		p = float32(p*s) + 2.06390887954e-2
		p = float32(p*s) - 5.37397155531e-2
		p = float32(p*s) + 1.33314422036e-1
		p = float32(p*s) - 3.33332819422e-1
		return float32(float32(p*s)*x) + x
	}
	t := 1 - 2/(1+Exp32(2*a))
	if x < 0 {
		return -t
	}
	return t
}
