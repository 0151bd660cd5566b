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

// Errors are the sums that both conventions are made of, over any number of problems.
type Errors struct {
	Instances      int
	squares, total float64 // Σ‖x̂ − x*‖² and Σ‖x*‖²
	db             float64 // Σ of the dB of each instance
}

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

// Add counts the instances of one problem: those in the columns of x and truth.
func (e *Errors) Add(x, truth ad.Value) {
	for _, one := range Instances(x, truth) {
		e.squares, e.total, e.db = e.squares+one.Squares, e.total+one.Total, e.db+one.DB
	}
	e.Instances += x.C
}

// Join counts what o counted.
func (e *Errors) Join(o Errors) {
	e.Instances += o.Instances
	e.squares, e.total, e.db = e.squares+o.squares, e.total+o.total, e.db+o.db
}

// RatioOfSums is the NMSE in dB of the talk and of the LISTA-CPSS, ALISTA and
// HyperLISTA papers, 10·log₁₀(Σ‖x̂ − x*‖²/Σ‖x*‖²) over the set. It is −Inf for an exact
// recovery.
func (e *Errors) RatioOfSums() float64 { return 10 * math.Log10(e.squares/e.total) }

// MeanOfDB is the NMSE in dB of the Primer's code: the mean of [Instance.DB].
func (e *Errors) MeanOfDB() float64 { return e.db / float64(e.Instances) }

// NMSE is [Errors.RatioOfSums] of one problem, in dB.
func NMSE(x, truth ad.Value) float64 {
	var e Errors
	e.Add(x, truth)
	return e.RatioOfSums()
}
