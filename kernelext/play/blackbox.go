package play

import (
	_ "embed"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/weights"
)

// stepper is L2O-DM for bowls in two numbers, as study.Stepper trains it.
//
//go:embed assets/stepper.safetensors
var stepper []byte

// blackbox scrubs through a run of L2O-DM in a bowl F = ½xᵀQx with the curvatures 1 and 1/κ:
// what its network sees of a coordinate and what it gives, beside gradient descent and Adam.
func blackbox() Playground {
	const steps = 40
	rule := once(func(int) optim.Rule {
		w, err := weights.Decode(stepper)
		if err != nil {
			panic(err)
		}
		return w.Optimizer.Rule(w.Theta)
	})
	return Playground{
		Name:  "blackbox",
		Title: "What does a learned rule see, and what does it give?",
		How:   "Scrub through the steps. For each coordinate alone the network sees the slope, as its sign and its logarithm, and gives a move. Drag the start, change the bowl, and look for a rate with which gradient descent or Adam keeps up.",
		Controls: []Control{
			Counter("k", "step k", steps, 12),
			Choice("i", "coordinate", 0, "x₁", "x₂"),
			LogSlider("kappa", "steepest / flattest curvature", 1, 100, 30),
			Slider("rate", "rate of gradient descent", .05, 2.2, .05, 1),
			LogSlider("adam", "rate of Adam", .01, 1, .1),
			Drag("start", "start", 0, draw.Vermilion, -1.2, .9),
		},
		Draw: func(v Values) Scene {
			k, i, q := v.Int("k"), v.Int("i"), turned(v.Num("kappa"))
			x, y := v.At("start")
			p := from(optimizee.QuadraticForm(linear.Dense(q), ad.Col(0, 0)), x, y)
			names := []string{"gradient descent", "Adam", "L2O-DM"}
			rules := []optim.Rule{optim.GD(optim.Fixed(v.Num("rate"))), optim.Adam(optim.AdamConfig{LR: v.Num("adam")}), rule(0)}
			ax, ay := axis("x₁", -2, 2), axis("x₂", -2, 2)
			plan := plane(sentence("The way to step %d", k), ax, ay, bowl(ax, ay, q)...)
			f, ks := logAxis("F", -8, 1), axis("step k", 0, steps)
			falls := chart("F, step by step", ks, f)
			var f40, slope, move []float64
			for n, r := range rules {
				way := run(p, r, steps, nil)
				plan.Layers = append(plan.Layers, path(names[n], inPlane(way[:k+1]))...)
				fs := values(p, way, 0)
				falls.Layers, f40 = append(falls.Layers, curve(names[n], f, fs)), append(f40, fs[steps])
				for j := 0; names[n] == "L2O-DM" && j < steps; j++ {
					slope = append(slope, p.Grad("x", way[j]).Data[i])
					move = append(move, way[j+1].X().Data[i]-way[j].X().Data[i])
				}
			}
			span := draw.Span{}
			span.See(slices.Concat([]float64{0}, slope, move)...)
			both := draw.Axis{}
			both.Fit(span.Lo, span.Hi)
			gives := chart("What it sees and gives: x"+[]string{"₁", "₂"}[i], ks,
				both, line("slope", draw.Look{Hue: draw.Amber}, byStep(slope)), line("move", draw.Look{Hue: draw.Vermilion}, byStep(move)))
			now := []draw.Mark{{At: float64(k), Vertical: true}}
			falls.Marks, gives.Marks = now, now
			at := min(k, steps-1)
			return Scene{
				Panels: []*draw.Scene{plan, falls, gives},
				Says: sentence("In step %d the network sees a slope of %v and gives a move of %v. After %d steps F is %v with L2O-DM, %v with gradient descent and %v with Adam.",
					at, slope[at], move[at], steps, f40[2], f40[0], f40[1]),
			}
		},
	}
}

// byStep are the points of numbers over their index.
func byStep(v []float64) (pts draw.Points) {
	for k, y := range v {
		pts = append(pts, [2]float64{float64(k), y})
	}
	return pts
}
