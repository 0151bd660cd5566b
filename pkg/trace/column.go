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
// and say so where no certificate backs the numbers.
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
	if floor := r.Floor(); !(floor <= 1e-3) {
		t.Notes = append(t.Notes, r.Note())
	}
	return t
}

// After lists the mean after so many steps, "–" where a race is shorter. A mean below the
// precision of F* is shown as "≤" that.
func After(ks ...int) []Column {
	return columns(ks, func(k int) string { return fmt.Sprint("after ", k) }, func(r *Results, name string, k int) string {
		if k > r.steps(name) {
			return never
		}
		return r.number(r.Mean(name, k))
	})
}

// To lists the first step at which the mean is at most a level: "–" where there is none,
// "diverges" where the mean ends at more than ten times its start, or at no number.
func To(levels ...float64) []Column {
	return columns(levels, func(l float64) string { return fmt.Sprintf("steps to %g", l) }, func(r *Results, name string, l float64) string {
		k := r.First(name, l)
		switch end := r.Mean(name, -1); {
		case math.IsNaN(end), !r.Linear && !(end < 10*r.Mean(name, 0)):
			return "diverges"
		case k < 0:
			return never
		}
		return fmt.Sprint(k)
	})
}

// CallsTo lists the mean over runs of the oracle calls until their own values are at most
// a level, "–" where not all get there.
func CallsTo(levels ...float64) []Column {
	return columns(levels, func(l float64) string { return fmt.Sprintf("oracle calls to %g", l) }, func(r *Results, name string, l float64) string {
		_, calls := r.Reached(name, l)
		if m := Mean(calls); !math.IsInf(m, 0) {
			return fmt.Sprintf("%.1f", m)
		}
		return never
	})
}

// Ends lists the mean of the ends of all runs and its standard error.
func Ends() []Column {
	return []Column{{"end ± standard error", func(r *Results, name string) string {
		mean, se := MeanError(r.At(name, -1))
		return fmt.Sprintf("%s ± %.2g", Number(mean), se)
	}}}
}

// Spread lists the median of the ends of all runs, and their 10 % and 90 % quantile.
func Spread() []Column {
	return []Column{{"median end, 10–90 %", func(r *Results, name string) string {
		q := func(q float64) string { return r.number(r.Quantile(name, -1, q)) }
		return fmt.Sprintf("%s, %s to %s", q(0.5), q(0.1), q(0.9))
	}}}
}

// Stuck lists how many runs end above a level, "3 of 50".
func Stuck(above float64) []Column {
	return []Column{{fmt.Sprintf("end above %g", above), func(r *Results, name string) string {
		return fmt.Sprintf("%d of %d", r.Above(name, above), len(r.each(name, 0)))
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

// number prints a value, as far as the precision of F* goes.
func (r *Results) number(v float64) string {
	if floor := r.Floor(); r.Precision != nil && v < floor {
		return fmt.Sprintf("≤ %.0e", floor)
	}
	return Number(v)
}
