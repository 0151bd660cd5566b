package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// lstm scrubs through a run of L2O-PA: what its network sees of one coordinate, and what it
// gives for it.
func lstm() Playground {
	const steps = 40
	type record struct {
		y, g, best []([]float64) // of every step, for every coordinate; the minimiser
		heard      learned.Heard
	}
	records := once(func(n int) record {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(20, uint64(n)))
		pa, err := weights.Load("l2opa-lasso-20x40")
		if err != nil {
			panic(err)
		}
		var r record
		for _, x := range run(p, pa.Optimizer.Rule(pa.Theta), steps, optimizee.Stream(21)) {
			r.y, r.g = append(r.y, x.X().Data), append(r.g, p.Grad("x", x).Data)
		}
		if r.heard, err = learned.Listen(pa.Optimizer, pa.Theta, p, optimizee.Stream(21), steps); err != nil {
			panic(err)
		}
		best, err := trace.Certified(p, 1e-13)
		if err != nil {
			panic(err)
		}
		r.best = [][]float64{best.X.X().Data}
		return r
	})
	over := func(name, hue string, values [][]float64, i int) draw.Layer {
		l := draw.Layer{Name: name, Look: draw.Look{Hue: hue}, Width: 2}
		for k, v := range values[:steps] {
			l.Pts = append(l.Pts, [2]float64{float64(k), v[min(i, len(v)-1)]})
		}
		return l
	}
	return Playground{
		Name:  "lstm",
		Title: "What does the network know of a coordinate?",
		How:   "Choose a coordinate and scrub through the steps. The same small network looks at each coordinate alone: it sees its value y and its slope, and gives a step length p and a momentum a. Compare a coordinate that ends at 0 with one that does not.",
		Controls: []Control{
			Counter("k", "step k", steps-1, 8),
			Slider("i", "coordinate", 1, 40, 1, 7),
			Button("seed", "Another problem"),
		},
		Draw: func(v Values) Scene {
			r, k, i := records(v.Int("seed")), v.Int("k"), v.Int("i")-1
			y, best := r.y[k], r.best[0]
			most := 0.
			for j := range y {
				most = max(most, math.Abs(best[j]))
			}
			most = 1.5 * max(most, .1)
			all := chart(sentence("All coordinates at step %d", k), axis("coordinate", 0, 41), axis("", -most, most))
			shift := func(l []draw.Layer) []draw.Layer { // coordinates count from 1
				for _, one := range l {
					for n := range one.Pts {
						one.Pts[n][0]++
					}
				}
				return l
			}
			all.Layers = append(shift(stems("the minimiser", draw.Grey, 8, best)), shift(stems("y", draw.Blue, 5, y))...)
			all.Marks = []draw.Mark{{Name: "this one", At: float64(i + 1), Vertical: true}}
			now := []draw.Mark{{At: float64(k), Vertical: true}}
			steps := axis("step k", 0, steps-1)
			var span draw.Span
			for k := range r.y {
				span.See(0, r.y[k][i], r.g[k][i])
			}
			seen := draw.Axis{}
			seen.Fit(span.Lo, span.Hi)
			sees := chart("What it sees", steps, seen, over("y", draw.Blue, r.y, i), over("slope of f", draw.Amber, r.g, i))
			gives := chart("What it gives", steps, axis("", 0, 2), over("p × L", draw.Vermilion, r.heard["p"], i), over("a", draw.Green, r.heard["a"], i))
			sees.Marks, gives.Marks = now, now
			return Scene{
				Panels: []*draw.Scene{all, sees, gives},
				Says: sentence("Coordinate %d at step %d: it sees y = %v and a slope of %v, and gives a step of %v/L and a momentum of %v. In the end it is to be %v.",
					i+1, k, y[i], r.g[k][i], r.heard["p"][k][i], r.heard["a"][k][i], best[i]),
			}
		},
	}
}
