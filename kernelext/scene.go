package kernelext

import (
	"errors"

	"github.com/l2olab/l2o/pkg/trace"
)

// A scene is a figure before it is drawn: what option.go turns into a live chart
// and picture.go into a picture, so that both show the same. Everything in it is
// in axis coordinates.
type scene struct {
	kind   string // for the alt text, such as "Line chart"
	x, y   axis
	layers []layer
	marks  []mark
	cells  *cells
	boxes  []box
	square bool   // both axes have one unit: x and y of a plane
	bare   bool   // no grid lines: the level lines are enough
	note   string // small print below the figure
	says   string // what the alt text adds to the caption
	table  string // the numbers, as text
}

// A layer is one set of marks of one look.
type layer struct {
	name   string // in the legend; layers of one name are switched together; "" is not listed
	look   look
	pts    points    // joined by a line, or, with size > 0, dots
	lo, hi []float64 // a band over pts' x; pts' y is then unused
	width  float64   // of the line
	size   float64   // diameter of the dots
	symbol string    // of the dots: "circle" or "diamond"
	fade   float64   // 0 is opaque, 1 invisible
}

// A mark is a named level or position.
type mark struct {
	name     string
	at       float64
	vertical bool
}

// cells are a matrix shown by colour: v[row][column], NaN where there is none.
type cells struct {
	v      [][]float64 // what decides the colour
	shown  [][]string  // what is written there
	lo, hi float64
	ends   [2]string // the labels of lo and hi
	scale  []string
}

// A box has the five numbers of one sample, and what lies beyond its whiskers.
type box struct {
	look look
	five [5]float64
	out  []float64
	n    int
}

// legend lists names and looks once each, in order of appearance.
func (s *scene) legend() []layer {
	var out []layer
	seen := map[string]bool{}
	for _, l := range s.layers {
		if l.name != "" && !seen[l.name] {
			seen[l.name] = true
			out = append(out, l)
		}
	}
	return out
}

// fit sets the axes to what the layers need.
func (s *scene) fit() {
	var xs, ys span
	for _, l := range s.layers {
		for i, p := range l.pts {
			if l.lo != nil {
				xs.see(p[0])
				ys.see(l.lo[i], l.hi[i])
			} else if p[1] == p[1] { // a gap needs no room
				xs.see(p[0])
				ys.see(p[1])
			}
		}
	}
	for _, m := range s.marks {
		if m.vertical {
			xs.see(m.at)
		} else {
			ys.see(m.at)
		}
	}
	s.x.fit(xs.lo, xs.hi)
	s.y.fit(ys.lo, ys.hi)
}

// errEmpty is what a figure says that has nothing to show.
var errEmpty = errors.New("there is nothing to draw: no data were given")

// grid lays out rows under a header in aligned columns.
func grid(header []string, rows [][]string) string {
	return trace.Table{Header: header, Rows: rows}.String()
}
