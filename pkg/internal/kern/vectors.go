package kern

import "math"

// vectors64 are the element-wise operations in float64. All slices of a call have
// the same length.
type vectors64 struct {
	axpy               func(s float64, x, y []float64)
	axpby              func(dst []float64, s float64, x []float64, t float64, y []float64)
	mul, mulAdd        func(dst, x, y []float64)
	larger             func(dst, x []float64)
	soft               func(dst, v []float64, t float64)
	softEach           func(dst, v, t []float64)
	softBack           func(d, g, y, moves []float64) int
	exp, sigmoid, tanh func(dst, x []float64)
	adam               func(x, m, v, g []float64, a Adam)
}

// Axpy64 adds s·x to the first len(x) entries of y.
func Axpy64(s float64, x, y []float64) { active.v64.axpy(s, x, y[:len(x)]) }

// Axpby64 sets dst = s·x + t·y; the length is that of dst, which may be x or y.
func Axpby64(dst []float64, s float64, x []float64, t float64, y []float64) {
	active.v64.axpby(dst, s, x[:len(dst)], t, y[:len(dst)])
}

// Mul64 sets dst = x⊙y; the length is that of dst, which may be x or y.
func Mul64(dst, x, y []float64) { active.v64.mul(dst, x[:len(dst)], y[:len(dst)]) }

// MulAdd64 adds x⊙y to dst, whose length counts.
func MulAdd64(dst, x, y []float64) { active.v64.mulAdd(dst, x[:len(dst)], y[:len(dst)]) }

// Larger64 sets the entries of dst to those of x that are larger; the length is that of dst. A
// NaN in x leaves the entry, and one in dst stays.
func Larger64(dst, x []float64) { active.v64.larger(dst, x[:len(dst)]) }

// Soft64 sets dst to the soft threshold of v at t, max(v−t, 0) − max(−v−t, 0) per
// entry; the length is that of dst, which may be v. NaN stays NaN.
func Soft64(dst, v []float64, t float64) { active.v64.soft(dst, v[:len(dst)], t) }

// SoftEach64 is [Soft64] with a threshold for every entry.
func SoftEach64(dst, v, t []float64) { active.v64.softEach(dst, v[:len(dst)], t[:len(dst)]) }

// SoftBack64 is the way back of [Soft64] with the outcome y: it sets d to g where y is not 0,
// and to 0 elsewhere, and returns sign(y)·g of the entries where it is not, for which moves
// has room. The length is that of y.
func SoftBack64(d, g, y, moves []float64) []float64 {
	n := len(y)
	return moves[:active.v64.softBack(d[:n], g[:n], y, moves[:(n+7)&^7])]
}

// Exp64 sets dst = eˣ per entry within 4e-16 relative; the length is that of dst,
// which may be x. Overflow gives +Inf; results below 2⁻¹⁰²² lose precision as
// denormal numbers do.
func Exp64(dst, x []float64) { active.v64.exp(dst, x[:len(dst)]) }

// Sigmoid64 sets dst = 1/(1+e⁻ˣ) per entry within 6e-16 relative for x ≥ −709; from
// there down it is at most 1e-307. The length is that of dst, which may be x.
func Sigmoid64(dst, x []float64) { active.v64.sigmoid(dst, x[:len(dst)]) }

// Tanh64 sets dst = tanh x per entry within 8e-16 relative, also near zero; the
// length is that of dst, which may be x.
func Tanh64(dst, x []float64) { active.v64.tanh(dst, x[:len(dst)]) }

// Adam holds the numbers of one step of Adam: the moments' decays β₁ and β₂, the
// step size already divided by 1−β₁ᵏ, the factor 1/(1−β₂ᵏ) of the second moment
// (both corrections for starting at zero), and ε.
type Adam struct{ Beta1, Beta2, LR, Fix2, Eps float64 }

// AdamStep is step k = 1, 2, … at the rate lr with the constants of the paper, β₁ = 0.9,
// β₂ = 0.999 and ε = 1e-8.
func AdamStep(lr, k float64) Adam {
	const beta1, beta2 = 0.9, 0.999
	return Adam{Beta1: beta1, Beta2: beta2, LR: lr / (1 - math.Pow(beta1, k)), Fix2: 1 / (1 - math.Pow(beta2, k)), Eps: 1e-8}
}

// Adam64 does one step in place (Kingma and Ba 2015, Algorithm 1):
//
//	m ← β₁m + (1−β₁)g   v ← β₂v + (1−β₂)g²   x ← x − LR·m / (√(Fix2·v) + ε)
//
// The length is that of x.
func Adam64(x, m, v, g []float64, a Adam) {
	n := len(x)
	active.v64.adam(x, m[:n], v[:n], g[:n], a)
}
