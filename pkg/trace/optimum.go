package trace

import (
	"math"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// An Optimum is the value that gaps are measured to. Look at its Certificate first: it says
// whether anything proves F, and how well.
type Optimum struct {
	F           float64 // the lowest value known
	Certificate float64 // F − min F is at most this; NaN when nothing proves it
	Source      string  // where F comes from, for captions

	X optimizee.Point `json:"-"` // where F is so low, from Certified; zero in the results of races
}

// Relative returns (F − F*)/|F*|, or F − F* where F* cannot be told from zero; see
// [Optimum.Absolute]. Rounding may put F below F*; that counts as zero.
func (o Optimum) Relative(f float64) float64 {
	gap := f - o.F
	if gap < 0 {
		gap = 0
	}
	if !o.Absolute() {
		gap /= math.Abs(o.F)
	}
	return gap
}

// Absolute reports whether F* cannot be told from zero: it is 0, or its certificate is no
// smaller. A gap relative to it has no meaning, and Relative is F − F*.
func (o Optimum) Absolute() bool {
	size := math.Abs(o.F)
	return size == 0 || o.Certificate >= size
}

// Excess returns F − F*, and 0 where rounding puts F below F*.
func (o Optimum) Excess(f float64) float64 {
	if f < o.F {
		return 0
	}
	return f - o.F
}

// slack is how far Relative may be too small: the true gap is at most v + slack·(1 + v).
// With c = Certificate/|F*| that is (v + c)/(1 − c).
func (o Optimum) slack() float64 {
	if o.Absolute() {
		return o.Certificate
	}
	c := o.Certificate / math.Abs(o.F)
	return c / (1 - c)
}

// atMost is the largest value that a measured one may stand for, where F* is known so well.
func atMost(v, slack float64) float64 { return v + slack*(1+v) }
