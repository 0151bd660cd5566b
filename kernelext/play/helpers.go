package play

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// axis spans lo to hi, whatever is drawn.
func axis(name string, lo, hi float64) draw.Axis {
	a := draw.Axis{Name: name}
	a.Fit(lo, hi)
	a.Lo, a.Hi = lo, hi
	return a
}

// logAxis spans the decades 10^lo to 10^hi.
func logAxis(name string, lo, hi float64) draw.Axis {
	a := draw.Axis{Name: name, Log: true}
	a.Fit(lo, hi)
	return a
}

// plane is a panel with equal units on both axes.
func plane(head string, x, y draw.Axis, layers ...draw.Layer) *draw.Scene {
	return &draw.Scene{Kind: "Picture of a plane", Head: head, X: x, Y: y, Square: true, Bare: true, Layers: layers}
}

// chart is a panel with a grid.
func chart(head string, x, y draw.Axis, layers ...draw.Layer) *draw.Scene {
	return &draw.Scene{Kind: "Line chart", Head: head, X: x, Y: y, Layers: layers}
}

// look is how a method or another name is drawn everywhere; the dots that tell it from its
// relatives, which are not here, are left out.
func look(name string) draw.Look {
	lk := draw.Looks([]string{name})[0]
	if lk.Dash == 2 {
		lk.Dash = 0
	}
	return lk
}

// line joins points.
func line(name string, lk draw.Look, pts draw.Points) draw.Layer {
	return draw.Layer{Name: name, Look: lk, Width: 2, Pts: pts}
}

// dots are points by themselves.
func dots(name string, hue string, size float64, pts draw.Points) draw.Layer {
	return draw.Layer{Name: name, Look: draw.Look{Hue: hue}, Size: size, Symbol: "circle", Pts: pts}
}

// stems are the entries of a vector, each on a stem from zero.
func stems(name, hue string, size float64, v []float64) []draw.Layer {
	var up, heads draw.Points
	for i, y := range v {
		x := float64(i)
		up = append(up, [2]float64{x, 0}, [2]float64{x, y}, [2]float64{x, math.NaN()})
		heads = append(heads, [2]float64{x, y})
	}
	return []draw.Layer{{Look: draw.Look{Hue: hue}, Width: 1.5, Fade: .3, Pts: up}, dots(name, hue, size, heads)}
}

// path is the way of a method through a plane: a line with dots for the steps, and a diamond
// where it ends.
func path(name string, pts draw.Points) []draw.Layer {
	lk := look(name)
	for i, q := range pts {
		if !draw.Finite(q[0], q[1]) || math.Abs(q[0])+math.Abs(q[1]) > 1e6 {
			pts = pts[:i] // it left for good
			break
		}
	}
	if len(pts) == 0 {
		return nil
	}
	return []draw.Layer{
		line(name, lk, pts), dots("", lk.Hue, 5, pts),
		{Look: lk, Size: 11, Symbol: "diamond", Pts: pts[len(pts)-1:]},
	}
}

// arrow goes from (x, y) by (dx, dy), in a plane with equal units.
func arrow(hue string, x, y, dx, dy float64) []draw.Layer {
	n := math.Hypot(dx, dy)
	if n < 1e-9 {
		return nil
	}
	size := min(.12, n/2) / n
	bx, by, lk := x+dx-size*dx, y+dy-size*dy, draw.Look{Hue: hue}
	return []draw.Layer{
		line("", lk, draw.Points{{x, y}, {x + dx, y + dy}}),
		line("", lk, draw.Points{{bx - size*dy/2, by + size*dx/2}, {x + dx, y + dy}, {bx + size*dy/2, by - size*dx/2}}),
	}
}

