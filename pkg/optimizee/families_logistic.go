package optimizee

import (
	"errors"
	"maps"
	"math"
)

// PublishedL returns a problem made by [Logistic] or [Softmax] with L = ‖W‖₂, which the
// public code of the L2O-PA paper takes, in place of ‖W‖₂²/(4m) or ‖W‖₂²/(2m). The loss is
// a mean, so that is too large by 4m/‖W‖₂, about a hundred times for 1000×50 Gaussian
// entries, and so many times too small are the steps 1/L of ISTA and FISTA. The trait
// "public step" tells the problems apart, so that weights say where they were trained.
func PublishedL(p *Problem) *Problem {
	q := *p
	var share float64 // of ‖W‖₂²/m
	switch p.Data.(type) {
	case *LogisticData:
		share = 4
	case *SoftmaxData:
		share = 2
	default:
		q.Err = errors.Join(p.Err, errors.New("the published step is one of logistic regression, and this is no problem made by Logistic or Softmax"))
		return &q
	}
	q.Traits = maps.Clone(p.Traits)
	q.Traits["public step"] = 1
	q.Lipschitz = func(block string, x Point) float64 {
		return math.Sqrt(share * p.Traits["rows"] * p.Lipschitz(block, x)) // ‖W‖₂ again
	}
	return &q
}

// Published is the family of the same problems with the published step; see
// [PublishedL].
func (s LogisticSpec) Published() Family {
	return Changed(s, "L = ‖W‖₂ as in the public code", PublishedL)
}
