package sparse

import (
	"fmt"
	"iter"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
)

// Two conventions of the normalised mean squared error of a recovery are published.
// They differ by several dB where a few instances fail: in the ratio of sums these
// decide, in the mean of dB they count like all others.

// An Instance is the error of one column.
type Instance struct {
	Squares, Total float64 // ‖x̂ − x*‖² and ‖x*‖²
	DB             float64 // 10·log₁₀((‖x̂ − x*‖²/n + 1e-10)/(‖x*‖²/n + 1e-10))
}

// Instances yields the error of each column of x, in their order.
func Instances(x, truth ad.Value) iter.Seq2[int, Instance] {
	if x.R != truth.R || x.C != truth.C {
		panic(fmt.Sprintf("sparse: NMSE of %s by %s", x.Shape(), truth.Shape()))
	}
	const tiny = 1e-10 // as the Primer's code has it: dB stay above about −90
	return func(yield func(int, Instance) bool) {
		for j := range x.C {
			var d, s float64
			for i := range x.R {
				t := truth.Data[i*x.C+j]
				diff := x.Data[i*x.C+j] - t
				d, s = d+diff*diff, s+t*t
			}
			m := float64(x.R)
			if !yield(j, Instance{d, s, 10 * math.Log10((d/m+tiny)/(s/m+tiny))}) {
				return
			}
		}
	}
}

// NMSE is the one of the talk and of the LISTA-CPSS, ALISTA and HyperLISTA papers for one
// problem, the ratio of sums 10·log₁₀(Σ‖x̂ − x*‖²/Σ‖x*‖²) in dB. It is −Inf for an exact
// recovery. A race measures both conventions over many problems: trace.NMSE and, for the
// Primer's code, trace.MeanOfDB.
func NMSE(x, truth ad.Value) float64 {
	var squares, total float64
	for _, one := range Instances(x, truth) {
		squares, total = squares+one.Squares, total+one.Total
	}
	return 10 * math.Log10(squares/total)
}
