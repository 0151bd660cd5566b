package kernelext

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/trace"
)

// A Sample is one box of a box plot: values of one method over seeds or instances.
type Sample struct {
	Name   string
	Values []float64
}

// Box shows samples, or the runs of a race at one step, side by side: median, quartiles, whiskers to the last value
// within 1.5 times the distance of the quartiles, and the values beyond them.
// y is logarithmic unless Axes.Linear; values below Axes.Floor stand at it, and
// values that are not finite are counted under the figure.
func Box[T []Sample | *trace.Results](caption string, what T, a Axes) {
	s, err := boxes(samplesOf(what, a))
	show(caption, s, err)
}

func boxes(samples []Sample, a Axes) (*scene, error) {
	if len(samples) == 0 {
		return nil, errEmpty
	}
	s := &scene{kind: "Box plot", note: a.Note, x: axis{name: a.X}, y: axis{name: cmp.Or(a.Y, "relative gap"), log: !a.Linear}}
	names := make([]string, len(samples))
	for i, p := range samples {
		names[i] = p.Name
	}
	s.x.labels = names
	c := clamp{axis: s.y, floor: cmp.Or(a.Floor, 1e-16)}
	var ys span
	var table [][]string
	for i, lk := range looks(names) {
		var vs []float64
		for _, v := range samples[i].Values {
			if y, _ := c.at(v); finite(v, y) {
				vs = append(vs, y)
			}
		}
		if lost := len(samples[i].Values) - len(vs); lost > 0 {
			s.note = joinNotes(s.note, fmt.Sprintf("%d of %d values of %s are not finite.", lost, len(samples[i].Values), names[i]))
		}
		if len(vs) == 0 {
			return nil, fmt.Errorf("sample %q has no finite value", names[i])
		}
		b := summary(vs)
		b.look = lk
		s.boxes = append(s.boxes, b)
		ys.see(vs...)
		row := []string{names[i], num(float64(b.n))}
		for _, v := range b.five {
			if s.y.log {
				v = math.Pow(10, v)
			}
			row = append(row, num(v))
		}
		table = append(table, row)
	}
	for _, m := range a.Marks {
		if v := s.y.at(m.at); !m.vertical && !math.IsNaN(v) {
			s.marks = append(s.marks, mark{m.name, v, false})
			ys.see(v)
		}
	}
	s.x.fit(0, 0)
	if s.y.fit(ys.lo, ys.hi); c.touched {
		s.y.name += ", floor " + num(c.floor)
	}
	s.says = fmt.Sprintf("%s of %d samples.", s.y.name, len(samples))
	s.table = grid([]string{"sample", "values", "low", "quartile", "median", "quartile", "high"}, table)
	return s, nil
}

// summary sorts vs and finds the box.
func summary(vs []float64) box {
	slices.Sort(vs)
	q1, median, q3 := trace.Quantile(vs, .25), trace.Quantile(vs, .5), trace.Quantile(vs, .75)
	reach := 1.5 * (q3 - q1)
	b := box{n: len(vs), five: [5]float64{q1, q1, median, q3, q3}}
	for _, v := range vs {
		if v < q1-reach || v > q3+reach {
			b.out = append(b.out, v)
			continue
		}
		b.five[0], b.five[4] = min(b.five[0], v), max(b.five[4], v)
	}
	return b
}
