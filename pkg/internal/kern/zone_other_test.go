//go:build !linux

package kern

import "testing"

// guarded returns memory with room for a pattern around size bytes.
func guarded(t testing.TB, size int) ([]byte, func()) {
	t.Helper()
	mem := make([]byte, (size+7)/8*8+256)
	return mem[64:][:(size+7)/8*8+64], func() {}
}
