package trace

import (
	"fmt"
	"math"
)

// A Column is one number of each method, as text.
type Column struct {
	Head string
	Of   func(r *Results, name string) string
}

// Table lists the methods, one in each row. Its notes name the entries that could not run
// and say so where no certificate backs the numbers, where a gap is not relative, and where
// methods were measured on different problems.
func (r *Results) Table(columns ...[]Column) Table {
	t := Table{Header: []string{r.Measure}}
	if !r.Ratio {
		t.Header[0] = "mean " + r.Measure
	}
	if r.Unit != "" {
		t.Header[0] += " in " + r.Unit
	}
	for _, name := range r.Names {
		t.Rows = append(t.Rows, []string{name})
	}
	for _, group := range columns {
		for _, c := range group {
			t.Header = append(t.Header, c.Head)
			for i, name := range r.Names {
				t.Rows[i] = append(t.Rows[i], c.Of(r, name))
			}
		}
	}
	t.Notes = append(t.Notes, r.Refused...)
	switch floor := r.Floor(); {
	case !(floor <= 1e-3):
		t.Notes = append(t.Notes, r.Note())
	case r.absolutes() != "":
		t.Notes = append(t.Notes, r.absolutes())
	}
	if odd := r.apart(); odd != "" {
		t.Notes = append(t.Notes, odd)
	}
	return t
}

// After lists the mean after so many steps, "–" where a race is shorter. A mean that the
// precision of F* leaves open is shown as [Results.Show] has it.
func After(ks ...int) []Column {
	return columns(ks, func(k int) string { return fmt.Sprint("after ", k) }, func(r *Results, name string, k int) string {
		if k > r.steps(name) {
			return never
		}
		return r.Show(r.Mean(name, k))
	})
}

// To lists the first step at which the mean is at most a level: "–" where there is none, or
// the precision of F* does not tell, "≥" where no certificate proves F*, and "diverges" where
// the mean ends at more than ten times its start, or at no number.
func To(levels ...float64) []Column {
	return columns(levels, func(l float64) string { return fmt.Sprintf("steps to %g", l) }, func(r *Results, name string, l float64) string {
		k := r.First(name, l)
		switch end := r.Mean(name, -1); {
		case math.IsNaN(end), !r.Linear && !(end < 10*r.Mean(name, 0)):
			return "diverges"
		case k < 0:
			return never
		}
		return r.atLeast() + fmt.Sprint(k)
	})
}

// CallsTo lists the mean over runs of the oracle calls until their own values are at most
// a level, "–" where not all get there.
func CallsTo(levels ...float64) []Column {
	return columns(levels, func(l float64) string { return fmt.Sprintf("oracle calls to %g", l) }, func(r *Results, name string, l float64) string {
		_, calls := r.Reached(name, l)
		if m := Mean(calls); !math.IsInf(m, 0) {
			return r.atLeast() + fmt.Sprintf("%.1f", m)
		}
		return never
	})
}

// Ends lists the mean of the ends of all runs and its standard error.
func Ends() []Column {
	return []Column{{"end ± standard error", func(r *Results, name string) string {
		mean, se := MeanError(r.At(name, -1))
		return fmt.Sprintf("%s ± %.2g", r.Show(mean), se)
	}}}
}

// Spread lists the median of the ends of all runs, and their 10 % and 90 % quantile.
func Spread() []Column {
	return []Column{{"median end, 10–90 %", func(r *Results, name string) string {
		q := func(q float64) string { return r.Show(r.Quantile(name, -1, q)) }
		return fmt.Sprintf("%s, %s to %s", q(0.5), q(0.1), q(0.9))
	}}}
}

// Stuck lists how many runs end above a level, "3 of 50", with "≥" where F* is not known so
// well.
func Stuck(above float64) []Column {
	return []Column{{fmt.Sprintf("end above %g", above), func(r *Results, name string) string {
		least := r.atLeast()
		if floor := r.Floor(); r.Precision != nil && floor >= above {
			least = "≥ "
		}
		return fmt.Sprintf("%s%d of %d", least, r.Above(name, above), len(r.each(name, 0)))
	}}}
}

const never = "–"

func columns[T any](of []T, head func(T) string, cell func(r *Results, name string, x T) string) []Column {
	var all []Column
	for _, x := range of {
		all = append(all, Column{head(x), func(r *Results, name string) string { return cell(r, name, x) }})
	}
	return all
}

// Show prints a value of the measure as far as F* is known: "≤" what it may be at most where
// it is below the precision of F*, "≥" where it may be larger by more than its digits show,
// or no certificate proves F*, and "unproven" where it then is 0, which is all that is left
// of the lowest value.
func (r *Results) Show(v float64) string {
	floor := r.Floor()
	switch {
	case r.Precision == nil, math.IsNaN(v), math.IsInf(v, 0):
		return Number(v)
	case math.IsNaN(floor) && v == 0:
		return "unproven"
	case v < floor:
		return "≤ " + oneDigitUp(atMost(v, floor))
	case math.IsNaN(floor), !(atMost(v, floor) <= 1.005*v) && v > 0:
		return "≥ " + Number(v)
	}
	return Number(v)
}

// atLeast marks counts of steps that may be larger, where no certificate proves F*.
func (r *Results) atLeast() string {
	if r.Precision != nil && math.IsNaN(r.Floor()) {
		return "≥ "
	}
	return ""
}

// oneDigitUp rounds up to one digit, but for rounding itself.
func oneDigitUp(x float64) string {
	if unit := math.Pow(10, math.Floor(math.Log10(x))); unit > 0 && !math.IsInf(unit, 0) {
		x = math.Ceil(x/unit*(1-1e-9)) * unit
	}
	return fmt.Sprintf("%.0e", x)
}
