package trace

import (
	"fmt"
	"slices"
)

// A Curve is one line of a figure: y over x, with an optional band.
type Curve struct {
	Name   string    // the method; it decides the colour
	X      []float64 // iterations, oracle calls or seconds, ascending
	Y      []float64 // one value per x; NaN and Inf are data (a run that diverged)
	Lo, Hi []float64 // the band around Y; both nil when there is none
	Note   string    // what the reader must know, such as "diverged at 31"; "" when nothing
}

// Line is y over 0, 1, ….
func Line(name string, y []float64) Curve { return Summary(name, [][]float64{y}) }

// Function is f at the given places, in ascending order; see [Grid].
func Function(name string, xs []float64, f func(x float64) float64) Curve {
	c := Curve{Name: name, X: slices.Clone(xs)}
	if f == nil {
		panic(fmt.Sprintf("trace: Function: there is no function for %q", name))
	}
	for _, x := range xs {
		c.Y = append(c.Y, f(x))
	}
	return c
}

// Band is the mean of samples[i] at xs[i], with the band from their 10 % to their 90 %
// quantile where there are several.
func Band(name string, xs []float64, samples [][]float64) Curve {
	if len(xs) != len(samples) {
		panic(fmt.Sprintf("trace: Band of %q: %d places and samples at %d", name, len(xs), len(samples)))
	}
	c := Curve{Name: name, X: slices.Clone(xs)}
	several := slices.ContainsFunc(samples, func(s []float64) bool { return len(s) > 1 })
	for _, s := range samples {
		c.Y = append(c.Y, Mean(s))
		if several {
			c.Lo, c.Hi = append(c.Lo, Quantile(s, 0.1)), append(c.Hi, Quantile(s, 0.9))
		}
	}
	return c
}

// MedianBand is the median in the place of the mean, which outliers do not move out of
// the band.
func MedianBand(name string, xs []float64, samples [][]float64) Curve {
	c := Band(name, xs, samples)
	for i, s := range samples {
		c.Y[i] = Median(s)
	}
	return c
}

// Summary returns the mean of several runs after 0, 1, … steps, and the band from their
// 10 % to their 90 % quantile when there are several. A run that is not finite at a
// step makes the mean of that step not finite; quantiles count it as the largest.
func Summary(name string, runs [][]float64) Curve {
	if len(runs) == 0 {
		return Curve{Name: name}
	}
	xs, samples := make([]float64, len(runs[0])), make([][]float64, len(runs[0]))
	for k := range xs {
		xs[k] = float64(k)
		for _, run := range runs {
			if len(run) != len(xs) {
				panic(fmt.Sprintf("trace: Summary of %q: runs of %d and of %d numbers", name, len(xs), len(run)))
			}
			samples[k] = append(samples[k], run[k])
		}
	}
	return Band(name, xs, samples)
}
