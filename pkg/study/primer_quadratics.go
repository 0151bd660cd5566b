package study

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// The LSTM optimizer of Primer §2.1 on quadratics, notebook primer/01.

// UnitQuadratics are the quadratics on which L2O-DM was first shown (Andrychowicz et al.
// 2016, §3.1): ‖Wx − y‖² in n numbers, all entries of W (n×n) and y uniform on [0, 1),
// and a start of N(0, 0.01²). The factor, 1 there, multiplies F: it is the same problem in
// other units.
func UnitQuadratics(n int, factor float64) optimizee.Family {
	words := fmt.Sprintf("‖Wx − y‖², W and y uniform on [0, 1), n = %d", n)
	if factor != 1 {
		words += fmt.Sprintf(", times %g", factor)
	}
	root := math.Sqrt(2 * factor) // Quadratic is ½‖·‖²
	return optimizee.FamilyFunc(words, func(rng *rand.Rand) *optimizee.Problem {
		w, y := optimizee.Uniform(rng, n, n), optimizee.Uniform(rng, n, 1)
		p := optimizee.Quadratic(w.Scale(root), y.Scale(root))
		p.Start = optimizee.X(optimizee.Gaussian(rng, n, 1).Scale(0.01))
		return p
	})
}
