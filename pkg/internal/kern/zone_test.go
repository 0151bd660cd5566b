package kern

import (
	"testing"
	"unsafe"
)

// A zone hands out slices with guards on both sides: memory that faults when it
// is touched (where the system offers that), or a pattern that free checks.
type zone struct {
	t      testing.TB
	blocks []block
}

// block is a piece of memory with the used part [from, to) in it.
type block struct {
	bytes    []byte
	from, to int
	release  func()
}

const pattern = 0xa5

// slice returns n numbers whose end (or start) lies at the border of the block.
func slice[T number](z *zone, n int, atEnd bool) []T {
	z.t.Helper()
	size := n * int(unsafe.Sizeof(T(0)))
	mem, release := guarded(z.t, size)
	for i := range mem {
		mem[i] = pattern
	}
	from := 0
	if atEnd {
		from = len(mem) - size
	}
	z.blocks = append(z.blocks, block{mem, from, from + size, release})
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&mem[from])), n)
}

// free fails the test if anything outside the slices has changed.
func (z *zone) free() {
	z.t.Helper()
	for _, b := range z.blocks {
		for i, x := range b.bytes {
			if (i < b.from || i >= b.to) && x != pattern {
				z.t.Errorf("byte %d of a block of %d was written; the slice is %d to %d", i, len(b.bytes), b.from, b.to)
				break
			}
		}
		b.release()
	}
	z.blocks = nil
}
