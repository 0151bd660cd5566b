package kernelext

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Region is a rectangle of the plane.
type Region struct{ X0, X1, Y0, Y1 float64 }

// A Path is the way of one method through the plane.
type Path struct {
	Name string
	X, Y []float64
}

const (
	contourGrid   = 144 // cells on each side: smooth at the size of a figure
	contourLevels = 11
)

// Contour shows the level lines of f over a region, and the paths of methods on
// it, each ending in a diamond; every other line has its level beside it. The levels are quantiles of f over the region,
// closest near the minimum, so that valleys stay visible under steep walls. Where
// f is not finite there are no lines.
func Contour(caption string, f func(x, y float64) float64, r Region, paths []Path, a Axes) {
	s, err := contour(f, r, paths, a)
	show(caption, s, err)
}

// Landscape shows F of a problem over its only two coordinates, in one block or in two,
// and paths on it:
//
//	em := kernelext.PathOf("EM", kernelext.Must(trace.Path(p, mixture.EM, 100, nil)))
//	kernelext.Landscape("EM stops in a small valley", p, region, []kernelext.Path{em}, kernelext.Axes{})
func Landscape(caption string, p *optimizee.Problem, r Region, paths []Path, a Axes) {
	f, err := plane(p)
	if err != nil {
		show(caption, nil, err)
		return
	}
	Contour(caption, f, r, paths, a)
}

