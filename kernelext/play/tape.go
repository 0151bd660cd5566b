package play

import (
	"sync"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
)

// tape plays a tape of three operations backwards, one at a time: F = (xy − 1)².
func tape() Playground {
	ax, ay := axis("x", -2, 2), axis("y", -2, 2)
	lines := sync.OnceValue(func() []draw.Layer {
		return contours(ax, ay, 100, 7, func(xs ad.Value) []float64 {
			return row(xs, 0).Mul(row(xs, 1)).Shift(-1).Square().Data
		})
	})
	return Playground{
		Name:  "tape",
		Title: "How does a gradient find its way back?",
		How:   "Drag (x, y), then step back along the tape. Each operation is given the derivative of F by its result. It multiplies that by its own derivative, and hands the product on to what it was made of. After three operations the gradient of F has arrived at x and y, and the arrow points against it.",
		Controls: []Control{
			Counter("back", "operations played back", 3, 3),
			Drag("at", "(x, y)", 1, draw.Vermilion, 1.5, 1.2),
		},
		Draw: func(v Values) Scene {
			x0, y0 := v.At("at")
			back := v.Int("back")
			var tp ad.Tape
			x, y := tp.Watch(ad.Scalar(x0)), tp.Watch(ad.Scalar(y0))
			u := x.Mul(y)
			d := u.Shift(-1)
			f := d.Square()
			f.Backward()
			grad := func(v ad.Value) float64 { return v.Grad()[0] }
			sc := &draw.Scene{Kind: "Block diagram", Head: "The tape", Plain: true, X: axis("", 0, 10), Y: axis("", 0, 10)}
			// A node has its gradient beside it once an operation has brought it there.
			node := func(px, py float64, name string, v ad.Value, there bool) {
				sc.Labels = append(sc.Labels, draw.Label{X: px, Y: py, Text: name + " = " + number(tidy(v.Item())), Plate: true})
				if there {
					sc.Labels = append(sc.Labels, draw.Label{X: px, Y: py - 1.1, Text: "∂F = " + number(tidy(v.Grad()[0])), Hue: draw.Vermilion})
				}
			}
			wire := func(x0, y0, x1, y1 float64, done bool) {
				lk := draw.Look{Hue: draw.Grey}
				if done {
					lk.Hue = draw.Vermilion
				}
				sc.Layers = append(sc.Layers, line("", lk, draw.Points{{x0, y0}, {x1, y1}}))
			}
			wire(5, 8, 5, 7.35, back >= 1)
			wire(5, 5.35, 5, 4.55, back >= 2)
			wire(4.6, 2.5, 2.6, 1.95, back >= 3)
			wire(5.4, 2.5, 7.4, 1.95, back >= 3)
			node(5, 9.4, "F = d²", f, true)
			node(5, 6.8, "d = u − 1", d, back >= 1)
			node(5, 4, "u = x·y", u, back >= 2)
			node(2, 1.4, "x", x, back >= 3)
			node(8, 1.4, "y", y, back >= 3)
			says := [4]string{
				"∂F/∂F = 1: the way back begins here.",
				sentence("The square: ∂F/∂d = 2d = %v.", tidy(grad(d))),
				sentence("The shift hands on what it gets: ∂F/∂u = %v.", tidy(grad(u))),
				sentence("The product gives each factor the other one: ∂F/∂x = y·%v = %v, ∂F/∂y = x·%v = %v.", tidy(grad(u)), tidy(grad(x)), tidy(grad(u)), tidy(grad(y))),
			}[back]
			plan := plane("F from above", ax, ay, lines()...)
			if back == 3 {
				plan.Layers = append(plan.Layers, arrow(draw.Vermilion, x0, y0, -.25*grad(x), -.25*grad(y))...)
				plan.Labels = []draw.Label{{X: x0 - .25*grad(x), Y: y0 - .25*grad(y) - .2, Text: "−∇F", Hue: draw.Vermilion}}
			}
			return Scene{Panels: []*draw.Scene{sc, plan}, Says: says}
		},
	}
}
