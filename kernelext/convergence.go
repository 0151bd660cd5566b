package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/trace"
)

// maxPoints is how many points of a curve are drawn: more than a figure of this
// size can show, few enough to keep a notebook small.
const maxPoints = 250

// Axes name and shape the two axes of a figure. The zero Axes are those of a
// convergence figure: iterations against a logarithmic relative gap.
type Axes struct {
	X, Y   string // "" is "iteration" and "relative gap" in Convergence, "x₁" and "x₂" in a plane
	Linear bool   // y is linear; a convergence figure is logarithmic by default
	LogX   bool   // x is logarithmic
	// LogColour makes the colours of a heat map logarithmic.
	LogColour bool
	// Floor ends curves on a logarithmic y: values at or below it mean "reached"
	// and nothing more, so a curve touches the floor and is left out while it
	// stays there. The axis then states the floor. 0 is 1e-16, where float64 ends
	// for a relative gap, and in a race the precision of its optima, 1e-14 or more.
	Floor float64
	// Top is where diverging curves leave the picture on a logarithmic y. 0 is a
	// thousand times the largest first value.
	Top   float64
	Marks []Mark // named levels and positions, such as an optimum or a trained horizon
	Note  string // small print below the figure: where f* comes from, what the band is

	Over  trace.Axis // of a race: what its curves are drawn over
	After int        // of a race in a box plot: the step that is looked at, 0 for the last

	unproven bool // gaps are to a value that nobody proved to be the minimum
}

// DB are the axes of figures that show layers or iterations against a measure in decibels.
func DB(note string) Axes {
	return Axes{X: "layer, or iteration", Y: "NMSE in dB", Linear: true, Note: note}
}

// A Mark is a named line across a figure, or a named point in it; AtX, AtY and AtPoint make
// one.
type Mark struct {
	name     string
	at       float64
	vertical bool
	point    *[2]float64
}

// AtY marks a level: an optimum, a threshold.
func AtY(name string, y float64) Mark { return Mark{name: name, at: y} }

// AtX marks a position: the horizon that an optimizer was trained for.
func AtX(name string, x float64) Mark { return Mark{name: name, at: x, vertical: true} }

// AtPoint marks a point with a star: a minimum, the true means.
func AtPoint(name string, x, y float64) Mark { return Mark{name: name, point: &[2]float64{x, y}} }

// Convergence shows curves or a race, one colour per method, with their bands. The
// caption is the claim that the figure makes. A race brings its note, which follows
// Axes.Note, its floor and the name of its measure:
//
//	kernelext.Convergence("Momentum wins early", res, kernelext.Axes{LogX: true})
//
// A value that is NaN or infinite is a gap, and a curve that ends in such values
// says "(diverged at k)" in the legend. Values that a logarithmic axis has no
// place for follow Axes.Floor. At most 250 points of a curve are drawn, spaced
// evenly on a logarithmic scale.
func Convergence[T trace.Curve | []trace.Curve | *trace.Results](caption string, what T, a Axes) {
	s, err := convergence(curvesOf(what, a))
	show(caption, s, err)
}

func convergence(curves []trace.Curve, a Axes) (*draw.Scene, error) {
	if err := checkCurves(curves); err != nil {
		return nil, err
	}
	s := &draw.Scene{
		Kind: "Line chart",
		X:    draw.Axis{Name: cmp.Or(a.X, "iteration"), Log: a.LogX},
		Y:    draw.Axis{Name: cmp.Or(a.Y, "relative gap"), Log: !a.Linear},
		Note: a.Note,
	}
	c := clamp{axis: s.Y, floor: cmp.Or(a.Floor, 1e-16), top: cmp.Or(a.Top, 1000*largestFirst(curves)), unproven: a.unproven}
	names := make([]string, len(curves))
	for i, cv := range curves {
		names[i] = cv.Name
	}
	var bands []draw.Layer
	for i, lk := range draw.Looks(names) {
		line, band := c.draw(s.X, curves[i], lk)
		s.Layers = append(s.Layers, line)
		if band != nil {
			bands = append(bands, *band)
		}
	}
	for i := range bands {
		if bands[i].Fade = .82; len(bands) > 2 {
			bands[i].Fade = .87 // many bands lie over one another
		}
	}
	s.Layers = append(s.Layers, bands...)
	addMarks(s, a.Marks)
	if a.LogX && slices.ContainsFunc(curves, func(c trace.Curve) bool { return len(c.X) > 0 && c.X[0] <= 0 }) {
		s.Note = joinNotes(s.Note, "A logarithmic axis begins after 0.")
	}
	s.Fit()
	c.name(&s.Y)
	s.Words = func() (says, table string) { return describe(curves, s) }
	return s, nil
}

