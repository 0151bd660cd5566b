// Package draw turns scenes into live charts and pictures: a figure is laid out once, in
// axis coordinates, and drawn twice. It chooses scales and the colour of each method.
package draw

// A Scene is a figure before it is drawn: what option.go turns into a live chart
// and picture.go into a picture, so that both show the same. Everything in it is
// in axis coordinates.
type Scene struct {
	Kind   string // for the alt text, such as "Line chart"
	X, Y   Axis
	Layers []Layer
	Marks  []Mark
	Cells  *Cells
	Boxes  []Box
	Square bool   // both axes have one unit: x and y of a plane
	Bare   bool   // no grid lines: the level lines are enough
	Note   string // small print below the figure
	Says   string // what the alt text adds to the caption
	Table  string // the numbers, as text
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

// Cells are a matrix shown by colour: v[row][column], NaN where there is none.
type Cells struct {
	V      [][]float64 // what decides the colour
	Shown  [][]string  // what is written there
	Lo, Hi float64
	Ends   [2]string // the labels of lo and hi
	Scale  []string
}

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
	s.X.Fit(xs.Lo, xs.Hi)
	s.Y.Fit(ys.Lo, ys.Hi)
}
