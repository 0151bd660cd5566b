package recipe

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// The seed of fresh signals and problems, one for all networks, so that they compare; and
// the key of signals, which no training draws from.
const (
	forFresh        = 1
	forTest  uint64 = 1 << 32
)

// FreshProblems are the streams of problem i = 0, 1, … of those that no training saw, for
// trace.Config: what is kept of completions and mixtures was measured on them.
func FreshProblems(i int) (problem, state *rand.Rand) {
	return optimizee.Stream(forFresh, uint64(i)), optimizee.Stream(forFresh, uint64(i), 1)
}

// FreshSignals are those of signals, for the networks of the LISTA line.
func FreshSignals(i int) (problem, state *rand.Rand) {
	return optimizee.Stream(forFresh, forTest, uint64(i)), optimizee.Stream(forFresh, forTest, uint64(i), 2)
}

// alone is the name of a rule that races without rivals.
const alone = "alone"

// race measures a single rule, which has to start on all problems.
func race(ctx context.Context, fam optimizee.Family, c trace.Config, rule optim.Rule) (*trace.Results, error) {
	res, err := trace.RaceFamily(ctx, fam, c, trace.Entry{Name: alone, Rule: rule})
	if err == nil && len(res.Refused) > 0 {
		err = errors.New(res.Refused[0])
	}
	return res, err
}