func checkCurves(curves []trace.Curve) error {
	if len(curves) == 0 {
		return errEmpty
	}
	finite := false
	for _, c := range curves {
		switch {
		case len(c.X) != len(c.Y):
			return fmt.Errorf("curve %q has %d values of X and %d of Y: give one Y for each X", c.Name, len(c.X), len(c.Y))
		case (c.Lo != nil || c.Hi != nil) && (len(c.Lo) != len(c.Y) || len(c.Hi) != len(c.Y)):
			return fmt.Errorf("curve %q has %d values and a band of %d and %d: give Lo and Hi one value for each Y, or neither",
				c.Name, len(c.Y), len(c.Lo), len(c.Hi))
		}
		for i := 1; i < len(c.X); i++ {
			if !(c.X[i-1] < c.X[i]) {
				return fmt.Errorf("curve %q: X must ascend, but X[%d]=%v comes before X[%d]=%v", c.Name, i-1, c.X[i-1], i, c.X[i])
			}
		}
		finite = finite || slices.ContainsFunc(c.Y, func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) })
	}
	if !finite {
		return errors.New("there is nothing to draw: no curve has a finite value")
	}
	return nil
}

func largestFirst(curves []trace.Curve) float64 {
	largest := 0.
	for _, c := range curves {
		if len(c.Y) > 0 && !math.IsInf(c.Y[0], 0) && c.Y[0] > largest {
			largest = c.Y[0]
		}
	}
	return largest
}

// clamp is the one place that decides what a y axis cannot show.
type clamp struct {
	axis       draw.Axis
	floor, top float64
	touched    bool // something reached the floor
	unproven   bool // values are lower bounds of what they are called
}

// name tells the axis where values end, and what they are not.
func (c *clamp) name(y *draw.Axis) {
	if y.AtLeast = c.unproven; c.unproven {
		y.Name += ", at least: F* is unproven"
	}
	if !y.Log {
		return
	}
	if y.Floor = c.floor; c.touched {
		y.Name += ", floor " + draw.Num(c.floor)
	}
	if c.top > c.floor && draw.Finite(c.top) {
		y.Top = c.top
	}
}

// at is the coordinate of v; out says on which side it leaves the picture.
func (c *clamp) at(v float64) (y float64, out int) {
	if c.axis.Log {
		switch {
		case v <= c.floor:
			c.touched = true
			return c.axis.At(c.floor), -1
		case v > c.top && c.top > c.floor && !math.IsInf(v, 0):
			return c.axis.At(c.top), 1
		}
	}
	return c.axis.At(v), 0
}

// draw makes the line of a curve and its band.
func (c *clamp) draw(x draw.Axis, cv trace.Curve, lk draw.Look) (draw.Layer, *draw.Layer) {
	line := draw.Layer{Name: label(cv), Look: lk, Width: 2}
	was := 0
	for _, i := range draw.Thin(len(cv.X), maxPoints) {
		px := x.At(cv.X[i])
		if math.IsNaN(px) {
			continue
		}
		y, out := c.at(cv.Y[i])
		if out != 0 && out == was {
			y = math.NaN() // it has left already
		}
		was = out
		line.Pts = append(line.Pts, [2]float64{px, y})
	}
	if cv.Lo == nil {
		return line, nil
	}
	band := &draw.Layer{Name: line.Name, Look: lk}
	for _, i := range draw.Thin(len(cv.X), maxPoints) {
		lo, outLo := c.at(cv.Lo[i])
		hi, outHi := c.at(cv.Hi[i])
		if outLo != 0 && outLo == outHi {
			lo, hi = math.NaN(), math.NaN()
		}
		if px := x.At(cv.X[i]); !math.IsNaN(px) {
			band.Pts = append(band.Pts, [2]float64{px, 0})
			band.Lo, band.Hi = append(band.Lo, lo), append(band.Hi, hi)
		}
	}
	return line, band
}

// label is a curve's name in the legend: with its note, or where it diverged.
func label(c trace.Curve) string {
	note := c.Note
	if n := len(c.Y); note == "" && n > 0 {
		k := n
		for k > 0 && (math.IsNaN(c.Y[k-1]) || math.IsInf(c.Y[k-1], 0)) {
			k--
		}
		if k < n {
			note = "diverged at " + draw.Num(c.X[k])
		}
	}
	if note == "" {
		return c.Name
	}
	return c.Name + " (" + note + ")"
}

// describe gives the alt text's ending and the table of a line chart: twelve
// rows, evenly spaced on a logarithmic scale.
func describe(curves []trace.Curve, s *draw.Scene) (says, table string) {
	longest := curves[0]
	header := []string{s.X.Name}
	var ends []string
	for _, c := range curves {
		header = append(header, c.Name)
		if len(c.X) > len(longest.X) {
			longest = c
		}
		if n := len(c.Y); n > 0 {
			ends = append(ends, fmt.Sprintf("%s %s at %s", label(c), s.Y.Num(c.Y[n-1]), s.X.Num(c.X[n-1])))
		}
	}
	var rows [][]string
	for _, i := range draw.Thin(len(longest.X), 12) {
		x := longest.X[i]
		row := []string{s.X.Num(x)}
		for _, c := range curves {
			if k, ok := slices.BinarySearch(c.X, x); ok {
				row = append(row, s.Y.Num(c.Y[k]))
			} else {
				row = append(row, "")
			}
		}
		rows = append(rows, row)
	}
	return fmt.Sprintf("%s over %s. At the end: %s.", s.Y.Name, s.X.Name, strings.Join(ends, "; ")), grid(header, rows)
}
