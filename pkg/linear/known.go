package linear

import (
	"math"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
)

// known are norms of matrices that were met before. A training draws its validation problems
// again each time, and several rules race on the same problems: the norm of a matrix takes
// as long as a hundred products with it, to recognise it as long as two.
var known = struct {
	sync.Mutex
	norms map[mark]float64
}{norms: map[mark]float64{}}

// most is how many norms are kept, in about a megabyte. Then all are forgotten.
const most = 1 << 14

// A mark is what a matrix is recognised by. Two different ones have the same with a
// probability of about 2⁻⁶⁴.
type mark struct {
	rows, cols int
	largest    float64
	hash       uint64
}

func markOf(a ad.Value, largest float64) mark {
	const odd = 0x9e3779b97f4a7c15
	h, i := [4]uint64{1, 2, 3, 4}, 0
	for ; i+4 <= a.Len(); i += 4 { // four chains, since a multiplication has to wait for the one before
		x := a.Data[i : i+4 : i+4]
		for j := range h {
			h[j] = mixed(h[j], x[j]) * odd
		}
	}
	for ; i < a.Len(); i++ {
		h[0] = mixed(h[0], a.Data[i]) * odd
	}
	sum := h[0]
	for _, v := range h[1:] {
		sum = (sum ^ sum>>29 ^ v) * odd
	}
	return mark{a.R, a.C, largest, sum ^ sum>>32}
}

// mixed is a bijection of h for each x, and of x for each h.
func mixed(h uint64, x float64) uint64 { return (h ^ h>>31) + math.Float64bits(x) }

// remember is compute(), or what it gave for the same matrix before.
func remember(a ad.Value, largest float64, compute func() float64) float64 {
	m := markOf(a, largest)
	known.Lock()
	norm, ok := known.norms[m]
	known.Unlock()
	if ok {
		return norm
	}
	norm = compute()
	known.Lock()
	defer known.Unlock()
	if len(known.norms) >= most {
		clear(known.norms)
	}
	known.norms[m] = norm
	return norm
}
