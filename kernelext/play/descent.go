package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// descent is gradient descent in a bowl F = ½xᵀQx, whose curvatures are 1 and 1/κ along two
// turned axes: L = 1.
func descent() Playground {
	const steps = 40
	return Playground{
		Name:  "descent",
		Title: "How long may a step be?",
		How:   "Drag the start, and change the step and the shape of the bowl. A short step creeps, a long one swings from wall to wall; from some length on it climbs out.",
		Controls: []Control{
			Slider("step", "step × L", .05, 2.2, .05, 1.7),
			LogSlider("kappa", "steepest / flattest curvature", 1, 100, 10),
			Drag("start", "start", 0, draw.Vermilion, .6, 1.35),
		},
		Draw: func(v Values) Scene {
			q, step := turned(v.Num("kappa")), v.Num("step")
			x, y := v.At("start")
			p := from(optimizee.QuadraticForm(linear.Dense(q), ad.Col(0, 0)), x, y)
			way := run(p, optim.GD(optim.Fixed(step)), steps, nil)
			ax, ay := axis("x₁", -2, 2), axis("x₂", -1.5, 1.5)
			f, k := logAxis("F", -10, 2), axis("step k", 0, steps)
			fs := values(p, way, 0)
			says := sentence("After %d steps F = %v, from %v at the start.", steps, fs[steps], fs[0])
			switch slow := 1 - step/v.Num("kappa"); {
			case step > 2:
				says += " The step is longer than 2/L, and along the steepest axis each one goes further out than the last."
			case math.Abs(1-step) > slow:
				says += sentence(" Along the steepest axis each step goes past the bottom: what is left of the distance is %v of it.", math.Abs(1-step))
			default:
				says += sentence(" Along the flattest axis each step leaves %v of the distance: that is what takes long.", slow)
			}
			return Scene{Says: says, Panels: []*draw.Scene{
				plane("The bowl, from above", ax, ay, append(bowl(ax, ay, q), path("gradient descent", inPlane(way))...)...),
				chart("F, step by step", k, f, curve("gradient descent", f, fs)),
			}}
		},
	}
}

// turned is a matrix with the eigenvalues 1 and 1/κ, along two turned axes.
func turned(kappa float64) ad.Value {
	sin, cos := math.Sincos(.5)
	low := 1 / kappa
	return ad.New(2, 2, []float64{cos*cos + low*sin*sin, cos * sin * (1 - low), cos * sin * (1 - low), sin*sin + low*cos*cos})
}

// bowl are level lines of ½xᵀQx.
func bowl(ax, ay draw.Axis, q ad.Value) []draw.Layer {
	return contours(ax, ay, 40, 9, func(xs ad.Value) []float64 {
		out := make([]float64, xs.C)
		for j, qx := 0, q.MatMul(xs); j < xs.C; j++ {
			out[j] = (xs.At(0, j)*qx.At(0, j) + xs.At(1, j)*qx.At(1, j)) / 2
		}
		return out
	})
}