// plane is F as a function of the two coordinates of a problem's points.
func plane(p *optimizee.Problem) (func(x, y float64) float64, error) {
	if p == nil || p.Value == nil {
		return nil, errors.New("a landscape needs a problem with a Value")
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if n, _ := flat(nil, p.Start); len(n) != 2 {
		return nil, fmt.Errorf("the points of %s have %d coordinates: a landscape has two", p.Name, len(n))
	}
	return func(x, y float64) float64 {
		left := []float64{x, y}
		return p.Value(p.Start.Map(func(_ string, v ad.Value) ad.Value {
			w := ad.New(v.R, v.C, slices.Clone(left[:v.Len()]))
			left = left[v.Len():]
			return w
		})).Item()
	}, nil
}

// PathOf is the way through the first two coordinates of points; trace.Path makes such.
func PathOf(name string, points []optimizee.Point) Path {
	w := Path{Name: name}
	for i, p := range points {
		v, _ := flat(nil, p) // a point has numbers only
		if len(v) < 2 {
			panic(fmt.Sprintf("kernelext: PathOf: point %d of %q has %d coordinates, and a path in the plane two", i, name, len(v)))
		}
		w.X, w.Y = append(w.X, v[0]), append(w.Y, v[1])
	}
	return w
}

func contour(f func(x, y float64) float64, r Region, paths []Path, a Axes) (*draw.Scene, error) {
	if f == nil || !(r.X0 < r.X1) || !(r.Y0 < r.Y1) || !draw.Finite(r.X0, r.X1, r.Y0, r.Y1) {
		return nil, fmt.Errorf("a contour figure needs a function and a region with X0 < X1 and Y0 < Y1, not %+v", r)
	}
	s := &draw.Scene{Kind: "Contour plot", Square: true, Bare: true, X: draw.Axis{Name: cmp.Or(a.X, "x₁")}, Y: draw.Axis{Name: cmp.Or(a.Y, "x₂")}}
	const n = contourGrid + 1
	xs, ys, v := make([]float64, n), make([]float64, n), make([][]float64, n)
	for i := range n {
		t := float64(i) / contourGrid
		xs[i], ys[i] = r.X0+t*(r.X1-r.X0), r.Y0+t*(r.Y1-r.Y0)
	}
	var all []float64
	for i := range v {
		v[i] = make([]float64, n)
		for j := range v[i] {
			if err := stopped.Err(); err != nil {
				return nil, fmt.Errorf("it was stopped: %w", err)
			}
			if v[i][j] = f(xs[j], ys[i]); draw.Finite(v[i][j]) {
				all = append(all, v[i][j])
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the function has no finite value in the region")
	}
	levels := draw.Levels(all, contourLevels)
	if levels == nil {
		return nil, errors.New("the function is constant over the region: it has no level lines")
	}
	lines := make([]draw.Points, len(levels))
	for k, level := range levels {
		lines[k] = draw.Isolines(xs, ys, v, level)
		s.Layers = append(s.Layers, draw.Layer{
			Look: draw.Look{Hue: draw.Grey}, Width: 1,
			Fade: .25 + .5*float64(k)/contourLevels, Pts: lines[k],
		})
	}
	s.Labels = levelLabels(levels, lines, r)
	names := make([]string, len(paths))
	for i, p := range paths {
		if names[i] = p.Name; len(p.X) != len(p.Y) {
			return nil, fmt.Errorf("path %q has %d values of X and %d of Y: give one Y for each X", p.Name, len(p.X), len(p.Y))
		}
	}
	for i, lk := range draw.Looks(names) {
		s.Layers = append(s.Layers, paths[i].layers(lk)...)
	}
	addMarks(s, a.Marks)
	s.X.Fit(r.X0, r.X1)
	s.Y.Fit(r.Y0, r.Y1)
	s.X.Lo, s.X.Hi, s.Y.Lo, s.Y.Hi = r.X0, r.X1, r.Y0, r.Y1 // level lines fill the frame; paths may leave it
	lowest, highest := levels[0], levels[len(levels)-1]
	s.Note = joinNotes(a.Note, fmt.Sprintf("Level lines from %s to %s.", draw.Within(lowest, highest-lowest), draw.Within(highest, highest-lowest)))
	s.Words = func() (says, table string) {
		rows := [][]string{}
		for _, p := range paths {
			if k := len(p.X) - 1; k >= 0 {
				value := draw.Within(f(p.X[k], p.Y[k]), highest-lowest)
				rows = append(rows, []string{p.Name, draw.Num(float64(k)), s.X.Num(p.X[k]), s.Y.Num(p.Y[k]), value})
			}
		}
		return fmt.Sprintf("%d paths.", len(paths)), grid([]string{"path", "steps", "ends at " + s.X.Name, s.Y.Name, "value"}, rows)
	}
	return s, nil
}

// layers draws a path: a line with small dots for its steps and a diamond where
// it ends.
func (p Path) layers(lk draw.Look) []draw.Layer {
	var pts draw.Points
	for _, k := range draw.Thin(len(p.X), maxPoints) {
		if !draw.Finite(p.X[k], p.Y[k]) {
			break // it left for good
		}
		pts = append(pts, [2]float64{p.X[k], p.Y[k]})
	}
	if len(pts) == 0 {
		return nil
	}
	return []draw.Layer{
		{Name: p.Name, Look: lk, Width: 2, Pts: pts},
		{Name: p.Name, Look: lk, Size: 5, Symbol: "circle", Pts: pts},
		{Name: p.Name, Look: lk, Size: 11, Symbol: "diamond", Pts: pts[len(pts)-1:]},
	}
}

// addMarks takes marks over to a scene, but for those that its axes have no place for.
func addMarks(s *draw.Scene, ms []Mark) {
	for _, m := range ms {
		if m.point != nil {
			if x, y := s.X.At(m.point[0]), s.Y.At(m.point[1]); draw.Finite(x, y) {
				s.Labels = append(s.Labels, draw.Label{X: x, Y: y, Text: m.name, Star: true, Align: 1})
			}
			continue
		}
		ax := s.Y
		if m.vertical {
			ax = s.X
		}
		if v := ax.At(m.at); draw.Finite(v) {
			s.Marks = append(s.Marks, draw.Mark{Name: m.name, At: v, Vertical: m.vertical})
		}
	}
}

// levelLabels name every other level line, each where it has room.
func levelLabels(levels []float64, lines []draw.Points, r Region) (all []draw.Label) {
	w, h := r.X1-r.X0, r.Y1-r.Y0
	span := levels[len(levels)-1] - levels[0]
	for k := 0; k < len(levels); k += 2 {
		n := len(lines[k])
		for step := range n {
			p := lines[k][(n*(k*7%11)/11+step)%n]
			inside := p[0] > r.X0+.06*w && p[0] < r.X1-.06*w && p[1] > r.Y0+.04*h && p[1] < r.Y1-.04*h // false for a gap
			free := !slices.ContainsFunc(all, func(l draw.Label) bool {
				return math.Abs(l.X-p[0]) < .14*w && math.Abs(l.Y-p[1]) < .07*h
			})
			if inside && free {
				all = append(all, draw.Label{X: p[0], Y: p[1], Text: draw.Within(levels[k], span)})
				break
			}
		}
	}
	return all
}
