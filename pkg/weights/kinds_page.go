//go:build js

package weights

import (
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/learned/mlam"
)

// kinds are those that a page plays with: it loads the code of each.
var kinds = []kind{
	kindOf("pa", sure(learned.PA), fitsPA), kindOf("unrolled", lista.Unroll, fitsUnrolled),
	kindOf("mlam", sure(mlam.MLAM), fitsMLAM), kindOf("coordinate-wise", sure(learned.CoordinateWise), fitsWiring),
}
