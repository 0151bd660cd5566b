//go:build !purego

package kern

// cpuid executes the instruction of that name.
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// xgetbv returns the low half of extended control register 0.
func xgetbv() uint32

// features returns whether the processor has AVX2 with fused multiply-add, and
// AVX-512 (F, DQ, BW, VL), and the system saves their registers.
func features() (avx2, avx512 bool) {
	last, _, _, _ := cpuid(0, 0)
	if last < 7 {
		return false, false
	}
	_, _, c1, _ := cpuid(1, 0)
	const fma, osxsave, avx = 1 << 12, 1 << 27, 1 << 28
	if c1&(fma|osxsave|avx) != fma|osxsave|avx {
		return false, false
	}
	_, b7, _, _ := cpuid(7, 0)
	saved := xgetbv()
	const ymm, zmm = 0x6, 0xe6
	const f, dq, bw, vl = 1 << 16, 1 << 17, 1 << 30, 1 << 31
	avx2 = saved&ymm == ymm && b7&(1<<5) != 0
	return avx2, avx2 && saved&zmm == zmm && b7&(f|dq|bw|vl) == f|dq|bw|vl
}
