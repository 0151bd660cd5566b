//go:build !purego

package kern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// The element-wise operations of the two sets for amd64 give the same bits.
func TestAVXVectorsAgree(t *testing.T) {
	avx := avxSets(t)
	rng := rand.New(rand.NewPCG(17, 1))
	a := Adam{Beta1: 0.9, Beta2: 0.999, LR: 1e-2, Fix2: 3, Eps: 1e-8}
	for name, f := range map[string]func(v vectors64, x [4][]float64){
		"axpy":      func(v vectors64, x [4][]float64) { v.axpy(0.3, x[0], x[1]) },
		"axpby":     func(v vectors64, x [4][]float64) { v.axpby(x[2], 0.3, x[0], 1.7, x[1]) },
		"mul":       func(v vectors64, x [4][]float64) { v.mul(x[2], x[0], x[1]) },
		"mul add":   func(v vectors64, x [4][]float64) { v.mulAdd(x[2], x[0], x[1]) },
		"larger":    func(v vectors64, x [4][]float64) { v.larger(x[1], x[0]) },
		"soft":      func(v vectors64, x [4][]float64) { v.soft(x[2], x[0], 0.3) },
		"soft each": func(v vectors64, x [4][]float64) { v.softEach(x[2], x[0], x[1]) },
		"exp":       func(v vectors64, x [4][]float64) { v.exp(x[2], x[0]) },
		"sigmoid":   func(v vectors64, x [4][]float64) { v.sigmoid(x[2], x[0]) },
		"tanh":      func(v vectors64, x [4][]float64) { v.tanh(x[2], x[0]) },
		"adam":      func(v vectors64, x [4][]float64) { v.adam(x[0], x[1], x[2], x[3], a) },
	} {
		for kind := range kinds {
			for n := range 35 {
				var got, want [4][]float64
				for i := range got {
					got[i] = make([]float64, n)
					draw(rng, kind, got[i])
					want[i] = slices.Clone(got[i])
				}
				f(avx[0].v64, want)
				f(avx[1].v64, got)
				for i := range got {
					bits(t, fmt.Sprintf("%s n=%d kind %d", name, n, kind), got[i], want[i])
				}
			}
		}
	}
}
