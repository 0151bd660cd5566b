//go:build !race

package kern

import "testing"

// The race detector makes pools forget, so this is not built with it.

// A step of a narrow LSTM allocates nothing.
func TestLSTMAllocations(t *testing.T) {
	for _, s := range sets {
		if s.name == "go" {
			continue // flushes copies
		}
		k := newLSTM(150, 20, 20)
		with(s, func() {
			k.forward()
			if n := testing.AllocsPerRun(10, func() { k.forward(); k.backward() }); n >= 1 {
				t.Errorf("%s: %v allocations", s.name, n)
			}
		})
	}
}
