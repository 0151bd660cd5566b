package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// lasso2d is the Lasso ½‖Ax − b‖² + λ‖x‖₁ in two unknowns, with the paths of ISTA and FISTA.
func lasso2d() Playground {
	const steps = 40
	a := ad.New(2, 2, []float64{1, .75, .15, .6})
	names := []string{"ISTA", "FISTA"}
	rules := []optim.Rule{optim.ISTA, optim.FISTA}
	return Playground{
		Name:  "lasso2d",
		Title: "When does an unknown become exactly zero?",
		How:   "Drag b and the start, and change λ. The larger λ is, the more the minimum is drawn to an axis, where one unknown is exactly 0, and in the end to the origin. Watch which path arrives first, and which one swings.",
		Controls: []Control{
			Slider("lambda", "λ", 0, 2, .02, .3),
			Drag("b", "where Ax = b, the minimum for λ = 0", 0, draw.Green, 1.6, -.9),
			Drag("start", "start", 0, draw.Vermilion, -1.5, 1.5),
		},
		Draw: func(v Values) Scene {
			lambda := v.Num("lambda")
			bx, by := v.At("b")
			x, y := v.At("start")
			b := a.MatMul(ad.Col(bx, by))
			p := from(optimizee.Lasso(a, b, lambda), x, y)
			best, err := trace.Certified(p, 1e-13)
			if err != nil {
				panic(err)
			}
			ax, ay := axis("x₁", -2.4, 2.4), axis("x₂", -2, 2)
			plan := plane("F from above", ax, ay, contours(ax, ay, 48, 9, func(xs ad.Value) []float64 {
				r, f := a.MatMul(xs), make([]float64, xs.C)
				for j := range f {
					u, w := r.At(0, j)-b.Data[0], r.At(1, j)-b.Data[1]
					f[j] = (u*u+w*w)/2 + lambda*(math.Abs(xs.At(0, j))+math.Abs(xs.At(1, j)))
				}
				return f
			})...)
			plan.Layers = append(plan.Layers, draw.Layer{
				Look: draw.Look{Hue: draw.Grey}, Width: 1, Fade: .3,
				Pts: draw.Points{{ax.Lo, 0}, {ax.Hi, 0}, {0, math.NaN()}, {0, ay.Lo}, {0, ay.Hi}},
			})
			f := logAxis("F − F*", -12, 2)
			gaps := chart("How far above the minimum", axis("step k", 0, steps), f)
			for i, r := range rules {
				way := run(p, r, steps, nil)
				walk, gap := path(names[i], inPlane(way)), curve(names[i], f, values(p, way, best.F))
				if i == 0 && len(walk) > 0 { // the blues of the two are near each other
					walk[0].Look.Dash, gap.Look.Dash = 1, 1
				}
				plan.Layers = append(plan.Layers, walk...)
				gaps.Layers = append(gaps.Layers, gap)
			}
			at := best.X.X().Data
			plan.Labels = []draw.Label{{X: bx, Y: by, Text: "b", Hue: draw.Green, Align: 1}, {X: x, Y: y, Text: "start", Align: 1}}
			zeros := [3]string{"Neither unknown is 0 there.", "One unknown is exactly 0 there.", "Both are exactly 0 there."}
			n := 0
			for _, e := range at {
				if e == 0 {
					n++
				}
			}
			return Scene{
				Panels: []*draw.Scene{plan, gaps},
				Says:   sentence("For λ = %v the minimum is at (%v, %v). ", lambda, at[0], at[1]) + zeros[n],
			}
		},
	}
}
