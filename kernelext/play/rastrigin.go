package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// rastrigin lets methods walk from a start through a Rastrigin function of the Primer's second
// test, whose lowest point is certified.
func rastrigin() Playground {
	const steps, reach = 200, 2.6
	names := []string{"GD", "momentum", "Adam", "Run-and-Inspect"}
	ax, ay := axis("x₁", -reach, reach), axis("x₂", -reach, reach)
	type landscape struct {
		p     *optimizee.Problem
		lines []draw.Layer
		at    []float64 // of the lowest point
		least float64
	}
	landscapes := once(func(n int) landscape {
		l := landscape{}
		for try := uint64(0); l.at == nil; try++ { // until the lowest point lies in the picture
			l.p = optimizee.RastriginSpec{N: 2}.Draw(optimizee.Stream(7, uint64(n), try))
			if l.p.Solve == nil {
				continue
			}
			if at := l.p.Solve("x", l.p.Start); math.Abs(at.Data[0]) < reach-.4 && math.Abs(at.Data[1]) < reach-.4 {
				l.at, l.least = at.Data, l.p.Value(optimizee.X(at)).Item()
			}
		}
		l.lines = contours(ax, ay, 64, 6, func(xs ad.Value) []float64 {
			f := make([]float64, xs.C)
			for j := range f {
				f[j] = l.p.Value(optimizee.X(ad.Col(xs.At(0, j), xs.At(1, j)))).Item()
			}
			return f
		})
		return l
	})
	rule := func(v Values) optim.Rule {
		switch names[v.Int("method")] {
		case "GD":
			return optim.GD(optim.Fixed(v.Num("step")))
		case "momentum":
			return optim.HeavyBall(optim.Fixed(v.Num("step")), .9)
		case "Adam":
			return optim.Adam(optim.AdamConfig{LR: v.Num("rate")})
		}
		return optim.RunAndInspect(optim.GD(optim.LineSearch(.1)), optim.Inspection{Radius: v.Num("radius"), Spacing: .5, Block: 2})
	}
	return Playground{
		Name:  "rastrigin",
		Title: "From where is the lowest valley found?",
		How:   "Drag the start, and change the method and its step. Dark rings are valleys, pale ones hills; the green dot is the lowest point of all, which is certified. From how far away does GD find it? Does momentum, or a longer step of Adam, jump the walls, and does it come to rest? What radius does Run-and-Inspect need?",
		Controls: []Control{
			Choice("method", "method", 0, names...),
			LogSlider("step", "step", 1e-4, 1e-1, 1e-3).If("method", 0, 1),
			LogSlider("rate", "step", .01, 2, .1).If("method", 2),
			Slider("radius", "radius", .5, 5, .5, 1.5).If("method", 3),
			Drag("start", "start", 0, draw.Vermilion, .55, 1.6),
			Button("seed", "Another function"),
		},
		Draw: func(v Values) Scene {
			l, name := landscapes(v.Int("seed")), names[v.Int("method")]
			x, y := v.At("start")
			way := run(from(l.p, x, y), rule(v), steps, nil)
			plan := plane("F from above", ax, ay, l.lines...)
			plan.Layers = append(plan.Layers, dots("lowest point", draw.Green, 11, draw.Points{{l.at[0], l.at[1]}}))
			plan.Layers = append(plan.Layers, path(name, inPlane(way))...)
			if name == "Run-and-Inspect" { // what it sees from where it ends
				r, at := v.Num("radius"), way[steps].X().Data
				in := func(x float64) float64 { return max(-reach, min(reach, x)) }
				x0, x1, y0, y1 := in(at[0]-r), in(at[0]+r), in(at[1]-r), in(at[1]+r)
				plan.Layers = append(plan.Layers, line("what it sees", draw.Look{Hue: draw.Crimson, Dash: 1}, draw.Points{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}))
			}
			f := logAxis("F − F*", -6, 3)
			gaps := values(l.p, way, l.least)
			end, at := gaps[steps], way[steps].X().Data
			says := sentence("%s ends at (%v, %v). ", name, at[0], at[1])
			switch far := way[steps].Sub(way[steps-1]); {
			case !draw.Finite(end) || end > 1e6:
				says = name + " leaves the picture for good: its step is too long for these walls."
			case end < 1e-6:
				says += "That is the lowest point."
			case math.Sqrt(far.Dot(far)) < 1e-3:
				says += sentence("F − F* = %v: it is stuck in another valley. The lowest point is (%v, %v).", end, l.at[0], l.at[1])
			default:
				says += sentence("F − F* = %v there, and after %d steps it still moves.", end, steps)
			}
			return Scene{Says: says, Panels: []*draw.Scene{
				plan, chart("How far above the lowest point", axis("step k", 0, steps), f, curve(name, f, gaps)),
			}}
		},
	}
}
