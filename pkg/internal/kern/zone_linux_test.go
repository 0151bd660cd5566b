package kern

import (
	"os"
	"syscall"
	"testing"
)

// guarded returns whole pages, at least size bytes, between two pages that no
// program may touch.
func guarded(t testing.TB, size int) ([]byte, func()) {
	t.Helper()
	page := os.Getpagesize()
	inner := max(page, (size+page-1)/page*page)
	mem, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	for _, edge := range [][]byte{mem[:page], mem[page+inner:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return mem[page:][:inner:inner], func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	}
}
