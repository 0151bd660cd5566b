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

// cacheSizes returns the caches that the processor lists in leaf 4, or for AMD in another
// leaf of the same form, and common sizes for what it does not list.
func cacheSizes() caches {
	leaf := uint32(4)
	if top, _, _, _ := cpuid(0x80000000, 0); top >= 0x8000001d {
		if a, _, _, _ := cpuid(0x8000001d, 0); a&31 != 0 {
			leaf = 0x8000001d
		}
	}
	found := caches{32 << 10, 512 << 10}
	for sub := range uint32(8) {
		a, b, c, _ := cpuid(leaf, sub)
		const data, unified = 1, 3
		kind, level := a&31, a>>5&7
		bytes := int(b>>22+1) * int(b>>12&0x3ff+1) * int(b&0xfff+1) * int(c+1)
		switch {
		case kind == data && level == 1:
			found.first = max(16<<10, bytes)
		case kind == unified && level == 2:
			found.second = max(128<<10, bytes)
		}
	}
	return found
}
