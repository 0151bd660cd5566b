package kern

// Gemm32 adds a·b to dst, where a is m×k, b is k×n and dst is m×n.
func Gemm32(m, n, k int, a, b, dst []float32) {
	active.p32.nn(m, n, k, a[:m*k], b[:k*n], dst[:m*n])
}

// GemmTN32 adds aᵀ·b to dst, where a is r×m, b is r×n and dst is m×n: the
// gradient of weights from r rows.
func GemmTN32(m, n, r int, a, b, dst []float32) {
	active.p32.tn(m, n, r, a[:r*m], b[:r*n], dst[:m*n])
}

// GemmNT32 adds a·bᵀ to dst, where a is m×k, b is n×k and dst is m×n.
func GemmNT32(m, n, k int, a, b, dst []float32) {
	active.p32.nt(m, n, k, a[:m*k], b[:n*k], dst[:m*n])
}

// GemmNN64 adds a·b to dst, where a is m×k, b is k×n and dst is m×n.
func GemmNN64(m, n, k int, a, b, dst []float64) {
	active.p64.nn(m, n, k, a[:m*k], b[:k*n], dst[:m*n])
}

// GemmTN64 adds aᵀ·b to dst, where a is r×m, b is r×n and dst is m×n.
func GemmTN64(m, n, r int, a, b, dst []float64) {
	active.p64.tn(m, n, r, a[:r*m], b[:r*n], dst[:m*n])
}

// GemmNT64 adds a·bᵀ to dst, where a is m×k, b is n×k and dst is m×n.
func GemmNT64(m, n, k int, a, b, dst []float64) {
	active.p64.nt(m, n, k, a[:m*k], b[:n*k], dst[:m*n])
}

// GemvN64 adds a·x to y, where a is m×n.
func GemvN64(m, n int, a, x, y []float64) { active.p64.gemvN(m, n, a[:m*n], x[:n], y[:m]) }

// GemvT64 adds aᵀ·x to y, where a is m×n.
func GemvT64(m, n int, a, x, y []float64) { active.p64.gemvT(m, n, a[:m*n], x[:m], y[:n]) }

// LeastSquares64 sets r = a·x − b and g = aᵀ·r in one pass over the m×n matrix a,
// and returns ½‖r‖². A nil b counts as zeros.
func LeastSquares64(m, n int, a, x, b, r, g []float64) float64 {
	if b != nil {
		b = b[:m]
	}
	return active.p64.leastSquares(m, n, a[:m*n], x[:n], b, r[:m], g[:n])
}
