package trace

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Run is one rule on one problem.
type Run struct {
	Problem  int             // its number in the race
	Values   []float64       // the measure after 0, 1, … steps; NaN from where it was no longer finite
	Each     [][]float64     // the same of each instance, after each step, for measures with Parts
	F        []float64       // F there; nil where the measure is not made of F
	Calls    []int           // oracle calls (see optimizee.Calls.Oracle) that led to each point
	Seconds  []float64       // spent in the rule until then
	Diverged int             // the step at which F or the measure was no longer finite; 0 when it always was
	Last     optimizee.Point `json:"-"` // the last point before that; not kept on disk
}

// Results holds what a race measured. In all answers a level that is never reached is −1
// where steps are counted and +Inf where sizes are; a run that diverged is +Inf where
// runs are ranked and makes a mean NaN; a name that did not run panics.
type Results struct {
	Names     []string             // of the entries that ran, in order, each once
	Runs      [][]Run              // for each name: one run for each problem and each entry of the name, by problem
	Refused   []string             // for each entry that did not start, or not on all problems: its name, on how many, and the oracle it misses
	Measure   string               // what Values are
	Unit      string               // of them
	Linear    bool                 // not for a logarithmic axis
	Problems  int                  // how many
	Steps     int                  // of the longest run
	Optima    []Optimum            // for each problem, where the measure needs F*
	Precision []float64            // how far the values of each problem may be off, since F* is known so well: a v by s·(1 + v); NaN when nothing proves it
	Pooled    map[string][]float64 // for each name the measure of all problems after each step, where these are made of instances
	Ratio     bool                 // Pooled is a ratio of sums over the instances, and not their mean
	Bandless  []string             // names whose curves have no band

	medians bool `json:"-"` // what Curves draws
}

// An Axis is what a curve is drawn over.
type Axis int

// The axes of a race.
const (
	Iterations  Axis = iota
	OracleCalls      // values, gradients and block solutions that the rule asked for
	Seconds          // meaningful after a race with Config.Timed
)

func (a Axis) String() string {
	switch a {
	case Iterations:
		return "iterations"
	case OracleCalls:
		return "oracle calls"
	case Seconds:
		return "seconds"
	}
	return fmt.Sprintf("Axis(%d)", int(a))
}

// Values returns, for a name, the measure of every run after 0, 1, … steps.
func (r *Results) Values(name string) [][]float64 {
	var all [][]float64
	for _, run := range r.runs(name) {
		all = append(all, run.Values)
	}
	return all
}

func (r *Results) runs(name string) []Run { return r.Runs[r.index(name)] }

func (r *Results) index(name string) int {
	n := slices.Index(r.Names, name)
	if n < 0 {
		panic(fmt.Sprintf("trace: no run of %q; there are %q", name, r.Names))
	}
	return n
}

// steps is how many a name took: fewer than Steps where races of different lengths were
// joined.
func (r *Results) steps(name string) int { return len(r.runs(name)[0].Values) - 1 }

// step checks a number of steps; negative ones count from the end.
func (r *Results) step(name string, k int) int {
	n := r.steps(name)
	if k < 0 {
		k += n + 1
	}
	if k < 0 || k > n {
		panic(fmt.Sprintf("trace: step %d of a race of %d steps", k, n))
	}
	return k
}

// At returns the measure of every run of a name after k steps; k = −1 is the end.
func (r *Results) At(name string, k int) []float64 {
	k = r.step(name, k)
	var at []float64
	for _, run := range r.runs(name) {
		at = append(at, run.Values[k])
	}
	return at
}

// Mean returns the mean of a name over all runs after k steps; k = −1 is the end. For a
// measure with Parts it is the ratio of the sums over all instances.
func (r *Results) Mean(name string, k int) float64 {
	k = r.step(name, k)
	if pooled := r.Pooled[name]; pooled != nil {
		return pooled[k]
	}
	return Mean(r.At(name, k))
}

// Quantile returns the q-quantile of all runs of a name after k steps: 0.5 the median, 1
// the worst run. k = −1 is the end.
func (r *Results) Quantile(name string, k int, q float64) float64 {
	return Quantile(r.At(name, k), q)
}

// First returns the first step at which the mean of a name is at most level, −1 when
// there is none. Where certificates leave open whether it is, it is not, so that no answer
// lies below [Results.Floor]; without certificates it is the first step at which it may be,
// and [Results.Source] says so.
func (r *Results) First(name string, level float64) int {
	slack := 0.0
	if floor := r.Floor(); floor > 0 { // false for NaN
		slack = floor
	}
	for k := range r.steps(name) + 1 {
		if atMost(r.Mean(name, k), slack) <= level {
			return k
		}
	}
	return -1
}

// Floor is the precision to which the optima are certified, the largest over the
// problems and in the unit of the measure: values below it mean nothing. It is NaN
// without certificates, and 0 for a measure that needs no F*.
func (r *Results) Floor() float64 {
	var floor float64
	for _, width := range r.Precision {
		floor = max(floor, width) // NaN when either is
	}
	return floor
}

