package kernelext

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
)

// A Sample is one box of a box plot: values of one method over seeds or instances.
type Sample struct {
	Name   string    // below the box; some twenty letters fit
	Values []float64 // one of each seed or instance
}

// Box shows samples, or the runs of a race at one step, side by side: median, quartiles, whiskers to the last value
// within 1.5 times the distance of the quartiles, and the values beyond them.
// y is logarithmic unless Axes.Linear; values below Axes.Floor stand at it, and
// values that are not finite are counted under the figure.
func Box[T []Sample | *trace.Results](caption string, what T, a Axes) {
	s, err := boxes(samplesOf(what, a))
	show(caption, s, err)
}

func boxes(samples []Sample, a Axes) (*draw.Scene, error) {
	if len(samples) == 0 {
		return nil, errEmpty
	}
	s := &draw.Scene{Kind: "Box plot", Note: a.Note, X: draw.Axis{Name: a.X}, Y: draw.Axis{Name: cmp.Or(a.Y, "relative gap"), Log: !a.Linear}}
	names := make([]string, len(samples))
	for i, p := range samples {
		names[i] = p.Name
	}
	s.X.Labels = names
	c := clamp{axis: s.Y, floor: cmp.Or(a.Floor, 1e-16), unproven: a.unproven}
	var ys draw.Span
	for i, lk := range draw.Looks(names) {
		var vs []float64
		for _, v := range samples[i].Values {
			if y, _ := c.at(v); draw.Finite(v, y) {
				vs = append(vs, y)
			}
		}
		if lost := len(samples[i].Values) - len(vs); lost > 0 {
			s.Note = joinNotes(s.Note, fmt.Sprintf("%d of %d values of %s are not finite.", lost, len(samples[i].Values), names[i]))
		}
		if len(vs) == 0 {
			return nil, fmt.Errorf("sample %q has no finite value", names[i])
		}
		b := summary(vs)
		b.Look = lk
		s.Boxes = append(s.Boxes, b)
		ys.See(vs...)
	}
	for _, m := range a.Marks {
		if v := s.Y.At(m.at); !m.vertical && !math.IsNaN(v) {
			s.Marks = append(s.Marks, draw.Mark{Name: m.name, At: v})
			ys.See(v)
		}
	}
	s.X.Fit(0, 0)
	s.Y.Fit(ys.Lo, ys.Hi)
	c.name(&s.Y)
	s.Words = func() (says, table string) {
		var rows [][]string
		for i, b := range s.Boxes {
			row := []string{names[i], draw.Num(float64(b.N))}
			for _, v := range b.Five {
				row = append(row, s.Y.Num(s.Y.Value(v)))
			}
			rows = append(rows, row)
		}
		return fmt.Sprintf("%s of %d samples.", s.Y.Name, len(samples)),
			grid([]string{"sample", "values", "low", "quartile", "median", "quartile", "high"}, rows)
	}
	return s, nil
}

// summary sorts vs and finds the box.
func summary(vs []float64) draw.Box {
	slices.Sort(vs)
	q1, median, q3 := trace.Quantile(vs, .25), trace.Quantile(vs, .5), trace.Quantile(vs, .75)
	reach := 1.5 * (q3 - q1)
	b := draw.Box{N: len(vs), Five: [5]float64{q1, q1, median, q3, q3}}
	for _, v := range vs {
		if v < q1-reach || v > q3+reach {
			b.Out = append(b.Out, v)
			continue
		}
		b.Five[0], b.Five[4] = min(b.Five[0], v), max(b.Five[4], v)
	}
	return b
}
