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
// it, each ending in a diamond. The levels are quantiles of f over the region,
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
	for _, p := range points {
		v, _ := flat(nil, p) // a point has numbers only
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
			if v[i][j] = f(xs[j], ys[i]); draw.Finite(v[i][j]) {
				all = append(all, v[i][j])
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the function has no finite value in the region")
	}
	slices.Sort(all)
	if all[0] == all[len(all)-1] {
		return nil, errors.New("the function is constant over the region: it has no level lines")
	}
	levels := make([]float64, contourLevels)
	for k := range levels {
		q := (float64(k) + .5) / contourLevels
		q = .03 + .95*q*math.Sqrt(q) // more lines near the minimum, none that a cell could swallow
		levels[k] = all[int(q*float64(len(all)-1))]
	}
	levels = slices.Compact(levels)
	for k, level := range levels {
		s.Layers = append(s.Layers, draw.Layer{
			Look: draw.Look{Hue: draw.Grey}, Width: 1,
			Fade: .25 + .5*float64(k)/contourLevels, Pts: isolines(xs, ys, v, level),
		})
	}
	names := make([]string, len(paths))
	for i, p := range paths {
		if names[i] = p.Name; len(p.X) != len(p.Y) {
			return nil, fmt.Errorf("path %q has %d values of X and %d of Y: give one Y for each X", p.Name, len(p.X), len(p.Y))
		}
	}
	rows := [][]string{}
	for i, lk := range draw.Looks(names) {
		s.Layers = append(s.Layers, paths[i].layers(lk)...)
		if k := len(paths[i].X) - 1; k >= 0 {
			end := [2]float64{paths[i].X[k], paths[i].Y[k]}
			rows = append(rows, []string{names[i], draw.Num(float64(k)), draw.Num(end[0]), draw.Num(end[1]), draw.Num(f(end[0], end[1]))})
		}
	}
	addMarks(s, a.Marks)
	s.X.Fit(r.X0, r.X1)
	s.Y.Fit(r.Y0, r.Y1)
	s.X.Lo, s.X.Hi, s.Y.Lo, s.Y.Hi = r.X0, r.X1, r.Y0, r.Y1 // level lines fill the frame; paths may leave it
	s.Note = joinNotes(a.Note, fmt.Sprintf("Level lines from %s to %s.", draw.Num(levels[0]), draw.Num(levels[len(levels)-1])))
	s.Says = fmt.Sprintf("%d paths.", len(paths))
	s.Table = grid([]string{"path", "steps", "ends at " + s.X.Name, s.Y.Name, "value"}, rows)
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

// addMarks takes marks over to a scene with linear axes.
func addMarks(s *draw.Scene, ms []Mark) {
	for _, m := range ms {
		if draw.Finite(m.at) {
			s.Marks = append(s.Marks, draw.Mark{Name: m.name, At: m.at, Vertical: m.vertical})
		}
	}
}

// isolines are the lines on which bilinear interpolation of v equals level
// (marching squares), joined where cells meet, with gaps between lines.
func isolines(xs, ys []float64, v [][]float64, level float64) draw.Points {
	type end struct{ i, j, side int } // side 0: the edge from (i,j) to the right, 1: upwards
	at := func(e end) [2]float64 {
		a, b := v[e.i][e.j], 0.
		if e.side == 0 {
			b = v[e.i][e.j+1]
			return [2]float64{xs[e.j] + (level-a)/(b-a)*(xs[e.j+1]-xs[e.j]), ys[e.i]}
		}
		b = v[e.i+1][e.j]
		return [2]float64{xs[e.j], ys[e.i] + (level-a)/(b-a)*(ys[e.i+1]-ys[e.i])}
	}
	next := map[end][]end{}
	var order []end
	join := func(a, b end) {
		next[a], next[b] = append(next[a], b), append(next[b], a)
		order = append(order, a, b)
	}
	for i := range len(ys) - 1 {
		for j := range len(xs) - 1 {
			if !draw.Finite(v[i][j], v[i][j+1], v[i+1][j], v[i+1][j+1]) {
				continue
			}
			// The edges of the cell in turn; a line enters and leaves through those
			// whose ends lie on different sides of the level.
			edges := []end{{i, j, 0}, {i, j + 1, 1}, {i + 1, j, 0}, {i, j, 1}}
			up := []bool{v[i][j] > level, v[i][j+1] > level, v[i+1][j+1] > level, v[i+1][j] > level}
			var cross []end
			for k, e := range edges {
				if up[k] != up[(k+1)%4] {
					cross = append(cross, e)
				}
			}
			for k := 0; k+1 < len(cross); k += 2 {
				join(cross[k], cross[k+1])
			}
		}
	}
	// Open lines first, from their ends; then the closed ones.
	slices.SortStableFunc(order, func(a, b end) int { return len(next[a]) - len(next[b]) })
	var out draw.Points
	done := map[end]bool{}
	for _, e := range order {
		if done[e] {
			continue
		}
		if len(out) > 0 {
			out = append(out, [2]float64{out[len(out)-1][0], math.NaN()})
		}
		start, last := e, e
		for {
			done[e] = true
			out = append(out, at(e))
			k := slices.IndexFunc(next[e], func(n end) bool { return !done[n] })
			if k < 0 {
				break
			}
			last, e = e, next[e][k]
		}
		if e != start && last != start && slices.Contains(next[e], start) {
			out = append(out, at(start))
		}
	}
	return out
}
