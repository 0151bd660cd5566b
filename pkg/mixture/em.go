package mixture

import (
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// EM takes every block to its Solve at the same point. On a Gaussian mixture that is
// expectation maximisation (Dempster, Laird and Rubin 1977): one E-step at x, then
// π_k = N_k/G and µ_k = Σ_g r_gk x_g/N_k from its responsibilities. F never rises there.
// On other problems the blocks are solved each for the old value of the others, which
// may raise F: Alternate(On("U", Exact), On("V", Exact)) is the rule for those. It needs
// Solve.
func EM(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
	return func(x optimizee.Point) optimizee.Point {
		return x.Map(func(block string, _ ad.Value) ad.Value { return p.Solve(block, x) })
	}, p.Need("EM", "Solve")
}
