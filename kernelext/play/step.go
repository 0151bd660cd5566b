package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// steplength moves the step of FISTA on a logistic regression, whose published step is far
// too short.
func steplength() Playground {
	const steps = 100
	type prepared struct {
		p                *optimizee.Problem
		best, published  float64   // F*, and the published step in units of 1/L
		lengths, reached []float64 // of which F − F* after 100 steps is known
		exact, paper     []float64 // F − F* with the true step and with the published one
	}
	run100 := func(p *optimizee.Problem, s float64, best float64) []float64 {
		return values(p, run(p, optim.WithStep(s, optim.FISTA), steps, nil), best)
	}
	problems := once(func(n int) prepared {
		p := optimizee.SmallLogistic.Draw(optimizee.Stream(18, uint64(n)))
		best, err := trace.Certified(p, 1e-13)
		if err != nil {
			panic(err)
		}
		at := prepared{p: p, best: best.F, published: p.Lipschitz("x", p.Start) / optimizee.PublishedL(p).Lipschitz("x", p.Start)}
		for e := -2.2; e <= 1.05; e += .125 {
			at.lengths, at.reached = append(at.lengths, e), append(at.reached, run100(p, math.Pow(10, e), at.best)[steps])
		}
		at.exact, at.paper = run100(p, 1, at.best), run100(p, at.published, at.best)
		return at
	})
	return Playground{
		Name:  "step",
		Title: "What is a wrong step length worth?",
		How:   "Move the step of FISTA. The published experiments on logistic regression took 1/‖W‖ for it; the loss is a mean over m rows, and 4m/‖W‖² is the step that the theory allows. Find the longest step that does not diverge, and see which one pays most.",
		Controls: []Control{
			LogSlider("step", "step × L", .006, 10, .2),
			Button("seed", "Another problem"),
		},
		Draw: func(v Values) Scene {
			at, s := problems(v.Int("seed")), v.Num("step")
			f := logAxis("F − F*", -12, 1)
			gaps := run100(at.p, s, at.best)
			mine := curve("your step", f, gaps)
			mine.Look = draw.Look{Hue: draw.Vermilion}
			mine.Width = 3
			left := chart("FISTA with three steps", axis("step k", 0, steps), f, mine,
				curve("FISTA, 1/L", f, at.exact),
				curve("FISTA, published step", f, at.paper))
			left.Layers[2].Look.Dash = 1
			lengths := axis("step × L, power of ten", -2.3, 1.1)
			var pts draw.Points
			for i, e := range at.lengths {
				pts = append(pts, [2]float64{e, f.At(max(at.reached[i], 1e-12))})
			}
			right := chart("F − F* after 100 steps, by step", lengths, f, line("", draw.Look{Hue: draw.Blue}, pts))
			if end := gaps[steps]; draw.Finite(end) {
				right.Layers = append(right.Layers, draw.Layer{
					Look: draw.Look{Hue: draw.Vermilion}, Size: 13, Symbol: "diamond",
					Pts: draw.Points{{math.Log10(s), f.At(min(max(end, 1e-12), 10))}},
				})
			}
			right.Marks = []draw.Mark{{Name: "1/L", At: 0, Vertical: true}, {Name: "published", At: math.Log10(at.published), Vertical: true}}
			says := sentence("F − F* after 100 steps: with %v/L %s, with 1/L %s", s, gap(gaps[steps]), gap(at.exact[steps]))
			return Scene{Panels: []*draw.Scene{left, right}, Says: says + sentence(", with the published step, %v/L, %s.", at.published, gap(at.paper[steps]))}
		},
	}
}
