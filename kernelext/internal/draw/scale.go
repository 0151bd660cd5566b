package draw

import (
	"math"
	"strconv"
	"strings"
)

// An Axis maps data to axis coordinates. A logarithmic axis is a linear axis of
// log10 values that labels its ticks as powers of ten: decades and ticks are
// then ours in both renderers, and no logarithm ever sees a zero.
type Axis struct {
	Name   string
	Log    bool
	Lo, Hi float64  // in axis coordinates
	Step   float64  // between ticks
	Labels []string // of a category axis, at 0, 1, 2, …

	// Floor and Top are the values of a logarithmic axis at which what lies beyond is drawn,
	// 0 where there is none. AtLeast says that all values are lower bounds.
	Floor, Top float64
	AtLeast    bool
}

// At is the axis coordinate of v, NaN where v has none.
func (a Axis) At(v float64) float64 {
	if a.Log {
		if v <= 0 {
			return math.NaN()
		}
		v = math.Log10(v)
	}
	if math.Abs(v) > 1e300 { // infinities, and what would overflow in the arithmetic of ticks
		return math.NaN()
	}
	return v
}

// Fit makes the axis cover the given coordinates: a logarithmic one in whole
// decades, a linear one from tick to tick.
func (a *Axis) Fit(lo, hi float64) {
	switch {
	case a.Labels != nil:
		a.Lo, a.Hi, a.Step = -.5, float64(len(a.Labels))-.5, 1
		return
	case a.Log:
		lo, hi = math.Floor(lo+1e-9), math.Ceil(hi-1e-9)
		if lo == hi {
			lo, hi = lo-1, hi+1
		}
		a.Step = math.Ceil((hi - lo) / 9)
		a.Lo, a.Hi = floorTo(lo, a.Step), hi
		return
	default:
		if hi-lo <= 1e-12*max(math.Abs(lo), math.Abs(hi)) {
			pad := max(math.Abs(lo)/2, .5)
			lo, hi = lo-pad, hi+pad
		}
		a.Step = niceStep((hi - lo) / 5)
		for next := niceStep((ceilTo(hi, a.Step) - floorTo(lo, a.Step)) / 5); next > a.Step; {
			a.Step = next
			next = niceStep((ceilTo(hi, a.Step) - floorTo(lo, a.Step)) / 5)
		}
	}
	a.Lo, a.Hi = floorTo(lo, a.Step), ceilTo(hi, a.Step)
}

func floorTo(v, step float64) float64 { return math.Floor(v/step+1e-9) * step }
func ceilTo(v, step float64) float64  { return math.Ceil(v/step-1e-9) * step }

// niceStep rounds to 1, 2, 3 or 5 times a power of ten, as ECharts does, so that
// its ticks meet the ends that Fit chose.
func niceStep(v float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, c := range []struct{ below, step float64 }{{1.5, 1}, {2.5, 2}, {4, 3}, {7, 5}} {
		if v/p < c.below {
			return c.step * p
		}
	}
	return 10 * p
}

// Ticks lists the labelled coordinates.
func (a Axis) Ticks() []float64 {
	var ts []float64
	for k := math.Ceil(a.Lo/a.Step - 1e-9); k*a.Step <= a.Hi+1e-9*a.Step && len(ts) < 100; k++ {
		ts = append(ts, k*a.Step)
	}
	return ts
}

func powerOfTen(e int) string {
	digits := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	switch e {
	case 0:
		return "1"
	case 1:
		return "10"
	}
	return "10" + digits.Replace(strconv.Itoa(e))
}

// Span is the range of what it was shown; the zero span has seen nothing.
type Span struct {
	Lo, Hi float64
	Any    bool
}

// See widens the span; NaN and infinities do not count.
func (s *Span) See(vs ...float64) {
	for _, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if !s.Any {
			*s = Span{v, v, true}
		}
		s.Lo, s.Hi = min(s.Lo, v), max(s.Hi, v)
	}
}

// Thin picks at most n of the indices 0 … total-1, evenly in log(1+i): dense at
// the start, where curves are steep. The first and the last are always there.
func Thin(total, n int) []int {
	keep := make([]int, 0, min(total, n))
	if total <= n {
		for i := range total {
			keep = append(keep, i)
		}
		return keep
	}
	for j := range n {
		i := int(math.Round(math.Expm1(math.Log(float64(total)) * float64(j) / float64(n-1))))
		if i = min(i, total-1); len(keep) == 0 || i > keep[len(keep)-1] {
			keep = append(keep, i)
		}
	}
	return keep
}

// Finite reports whether all numbers are.
func Finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
