package optimizee

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/l2olab/l2o/pkg/internal/check"
)

// PublishedLogistic returns a problem made by [Logistic] with L = ‖W‖₂, which the public
// code of the L2O-PA paper takes, in place of ‖W‖₂²/(4m). The loss is a mean, so that
// is too large by 4m/‖W‖₂, about a hundred times for 1000×50 Gaussian entries, and so many
// times too small are the steps 1/L of ISTA and FISTA. The trait "public step" tells the
// problems apart, so that weights say where they were trained.
func PublishedLogistic(p *Problem) *Problem {
	q := *p
	q.Traits = maps.Clone(p.Traits)
	if q.Traits != nil {
		q.Traits["public step"] = 1
	}
	q.Err = errors.Join(p.Err, check.That(strings.HasPrefix(p.Name, "logistic"), "the published step is one of logistic regression, and this is no problem made by Logistic"))
	q.Lipschitz = func(block string, x Point) float64 {
		return math.Sqrt(4 * p.Traits["rows"] * p.Lipschitz(block, x)) // ‖W‖₂ again
	}
	return &q
}

// Published is the family of the same problems with the published step; see
// [PublishedLogistic].
func (s LogisticSpec) Published() Family {
	return FamilyFunc(s.String()+", L = ‖W‖₂ as in the public code", func(rng *rand.Rand) *Problem { return PublishedLogistic(s.Draw(rng)) })
}
