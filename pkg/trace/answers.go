package trace

import (
	"fmt"
	"math"
	"slices"
)

// Lowest returns the lowest mean of a name on the way, +Inf where no mean is a number.
func (r *Results) Lowest(name string) float64 {
	lowest := math.Inf(1)
	for k := range r.steps(name) + 1 {
		if m := r.Mean(name, k); m < lowest { // false for NaN
			lowest = m
		}
	}
	return lowest
}

// Over returns how many times as many steps a needs as b until the mean is at most level.
// Where a never gets there it is what all steps of a amount to, so the answer is "at
// least"; where b never does it is NaN.
func (r *Results) Over(a, b string, level float64) float64 {
	mine, theirs := r.First(a, level), r.First(b, level)
	switch {
	case theirs < 0:
		return math.NaN()
	case mine < 0:
		mine = r.steps(a)
	}
	return float64(mine) / float64(theirs)
}

// Reached returns the steps and the oracle calls of each run of a name until its own value
// is at most level, +Inf where that never is, or the certificate of its problem leaves it
// open, as in [Results.First].
func (r *Results) Reached(name string, level float64) (steps, calls []float64) {
	for _, run := range r.runs(name) {
		slack := 0.0
		if run.Problem < len(r.Precision) && r.Precision[run.Problem] > 0 { // false for NaN
			slack = r.Precision[run.Problem]
		}
		k := slices.IndexFunc(run.Values, func(v float64) bool { return atMost(v, slack) <= level })
		if k < 0 {
			steps, calls = append(steps, math.Inf(1)), append(calls, math.Inf(1))
			continue
		}
		steps, calls = append(steps, float64(k)), append(calls, float64(run.Calls[k]))
	}
	return steps, calls
}

// Rise returns the largest rise in one step over all runs of a name: 0 for a method that
// never goes up, +Inf where a run diverges.
func (r *Results) Rise(name string) float64 {
	var rise float64
	for _, run := range r.runs(name) {
		for k := range run.Values[1:] {
			up := run.Values[k+1] - run.Values[k]
			if k+1 == run.Diverged {
				up = math.Inf(1)
			}
			if up > rise { // false for NaN
				rise = up
			}
		}
	}
	return rise
}

// Above returns how many runs of a name, or instances where the measure knows them, end
// above a level: stuck, or left behind. Those that diverge are among them.
func (r *Results) Above(name string, level float64) int {
	var n int
	for _, v := range r.each(name, r.step(name, -1)) {
		if !(v <= level) { // NaN too
			n++
		}
	}
	return n
}

// Best returns for each problem the lowest end of the first n runs of a name, +Inf where
// all diverge: what restarts bring, where entries of one name begin at different starts.
func (r *Results) Best(name string, n int) []float64 {
	return r.lowestOn(name, n, func(v []float64) []float64 { return v[len(v)-1:] })
}

// LowestOn returns for each problem the lowest value of a name after its first step or
// later, +Inf where there is none.
func (r *Results) LowestOn(name string) []float64 {
	return r.lowestOn(name, math.MaxInt, func(v []float64) []float64 { return v[1:] })
}

// lowestOn is the lowest of a part of the values of the first n runs of each problem.
func (r *Results) lowestOn(name string, n int, of func(values []float64) []float64) []float64 {
	runs := r.runs(name)
	problems := runs[len(runs)-1].Problem + 1
	lowest, seen := slices.Repeat([]float64{math.Inf(1)}, problems), make([]int, problems)
	for _, run := range runs {
		if seen[run.Problem]++; seen[run.Problem] > n {
			continue
		}
		for _, v := range of(run.Values) {
			if v < lowest[run.Problem] { // false for NaN
				lowest[run.Problem] = v
			}
		}
	}
	return lowest
}

// Against returns on how many problems the first run of a ends lower than that of b by
// more than so much, and on how many higher. Both have to have run on the same problems.
func (r *Results) Against(a, b string, by float64) (lower, higher int) {
	mine, theirs := r.Best(a, 1), r.Best(b, 1)
	if len(mine) != len(theirs) {
		panic(fmt.Sprintf("trace: Against: %q ran on %d problems and %q on %d", a, len(mine), b, len(theirs)))
	}
	for i, v := range mine {
		switch {
		case v < theirs[i]-by:
			lower++
		case v > theirs[i]+by:
			higher++
		}
	}
	return lower, higher
}

// SecondsPerStep returns the seconds of a step of a name in the run that took the least:
// the least disturbed one. It means something after a race with Config.Timed.
func (r *Results) SecondsPerStep(name string) float64 {
	n, least := r.steps(name), math.Inf(1)
	for _, run := range r.runs(name) {
		least = min(least, run.Seconds[n]/float64(n))
	}
	return least
}
