//go:build !purego

package kern

import "testing"

// The two sets for amd64 give the same bits, so that a result made on one machine
// can be compared with one from another.
func TestAVXSetsAgree(t *testing.T) {
	avx := avxSets(t)
	for _, h := range []int{1, 4, 7, 16, 20, 37, 500} {
		r := 9
		n := r * h
		start, cPrev := random[float32](4*n), random[float32](n)
		var z, c, tc, out [2][]float32
		for i, s := range avx {
			z[i], c[i], tc[i], out[i] = append([]float32{}, start...), make([]float32, n), make([]float32, n), make([]float32, n)
			s.cellForward(r, h, z[i], cPrev, c[i], tc[i], out[i])
		}
		bits(t, "gates", z[0], z[1])
		bits(t, "c", c[0], c[1])
		bits(t, "tanh c", tc[0], tc[1])
		bits(t, "h", out[0], out[1])
	}
}