// curve is what a number is after each step, on a logarithmic axis for as long as it is there.
func curve(name string, y draw.Axis, values []float64) draw.Layer {
	var pts draw.Points
	for k, v := range values {
		if y.Log && v == v { // below the axis, or by rounding below 0: at its lower edge
			v = max(v, math.Pow(10, y.Lo))
		}
		pts = append(pts, [2]float64{float64(k), y.At(v)})
	}
	return line(name, look(name), pts)
}

// gridOf are the values of a function on a grid over a plane; it is asked for all points at
// once, the columns of xs (2×n²).
func gridOf(x, y draw.Axis, n int, f func(xs ad.Value) []float64) (gx, gy []float64, rows [][]float64) {
	gx, gy, rows = make([]float64, n), make([]float64, n), make([][]float64, n)
	at := make([]float64, 2*n*n)
	for i := range n {
		t := float64(i) / float64(n-1)
		gx[i], gy[i] = x.Lo+t*(x.Hi-x.Lo), y.Lo+t*(y.Hi-y.Lo)
	}
	for k := range n * n {
		at[k], at[n*n+k] = gx[k%n], gy[k/n]
	}
	values := f(ad.New(2, n*n, at))
	for i := range rows {
		rows[i] = values[i*n : (i+1)*n]
	}
	return gx, gy, rows
}

// contours are level lines of a function over a plane. They are slight, since paths go over
// them.
func contours(x, y draw.Axis, n, levels int, f func(xs ad.Value) []float64) []draw.Layer {
	gx, gy, rows := gridOf(x, y, n, f)
	var layers []draw.Layer
	for k, level := range draw.Levels(slices.Concat(rows...), levels) {
		layers = append(layers, draw.Layer{
			Look: draw.Look{Hue: draw.Grey}, Width: 1, Fade: .2 + .5*float64(k)/float64(levels),
			Pts: draw.Isolines(gx, gy, rows, level),
		})
	}
	return layers
}

// run takes n steps of a rule and returns x⁰ … xⁿ.
func run(p *optimizee.Problem, r optim.Rule, n int, rng *rand.Rand) []optimizee.Point {
	if err := p.Check(); err != nil {
		panic(err)
	}
	step, err := r(p, rng)
	if err != nil {
		panic(err)
	}
	points := make([]optimizee.Point, 0, n+1)
	for k, x := range optim.Steps(step, p.Start) {
		if points = append(points, x); k == n {
			break
		}
	}
	return points
}

// inPlane are the two coordinates of points.
func inPlane(points []optimizee.Point) draw.Points {
	pts := make(draw.Points, len(points))
	for k, x := range points {
		copy(pts[k][:], x.X().Data)
	}
	return pts
}

// values are F at points, less a constant.
func values(p *optimizee.Problem, points []optimizee.Point, less float64) []float64 {
	v := make([]float64, len(points))
	for k, x := range points {
		v[k] = p.Value(x).Item() - less
	}
	return v
}

// from is a problem with another start.
func from(p *optimizee.Problem, start ...float64) *optimizee.Problem {
	q := *p
	q.Start = optimizee.X(ad.Col(start...))
	return &q
}

// number writes a number for a sentence.
func number(v float64) string { return draw.Num(v) }

// gap writes F − F*, which is certain to 1e-13 or so.
func gap(v float64) string {
	if v < 1e-12 {
		return "≤ 1e-12"
	}
	return number(v)
}

// sentence is fmt.Sprintf with numbers written for sentences.
func sentence(format string, args ...any) string {
	for i, a := range args {
		if v, ok := a.(float64); ok {
			args[i] = number(v)
		}
	}
	return fmt.Sprintf(format, args...)
}

// row is a row of a value.
func row(v ad.Value, i int) ad.Value { return ad.New(1, v.C, v.Data[i*v.C:(i+1)*v.C]) }

// once keeps the last result of something slow, such as the problem of a seed: moving other
// controls does not make it anew.
func once[T any](f func(n int) T) func(n int) T {
	var last T
	at := -1
	return func(n int) T {
		if n != at {
			last, at = f(n), n
		}
		return last
	}
}
