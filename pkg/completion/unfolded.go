package completion

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Layer of [Unfolded] holds the step sizes of one sweep, in units of 1/L; both are
// 1×1 and may be recorded on a tape, so that they can be trained.
type Layer struct{ U, V ad.Value }

// Layers are n layers with the same step sizes; (1, 1) never raises F.
func Layers(n int, u, v float64) []Layer {
	out := make([]Layer, n)
	for i := range out {
		out[i] = Layer{ad.Scalar(u), ad.Scalar(v)}
	}
	return out
}

// Unfolded is an unfolded matrix factorisation: layer k of alternating gradient descent
//
//	U⁺ = U − a_k/L_U·∇_U F(U, V),   V⁺ = V − b_k/L_V·∇_V F(U⁺, V)
//
// has step sizes a_k and b_k of its own. After the last layer it goes on with that one;
// from a foreign point it begins with the first. The papers do not define the "UMF"
// that they compare with; this is our definition, the plainest unfolding of the
// alternating method for this objective. It needs Grad and Lipschitz, in blocks U and V.
func Unfolded(layers []Layer) optim.Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
		const name = "unfolded factors"
		if len(layers) == 0 {
			return nil, fmt.Errorf("completion: %s: there is no layer", name)
		}
		if err := p.Need(name, "Grad", "Lipschitz"); err != nil {
			return nil, err
		}
		descend := func(block string, x optimizee.Point, size ad.Value) optimizee.Point {
			g := p.Grad(block, x).Scale(1 / p.Lipschitz(block, x))
			return x.With(block, x.At(block).Sub(g.Mul(size)))
		}
		return optim.Remember(func(optimizee.Point) optim.Step {
			k := 0
			return func(x optimizee.Point) optimizee.Point {
				now := layers[k]
				k = min(k+1, len(layers)-1)
				return descend("V", descend("U", x, now.U), now.V)
			}
		}), inBlocks(name, p, "U", "V")
	}
}
