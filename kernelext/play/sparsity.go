package play

import (
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// sparsity grows the level lines of a least-squares fit until they touch a ball of ‖x‖₁ and
// one of ‖x‖₂.
func sparsity() Playground {
	a := ad.New(2, 2, []float64{1, .5, .1, .75})
	return Playground{
		Name:  "sparsity",
		Title: "Where does a level line touch the ball first?",
		How:   "Drag the best fit, and change the radius. The lowest point within a ball is where a level line touches it first. Where may the best fit lie for that to be a corner of the square? And when is an unknown exactly 0 on the disc?",
		Controls: []Control{
			Slider("radius", "radius", .2, 2, .02, 1),
			Drag("fit", "the best fit without a ball", 0, draw.Green, 1.7, .9),
		},
		Draw: func(v Values) Scene {
			radius := v.Num("radius")
			fx, fy := v.At("fit")
			b := a.MatMul(ad.Col(fx, fy))
			fit := func(xs ad.Value) []float64 {
				r, f := a.MatMul(xs), make([]float64, xs.C)
				for j := range f {
					u, w := r.At(0, j)-b.Data[0], r.At(1, j)-b.Data[1]
					f[j] = (u*u + w*w) / 2
				}
				return f
			}
			ax, ay := axis("x₁", -2.2, 2.2), axis("x₂", -2, 2)
			lines := contours(ax, ay, 40, 7, fit)
			gx, gy, rows := gridOf(ax, ay, 60, fit)
			panel := func(head string, ball prox.Regulariser, half func(x float64) float64) (*draw.Scene, []float64) {
				p := optimizee.LeastSquares(linear.Dense(a), b).Plus(ball)
				_, x, err := optim.Minimize(p, optim.FISTARestart, 150, nil)
				if err != nil {
					panic(err)
				}
				at := x.X().Data
				inside := draw.Layer{Name: "the ball", Look: draw.Look{Hue: draw.Blue}, Fade: .7}
				for i := range 121 {
					t := -radius + 2*radius*float64(i)/120
					inside.Pts = append(inside.Pts, [2]float64{t, 0})
					inside.Lo, inside.Hi = append(inside.Lo, -half(t)), append(inside.Hi, half(t))
				}
				sc := plane(head, ax, ay, append(slices.Clone(lines), inside)...)
				touch := draw.Isolines(gx, gy, rows, fit(ad.Col(at...))[0])
				sc.Layers = append(sc.Layers,
					draw.Layer{Look: draw.Look{Hue: draw.Grey}, Width: 1, Fade: .3, Pts: draw.Points{{ax.Lo, 0}, {ax.Hi, 0}, {0, math.NaN()}, {0, ay.Lo}, {0, ay.Hi}}},
					draw.Layer{Name: "the level line that touches", Look: draw.Look{Hue: draw.Green}, Width: 2, Pts: touch},
					draw.Layer{Look: draw.Look{Hue: draw.Vermilion}, Size: 13, Symbol: "diamond", Pts: draw.Points{{at[0], at[1]}}})
				return sc, at
			}
			one, x1 := panel("‖x‖₁ ≤ radius", prox.L1Ball(radius), func(t float64) float64 { return radius - math.Abs(t) })
			two, x2 := panel("‖x‖₂ ≤ radius", prox.L2Ball(radius), func(t float64) float64 { return math.Sqrt(max(radius*radius-t*t, 0)) })
			says := sentence("‖x‖₁: lowest at (%v, %v)", tidy(x1[0]), tidy(x1[1]))
			if x1[0] == 0 || x1[1] == 0 {
				says += ", a corner, with one unknown exactly 0"
			}
			return Scene{Panels: []*draw.Scene{one, two}, Says: says + sentence(". ‖x‖₂: lowest at (%v, %v).", tidy(x2[0]), tidy(x2[1]))}
		},
	}
}

// tidy writes what is no more than rounding as the number that it stands for.
func tidy(v float64) float64 { return math.Round(v*1e9) / 1e9 }
