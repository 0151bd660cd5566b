// Package check holds the tests that constructors make of their settings and data. Each
// returns an error that names what is wrong and what to do, or nil; errors.Join collects
// them.
package check

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
)

// That returns an error unless ok.
func That(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// Values refuses data with NaN or Inf.
func Values(what string, v ad.Value) error {
	for i, x := range v.Data {
		if !(math.Abs(x) <= math.MaxFloat64) { // one comparison, for matrices that are drawn all the time
			return fmt.Errorf("%s holds %g in row %d, column %d: remove or impute it", what, x, i/v.C, i%v.C)
		}
	}
	return nil
}

// Weight refuses a regularisation weight that is negative or not finite.
func Weight(lambda float64) error {
	return That(lambda >= 0 && !math.IsInf(lambda, 0), "λ = %g: a regularisation weight has to be finite and at least 0", lambda)
}

// Positive refuses settings that are not positive and finite.
func Positive(rule, names string, xs ...float64) error {
	return all(rule, names, "positive and finite", xs, func(x float64) bool { return x > 0 && !math.IsInf(x, 1) })
}

// Decay refuses weights of means and momenta outside of 0 ≤ x < 1.
func Decay(rule, names string, xs ...float64) error {
	return all(rule, names, "at least 0 and below 1", xs, func(x float64) bool { return 0 <= x && x < 1 })
}

// Inside refuses settings outside of 0 < x < 1.
func Inside(rule, names string, xs ...float64) error {
	return all(rule, names, "between 0 and 1", xs, func(x float64) bool { return 0 < x && x < 1 })
}

// Finite refuses settings that are NaN or infinite.
func Finite(rule, names string, xs ...float64) error {
	return all(rule, names, "finite", xs, func(x float64) bool { return IsFinite(x) })
}

// IsFinite reports whether none of the numbers is NaN or infinite.
func IsFinite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

func all(rule, names, want string, xs []float64, ok func(float64) bool) error {
	for _, x := range xs {
		switch {
		case ok(x):
		case len(xs) == 1:
			return fmt.Errorf("%s: %s is %g: it has to be %s", rule, names, x, want)
		default:
			return fmt.Errorf("%s: %s = %s: all have to be %s", rule, names, strings.Trim(fmt.Sprint(xs), "[]"), want)
		}
	}
	return nil
}

// OneOf refuses a word that is not among those that a setting knows.
func OneOf[T ~string](rule, name string, got T, known ...T) error {
	if slices.Contains(known, got) {
		return nil
	}
	return fmt.Errorf("%s: %s is %q: there are %q", rule, name, got, known)
}

// Source reports that a rule has nothing to draw from.
func Source(rule, what string, rng *rand.Rand) error {
	if rng != nil {
		return nil
	}
	return fmt.Errorf("%s draws %s: give it a *rand.Rand", rule, what)
}
