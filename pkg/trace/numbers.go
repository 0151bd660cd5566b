package trace

import (
	"fmt"
	"math"
	"slices"
)

// Mean is the mean, NaN of none.
func Mean(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// MeanError returns the mean and its standard error √(Σ(v − mean)²/(n(n−1))), which is
// NaN for fewer than two numbers.
func MeanError(v []float64) (mean, se float64) {
	mean = Mean(v)
	for _, x := range v {
		se += (x - mean) * (x - mean)
	}
	n := float64(len(v))
	return mean, math.Sqrt(se / (n * (n - 1)))
}

// Median is the 0.5-quantile.
func Median(v []float64) float64 { return Quantile(v, 0.5) }

// Quantile interpolates the q-quantile of numbers in any order linearly. NaN counts as
// the largest; of no numbers it is NaN.
func Quantile(v []float64, q float64) float64 {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("trace: Quantile: q = %g lies outside of 0 to 1", q))
	}
	if len(v) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(v)
	for i, x := range sorted {
		if math.IsNaN(x) {
			sorted[i] = math.Inf(1)
		}
	}
	slices.Sort(sorted)
	t := q * float64(len(sorted)-1)
	i := min(int(t), len(sorted)-1)
	if frac := t - float64(i); frac > 0 && sorted[i] != sorted[i+1] { // equal infinities have no difference
		return sorted[i] + frac*(sorted[i+1]-sorted[i])
	}
	return sorted[i]
}

// ShareAbove is the share of numbers above a level, NaN among them.
func ShareAbove(v []float64, level float64) float64 {
	var n float64
	for _, x := range v {
		if !(x <= level) {
			n++
		}
	}
	return n / float64(len(v))
}

// Grid is n numbers from lo to hi in equal steps, or in equal ratios, both ends among
// them: places to draw a function at.
func Grid(lo, hi float64, n int, log bool) []float64 {
	if n < 0 {
		panic(fmt.Sprintf("trace: Grid: %d numbers", n))
	}
	if log {
		return Log("", lo, hi, n).Values
	}
	v := make([]float64, n)
	for i := range v { // not by Lin: whole numbers stay whole
		v[i] = lo + (hi-lo)*float64(i)/float64(max(n-1, 1))
	}
	return v
}
