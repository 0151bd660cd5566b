// Package draw turns scenes into live charts and pictures: a figure is laid out once, in
// axis coordinates, and drawn twice. It chooses scales and the colour of each method.
//
// Playgrounds draw scenes inside of the page, as SVG. What figures and pictures are made with
// is left out of that program (//go:build !js): it would double its size.
package draw

import "math"

// A Scene is a figure before it is drawn: what option.go turns into a live chart
// and picture.go into a picture, so that both show the same. Everything in it is
// in axis coordinates.
type Scene struct {
	Kind   string // for the alt text, such as "Line chart"
	X, Y   Axis
	Layers []Layer
	Marks  []Mark
	Labels []Label
	Cells  *Cells
	Boxes  []Box
	Head   string // above the plot, where several scenes stand side by side
	Plain  bool   // no axes: a diagram
	Square bool   // both axes have one unit: x and y of a plane
	Bare   bool   // no grid lines: the level lines are enough
	Note   string // small print below the figure

	// Words are what the alt text adds to the caption, and the numbers as text. They are made
	// last, because axes that frames share decide on digits.
	Words func() (says, table string)
}

// A Layer is one set of marks of one look.
type Layer struct {
	Name   string // in the legend; layers of one name are switched together; "" is not listed
	Look   Look
	Pts    Points    // joined by a line, or, with size > 0, dots
	Lo, Hi []float64 // a band over pts' x; pts' y is then unused
	Width  float64   // of the line
	Size   float64   // diameter of the dots
	Symbol string    // of the dots: "circle" or "diamond"
	Fade   float64   // 0 is opaque, 1 invisible
}

// A Mark is a named level or position, in axis coordinates.
type Mark struct {
	Name     string
	At       float64
	Vertical bool
}

// A Label is a word at a place in axis coordinates.
type Label struct {
	X, Y  float64
	Text  string
	Hue   string // that of text where it is empty
	Align int    // 1: the text begins at the place, 0: it has it in its middle, −1: it ends there
	Plate bool   // on a plate with a rim, as the boxes of a diagram
	Star  bool   // a point that is known: a star, with the text beside it
}

// star is the outline of a star of radius 1 around 0.
var star = func() (pts Points) {
	for k := range 10 {
		r := 1.
		if k%2 == 1 {
			r = .42
		}
		sin, cos := math.Sincos(math.Pi * float64(k) / 5)
		pts = append(pts, [2]float64{r * sin, r * cos})
	}
	return pts
}()

// Cells are a matrix shown by colour.
type Cells struct {
	V      [][]float64 // v[row][column]
	Colour Axis
	Scale  []string
}

// At is the coordinate of a cell on the axis of colours, NaN where it has none.
func (cs *Cells) At(i, j int) float64 { return cs.Colour.At(cs.V[i][j]) }

// Shown is what is written in a cell.
func (cs *Cells) Shown(i, j int) string { return cs.Colour.Num(cs.V[i][j]) }

// End names an end of the axis of colours.
func (cs *Cells) End(t float64) string { return cs.Colour.End(t) }

// A Box has the five numbers of one sample, and what lies beyond its whiskers.
type Box struct {
	Look Look
	Five [5]float64
	Out  []float64
	N    int
}

// Legend lists names and looks once each, in order of appearance.
func (s *Scene) Legend() []Layer {
	var out []Layer
	seen := map[string]bool{}
	for _, l := range s.Layers {
		if l.Name != "" && !seen[l.Name] {
			seen[l.Name] = true
			out = append(out, l)
		}
	}
	return out
}

// Fit sets the axes to what the layers need.
func (s *Scene) Fit() {
	var xs, ys Span
	for _, l := range s.Layers {
		for i, p := range l.Pts {
			if l.Lo != nil {
				xs.See(p[0])
				ys.See(l.Lo[i], l.Hi[i])
			} else if p[1] == p[1] { // a gap needs no room
				xs.See(p[0])
				ys.See(p[1])
			}
		}
	}
	for _, m := range s.Marks {
		if m.Vertical {
			xs.See(m.At)
		} else {
			ys.See(m.At)
		}
	}
	for _, l := range s.Labels {
		xs.See(l.X)
		ys.See(l.Y)
	}
	s.X.Fit(xs.Lo, xs.Hi)
	s.Y.Fit(ys.Lo, ys.Hi)
}
