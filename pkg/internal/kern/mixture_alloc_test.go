//go:build !race

package kern

import "testing"

// The race detector makes pools forget, so this is not built with it.

func TestEMAllocations(t *testing.T) {
	for _, q := range [][3]int{{500, 2, 4}, {4000, 64, 2}} {
		for spread := Full; spread <= Spherical; spread++ {
			x, m := blobs(q[0], q[1], q[2])
			m = m.reduced(spread, m.Cov, m.Weight)
			e := NewEM(q[0], q[1], q[2], spread, x)
			step := func() {
				if _, err := e.Step(m, 1e-3); err != nil {
					t.Fatal(err)
				}
			}
			step()
			if n := testing.AllocsPerRun(10, step); n >= 1 {
				t.Errorf("%v: %v allocations per step", q, n)
			}
		}
	}
}