// Note says what the curves are and where F* comes from: the small print below a figure.
func (r *Results) Note() string {
	fewest, most, of := math.MaxInt, 0, "problems"
	for _, runs := range r.Runs {
		n := runs[len(runs)-1].Problem + 1
		if r.Pooled != nil {
			if runs[0].Each == nil { // measured before
				continue
			}
			n, of = n*len(runs[0].Each[0]), "instances"
		}
		fewest, most = min(fewest, n), max(most, n)
	}
	over := fmt.Sprint(most, " ", of)
	if fewest < most {
		over = fmt.Sprintf("%d to %s", fewest, over)
	}
	band := " and 10–90 % band"
	if !slices.ContainsFunc(r.Names, func(name string) bool { return !slices.Contains(r.Bandless, name) }) {
		band = ""
	}
	var note string
	switch {
	case r.medians && (most > 1 || r.Pooled != nil):
		note = "Median" + band + " over " + over + ". "
	case r.medians:
	case r.Ratio:
		note = "Ratio of sums" + band + " over " + over + ". "
	case most > 1 || r.Pooled != nil:
		note = "Mean" + band + " over " + over + ". "
	}
	return strings.TrimSpace(note + r.Source())
}

// Source says where F* comes from, and where it cannot be told from zero; "" for a measure
// that needs none.
func (r *Results) Source() string {
	if r.Precision == nil {
		return ""
	}
	return strings.TrimSpace(r.absolutes() + " " + source(r.Floor(), "race"))
}

// source says how well F* is known after a race or a search.
func source(floor float64, in string) string {
	switch {
	case floor > 1e-3:
		return fmt.Sprintf("F* is known only to %.0e by the duality gap.", floor)
	case !math.IsNaN(floor):
		return fmt.Sprintf("F* is certified by the duality gap, to %.0e.", floor)
	}
	return "F* is the lowest value seen in this " + in + ", which is no proof."
}

// absolutes says where gaps are not relative, "" where all are.
func (r *Results) absolutes() string {
	if !strings.Contains(r.Measure, Gap.Name) {
		return ""
	}
	return notRelative(r.Optima)
}

func notRelative(optima []Optimum) string {
	n := 0
	for _, o := range optima {
		if o.Absolute() {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case len(optima):
		return "F* cannot be told from 0, so the gap is F − F*, not relative."
	}
	return fmt.Sprintf("On %d of %d problems F* cannot be told from 0, and the gap there is F − F*, not relative.", n, len(optima))
}

// apart says that methods were measured on different problems, "" where they were on the
// same: as many, with the same values at their starts.
func (r *Results) apart() string {
	var first []Run
	for _, runs := range r.Runs {
		switch n := len(runs[0].Values) - 1; {
		case runs[0].Calls[n] == 0 && runs[0].Seconds[n] == 0: // measured before: see Known
		case first == nil:
			first = runs
		case !sameProblems(first, runs):
			return "These methods were not all measured on the same problems."
		}
	}
	return ""
}

func sameProblems(a, b []Run) bool {
	starts := func(runs []Run) map[int]float64 {
		at := map[int]float64{}
		for _, r := range runs {
			if at[r.Problem] = r.Values[0]; r.F != nil {
				at[r.Problem] = r.F[0]
			}
		}
		return at
	}
	return maps.EqualFunc(starts(a), starts(b), func(x, y float64) bool { return x == y || x != x && y != y })
}

// centre is what the curve of a name has after k steps.
func (r *Results) centre(name string, k int) float64 {
	if r.medians {
		return Median(r.each(name, k))
	}
	return r.Mean(name, k)
}

// Curves returns for each name the mean over x, or the median of [Results.Medians], with the
// band from the 10 % to the 90 % quantile of the runs, or of the instances, when there are
// several.
func (r *Results) Curves(x Axis) []Curve {
	curves := make([]Curve, len(r.Names))
	for n, name := range r.Names {
		c := Curve{Name: name}
		for k := range r.steps(name) + 1 {
			c.X, c.Y = append(c.X, r.at(n, k, x)), append(c.Y, r.centre(name, k))
			if slices.Contains(r.Bandless, name) {
				continue
			}
			if all := r.each(name, k); len(all) > 1 {
				c.Lo, c.Hi = append(c.Lo, Quantile(all, 0.1)), append(c.Hi, Quantile(all, 0.9))
			}
		}
		if d, first := r.diverged(n); d > 0 {
			c.Note = fmt.Sprintf("diverged at %d", first)
			if len(r.Runs[n]) > 1 {
				c.Note = fmt.Sprintf("%d of %d diverged, the first at %d", d, len(r.Runs[n]), first)
			}
		}
		curves[n] = c
	}
	return curves
}

// each are all instances of a name after k steps, or all runs where the measure knows no
// instances.
func (r *Results) each(name string, k int) (all []float64) {
	for _, run := range r.runs(name) {
		if run.Each == nil {
			all = append(all, run.Values[k])
			continue
		}
		all = append(all, run.Each[k]...)
	}
	return all
}

// at is the mean place of step k on the axis.
func (r *Results) at(n, k int, x Axis) float64 {
	var s float64
	for _, run := range r.Runs[n] {
		switch x {
		case OracleCalls:
			s += float64(run.Calls[k])
		case Seconds:
			s += run.Seconds[k]
		case Iterations:
			s += float64(k)
		}
	}
	return s / float64(len(r.Runs[n]))
}

func (r *Results) diverged(n int) (count, first int) {
	for _, run := range r.Runs[n] {
		if run.Diverged > 0 {
			if count++; first == 0 || run.Diverged < first {
				first = run.Diverged
			}
		}
	}
	return count, first
}
