package play

import (
	_ "embed"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// corrector is a network that corrects steps of EM, as study.Networks trains it.
//
//go:embed assets/corrector.safetensors
var corrector []byte

// start lets EM, EM with momentum and MLAM walk from a start through the landscape of MLAM's
// Figure 3: two means of three Gaussians on a line.
func start() Playground {
	const reach = 16.
	names := []string{"EM", "momentum", "MLAM"}
	rules := once(func(int) []optim.Rule {
		mlam, err := weights.Decode(corrector)
		if err != nil {
			panic(err)
		}
		return []optim.Rule{mixture.EM, optim.Momentum(1, .9, mixture.EM), mlam.Optimizer.Rule(mlam.Theta)}
	})
	steps := []int{40, 40, 7} // an outer step of MLAM is ten for each mean
	ax, ay := axis("µ₁ (σ = 1)", -reach, reach), axis("µ₂ (σ = 10)", -reach, reach)
	type landscape struct {
		p     *optimizee.Problem
		lines []draw.Layer
		least float64
	}
	at := func(p *optimizee.Problem, x, y float64) optimizee.Point {
		return p.Start.With("mu1", ad.Scalar(x)).With("mu2", ad.Scalar(y))
	}
	landscapes := once(func(n int) landscape {
		p := mixture.ByMean(mixture.Fig3(200).Draw(optimizee.Stream(3, uint64(n+1))))
		l := landscape{p: p, least: 1e9}
		l.lines = contours(ax, ay, 48, 11, func(xs ad.Value) []float64 {
			f := make([]float64, xs.C)
			for j := range f {
				f[j] = p.Value(at(p, xs.At(0, j), xs.At(1, j))).Item()
				l.least = min(l.least, f[j])
			}
			return f
		})
		return l
	})
	return Playground{
		Name:  "start",
		Title: "Who leaves the wrong valley?",
		How:   "Click a start, or drag it. There are two valleys, and only one is right: the narrow Gaussian and the wide one can change places. From which starts does EM end in the wrong one? And who walks out of it, or out of the right one?",
		Controls: []Control{
			Drag("start", "start", 0, draw.Vermilion, 12, -9),
			Button("seed", "Other points"),
		},
		Draw: func(v Values) Scene {
			l := landscapes(v.Int("seed"))
			p := *l.p
			x, y := v.At("start")
			p.Start = at(l.p, x, y)
			plan := plane("F, by the two means", ax, ay, l.lines...)
			f, passes := axis("F above the lowest of the map", -.02, .7), axis("passes over the points", 0, 140)
			falls := chart("F, by passes over the points", passes, f)
			says := ""
			for i, r := range rules(0) {
				way, err := trace.Path(&p, r, steps[i], optimizee.Stream(9))
				if err != nil {
					panic(err)
				}
				var pts, fs draw.Points
				for k, w := range way {
					pts = append(pts, [2]float64{w.At("mu1").Item(), w.At("mu2").Item()})
					fs = append(fs, [2]float64{float64(k), p.Value(w).Item() - l.least})
				}
				plan.Layers = append(plan.Layers, path(names[i], pts)...)
				falls.Layers = append(falls.Layers, line(names[i], look(names[i]), fs))
				end := pts[len(pts)-1]
				says += sentence("%s ends at (%v, %v), F = %v. ", names[i], end[0], end[1], fs[len(fs)-1][1]+l.least)
			}
			return Scene{Panels: []*draw.Scene{plan, falls}, Says: says}
		},
	}
}
