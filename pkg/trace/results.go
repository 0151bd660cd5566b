package trace

import (
	"fmt"
	"math"
	"slices"
)

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

// Gaps returns, for a name, the relative gap (F − F*)/|F*| of every run at every step.
func (r *Results) Gaps(name string) [][]float64 {
	n := r.index(name)
	gaps := make([][]float64, len(r.Runs[n]))
	for i, run := range r.Runs[n] {
		gaps[i] = make([]float64, len(run.F))
		for k, f := range run.F {
			gaps[i][k] = r.Optima[r.problem[n][i]].Relative(f)
		}
	}
	return gaps
}

func (r *Results) index(name string) int {
	n := slices.Index(r.Names, name)
	if n < 0 {
		panic(fmt.Sprintf("trace: no run of %q; there are %q", name, r.Names))
	}
	return n
}

// Mean returns the mean relative gap of a name after k steps.
func (r *Results) Mean(name string, k int) float64 {
	if k < 0 || k > r.Steps {
		panic(fmt.Sprintf("trace: step %d of a race of %d steps", k, r.Steps))
	}
	var s float64
	gaps := r.Gaps(name)
	for _, g := range gaps {
		s += g[k]
	}
	return s / float64(len(gaps))
}

// First returns the first step at which the mean relative gap of a name is at most
// level, −1 when there is none.
func (r *Results) First(name string, level float64) int {
	for k := range r.Steps + 1 {
		if r.Mean(name, k) <= level {
			return k
		}
	}
	return -1
}

// Floor is the precision to which the gaps are certified, the largest over the
// problems: gaps below it mean nothing. NaN without certificates.
func (r *Results) Floor() float64 {
	var floor float64
	for _, o := range r.Optima {
		width := o.Certificate
		if size := math.Abs(o.F); width < size {
			width /= size
		}
		floor = max(floor, width) // NaN when either is
	}
	return floor
}

// Note says what the curves are and where F* comes from: the small print below a figure.
func (r *Results) Note() string {
	var note string
	if n := len(r.Optima); n > 1 {
		note = fmt.Sprintf("Mean and 10–90 %% band over %d problems. ", n)
	}
	switch floor := r.Floor(); {
	case floor > 1e-3:
		return note + fmt.Sprintf("F* is known only to %.0e by the duality gap.", floor)
	case !math.IsNaN(floor):
		return note + fmt.Sprintf("F* is certified by the duality gap, to %.0e.", floor)
	}
	return note + "F* is the lowest value seen in this race, which is no proof."
}

// Curves returns for each name the mean relative gap over x, with the band from the
// 10 % to the 90 % quantile of the runs when there are several.
func (r *Results) Curves(x Axis) []Curve {
	curves := make([]Curve, len(r.Names))
	for n, name := range r.Names {
		c := Summary(name, r.Gaps(name))
		for k := range c.X {
			c.X[k] = r.at(n, k, x)
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

// Summary returns the mean of several runs at each step, and the band from their
// 10 % to their 90 % quantile when there are several. A run that is not finite at a
// step makes the mean of that step not finite; quantiles count it as the largest.
func Summary(name string, runs [][]float64) Curve {
	c := Curve{Name: name}
	if len(runs) == 0 {
		return c
	}
	at := make([]float64, len(runs))
	for k := range runs[0] {
		var s float64
		for i, run := range runs {
			s += run[k]
			if at[i] = run[k]; math.IsNaN(at[i]) {
				at[i] = math.Inf(1)
			}
		}
		c.X, c.Y = append(c.X, float64(k)), append(c.Y, s/float64(len(runs)))
		if len(runs) > 1 {
			slices.Sort(at)
			c.Lo, c.Hi = append(c.Lo, Quantile(at, 0.1)), append(c.Hi, Quantile(at, 0.9))
		}
	}
	return c
}

// Quantile interpolates the q-quantile of ascending numbers linearly, NaN of none.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	t := q * float64(len(sorted)-1)
	i := min(int(t), len(sorted)-1)
	if frac := t - float64(i); frac > 0 && sorted[i] != sorted[i+1] { // equal infinities have no difference
		return sorted[i] + frac*(sorted[i+1]-sorted[i])
	}
	return sorted[i]
}

// Table lists the mean relative gap of each name after the given steps. Its notes name
// the entries that could not run and say when no certificate backs the gaps.
func (r *Results) Table(steps ...int) Table {
	t := Table{Header: []string{"k"}}
	for _, k := range steps {
		t.Header = append(t.Header, fmt.Sprint(k))
	}
	for _, name := range r.Names {
		row := []string{name}
		for _, k := range steps {
			row = append(row, Number(r.Mean(name, k)))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, err := range r.Refused {
		t.Notes = append(t.Notes, err.Error())
	}
	if math.IsNaN(r.Floor()) {
		t.Notes = append(t.Notes, r.Note())
	}
	return t
}
