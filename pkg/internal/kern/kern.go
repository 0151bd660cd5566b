// Package kern holds the inner loops: matrix products, the LSTM cell and whole
// LSTM steps, the least-squares gradient, element-wise operations, Adam. Matrices
// are row-major and dense. The functions check lengths only as far as memory
// safety asks (a slice that is too short panics); shapes are the callers' business.
// Scratch is pooled. Large products are cut into tiles that depend on shapes alone, and
// every core that is free takes the next one; sums over tiles are in the order of the tiles.
//
// Each function exists several times: in plain Go, which is always built and is
// what the tests compare with, and in assembly. The set is chosen once at start
// by what the processor can do; the environment variable L2O_KERNELS forces one
// of go, avx2, avx512 and neon, and the build tag purego leaves only go. The same
// inputs give the same bits in every run and for any GOMAXPROCS with one set. The
// sets differ in last bits, except that avx2 and avx512 agree: they round alike, add
// in the same order, and use no approximations that differ between makers of
// processors. Blocks are cut to fit the caches that the processor lists, which changes
// no bits.
//
// Arithmetic with float32 results flushes subnormal numbers, those below 2⁻¹²⁶: as inputs,
// as results and, in assembly, on the way they count as zeros of their sign. On them a
// processor is ten times slower, and where gradients die out everything consists of
// them. [Relu32], [ReluBack32], [Widen32], [AddWide] and [SumWide] leave subnormals as they are.
package kern

//go:generate go run ./internal/gen

// AddBias32 adds the row b to every row of the r×n matrix dst.
func AddBias32(r, n int, b, dst []float32) { active.addBias32(r, n, b[:n], dst[:r*n]) }

// Repeat32 fills dst with copies of the row b, one after the other.
func Repeat32(dst, b []float32) {
	for n := copy(dst, b); n > 0 && n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// SumRows32 adds the rows of the r×n matrix a to dst.
func SumRows32(r, n int, a, dst []float32) { active.sumRows32(r, n, a[:r*n], dst[:n]) }

// CellForward finishes an LSTM step for r rows of h hidden units:
//
//	i, f, o = σ(zᵢ), σ(z_f), σ(zₒ)   g = tanh(z_g)
//	c = f⊙cPrev + i⊙g   t = tanh(c)   hOut = o⊙t
//
// z (r×4h, gates in the order i f g o) holds the pre-activations and is
// overwritten by the gates; c, t and hOut are r×h.
func CellForward(r, h int, z, cPrev, c, t, hOut []float32) {
	n := r * h
	active.cellForward(r, h, z[:4*n], cPrev[:n], c[:n], t[:n], hOut[:n])
}

// CellBackward turns the gradients dh and dc of an LSTM step's outputs into dz,
// the gradient of its pre-activations (r×4h), and dcPrev. gates, cPrev and t are
// what CellForward left. A nil dc counts as zeros; dcPrev may be dc.
func CellBackward(r, h int, gates, cPrev, t, dh, dc, dz, dcPrev []float32) {
	n := r * h
	if dc != nil {
		dc = dc[:n]
	}
	active.cellBackward(r, h, gates[:4*n], cPrev[:n], t[:n], dh[:n], dc, dz[:4*n], dcPrev[:n])
}

// Relu32 sets y to max(y, 0) per entry; NaN stays NaN.
func Relu32(y []float32) { active.relu32(y) }

// ReluBack32 sets those entries of d to 0 whose y, an outcome of [Relu32], is 0.
func ReluBack32(d, y []float32) { active.reluBack32(d, y[:len(d)]) }

// Narrow32 rounds src to float32 into the first len(src) entries of dst.
func Narrow32(dst []float32, src []float64) { active.narrow32(dst[:len(src)], src) }

// Widen32 copies src to the first len(src) entries of dst.
func Widen32(dst []float64, src []float32) { active.widen32(dst[:len(src)], src) }

// AddWide adds src to the first len(src) entries of dst.
func AddWide(dst []float64, src []float32) { SumWide(dst, dst, src) }

// SumWide sets the first len(src) entries of dst to c + src; c may be dst.
func SumWide(dst, c []float64, src []float32) {
	active.sumWide(dst[:len(src)], c[:len(src)], src)
}
