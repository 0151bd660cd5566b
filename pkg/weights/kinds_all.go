//go:build !js

package weights

import (
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/learned/mlam"
)

// kinds lists them; a new one is a line, with what bounds its size by that of θ.
var kinds = []kind{
	kindOf("pa", sure(learned.PA), fitsPA), kindOf("dm", sure(learned.DM), fitsDM), kindOf("rnnprop", sure(learned.RNNprop), fitsRNNprop),
	kindOf("swarm", sure(learned.Swarm), fitsSwarm),
	kindOf("adalista", sure(lista.AdaLISTA), fitsAdaLISTA), kindOf("unrolled", lista.Unroll, fitsUnrolled),
	kindOf("mlam", sure(mlam.MLAM), fitsMLAM), kindOf("mlam rows", sure(mlam.Rows), fitsRows), kindOf("coordinate-wise", sure(learned.CoordinateWise), fitsWiring),
	kindOf("scale", sure(learned.Scale), fitsScale), kindOf("dm 2016", sure(learned.OriginalDM), fitsOriginalDM),
}
