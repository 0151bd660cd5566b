package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// proximal shows the proximal map of a regulariser in one unknown: as the lowest point of a
// curve, and as a function.
func proximal() Playground {
	names := []string{"λ|x|, the soft threshold", "λx²/2, shrinking", "x ≥ 0, cutting off", "−λ ≤ x ≤ λ, clipping", "λ(|x| + x²/2), the elastic net"}
	of := func(kind int, lambda float64) prox.Regulariser {
		switch kind {
		case 0:
			return prox.L1(lambda)
		case 1:
			return prox.SquaredL2(lambda)
		case 2:
			return prox.NonNegative()
		case 3:
			return prox.Box(-lambda, lambda)
		}
		return prox.ElasticNet(lambda, lambda)
	}
	const lo, hi = -3., 3.
	grid := func(f func(x float64) float64) (pts draw.Points) {
		for i := range 241 {
			x := lo + (hi-lo)*float64(i)/240
			if y := f(x); !math.IsInf(y, 0) {
				pts = append(pts, [2]float64{x, y})
			} else {
				pts = append(pts, [2]float64{x, math.NaN()})
			}
		}
		return pts
	}
	return Playground{
		Name:  "prox",
		Title: "What does a proximal map do to a number?",
		How:   "Drag v, change λ, and try other r. The map takes v to the lowest point of the sum, the green curve: near v, and small for r. Where does it give exactly 0?",
		Controls: []Control{
			Slider("lambda", "λ", .05, 2, .05, .8),
			Choice("r", "r(x)", 0, names...),
			Drag("v", "v", 0, draw.Vermilion, 1.6, 0),
		},
		Draw: func(v Values) Scene {
			r := of(v.Int("r"), v.Num("lambda"))
			at, _ := v.At("v")
			apply := func(x float64) float64 { return r.Prox(ad.Scalar(x), ad.Scalar(1)).Item() }
			value := func(x float64) float64 { return r.Value(ad.Scalar(x)).Item() }
			sum := func(x float64) float64 { return value(x) + (x-at)*(x-at)/2 }
			to := apply(at)
			left := chart("Which x is lowest?", axis("x", lo, hi), axis("", -.5, 8),
				line("r(x)", look("ALS"), grid(value)),
				draw.Layer{Name: "½(x − v)²", Look: draw.Look{Hue: draw.Amber, Dash: 1}, Width: 2, Pts: grid(func(x float64) float64 { return (x - at) * (x - at) / 2 })},
				draw.Layer{Name: "the sum", Look: draw.Look{Hue: draw.Green}, Width: 3, Pts: grid(sum)},
				draw.Layer{Look: draw.Look{Hue: draw.Green}, Size: 12, Symbol: "diamond", Pts: draw.Points{{to, sum(to)}}})
			left.Labels = []draw.Label{{X: at, Y: .8, Text: "v", Hue: draw.Vermilion}}
			right := plane("The map v ↦ prox(v)", axis("v", lo, hi), axis("prox(v)", lo, hi),
				draw.Layer{Name: "v itself", Look: draw.Look{Hue: draw.Grey, Dash: 1}, Width: 1, Pts: draw.Points{{lo, lo}, {hi, hi}}},
				line("prox(v)", draw.Look{Hue: draw.Green}, grid(apply)),
				draw.Layer{Look: draw.Look{Hue: draw.Green}, Size: 12, Symbol: "diamond", Pts: draw.Points{{at, to}}})
			right.Bare = false
			says := sentence("v = %v goes to %v", at, to)
			if to == 0 {
				says += ", exactly"
			}
			return Scene{Panels: []*draw.Scene{left, right}, Says: says + ", where the sum is " + number(sum(to)) + "."}
		},
	}
}
