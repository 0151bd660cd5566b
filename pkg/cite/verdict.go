package cite

import (
	"slices"
	"strconv"
	"strings"
)

// A Verdict says what a comparison comes to, in a fixed vocabulary.
type Verdict string

// The vocabulary. [Verdict.Meaning] gives the sentence behind each.
const (
	Holds            Verdict = "holds"
	HoldsInPart      Verdict = "holds in part"
	BaselineArtefact Verdict = "baseline artefact"
	TrivialModel     Verdict = "trivial model suffices"
	NotReached       Verdict = "not reached"
	Impossible       Verdict = "impossible"
	Contradictory    Verdict = "contradictory"
	NotRecoverable   Verdict = "not recoverable"
)

// Verdicts returns the vocabulary, from best to worst news for the claim.
func Verdicts() []Verdict {
	return []Verdict{Holds, HoldsInPart, BaselineArtefact, TrivialModel, NotReached, Impossible, Contradictory, NotRecoverable}
}

var meanings = map[Verdict]string{
	Holds:            "With the published settings we measure the published result, and a tuned baseline does not change the conclusion.",
	HoldsInPart:      "We measure the published result in some of the settings, or with a smaller margin.",
	BaselineArtefact: "We measure the published margin, and it disappears when the baseline gets a correct or tuned setting.",
	TrivialModel:     "A model without any learning reaches the published result, so the result does not speak for the method.",
	NotReached:       "With the published settings, as far as they are stated, we do not come near the published result.",
	Impossible:       "The data as described do not allow the published result for any method.",
	Contradictory:    "The authors publish different numbers for the same experiment.",
	NotRecoverable:   "The number or the settings behind it are not stated in anything that is available to us.",
}

// Meaning returns the verdict as one sentence, or "" when it is not in the
// vocabulary.
func (v Verdict) Meaning() string { return meanings[v] }

// needsOurs reports whether the verdict rests on a measurement of ours.
func (v Verdict) needsOurs() bool {
	return !slices.Contains([]Verdict{Impossible, Contradictory, NotRecoverable}, v)
}

// JudgeDB compares errors in decibels, where lower is better. Ours agrees when it reaches
// 95 % of the published decibels, and in part from 80 % on; trivial, an error that a model
// without learning reaches, decides first (NaN: there is none).
func JudgeDB(published, ours, trivial float64) Verdict {
	switch {
	case trivial <= published:
		return TrivialModel
	case ours <= 0.95*published:
		return Holds
	case ours <= 0.8*published:
		return HoldsInPart
	}
	return NotReached
}

// JudgeFactor compares losses that are read off a logarithmic axis: within a factor of the
// published one they agree. For a method without training, which cannot be better than it
// is, a loss that is lower by more than the factor says that the problems are others.
func JudgeFactor(published, ours, factor float64, untrained bool) Verdict {
	switch {
	case ours > factor*published:
		return NotReached
	case untrained && ours < published/factor:
		return NotRecoverable
	}
	return Holds
}

func verdictNames() string {
	var names []string
	for _, v := range Verdicts() {
		names = append(names, strconv.Quote(string(v)))
	}
	return strings.Join(names, ", ")
}
