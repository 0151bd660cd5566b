package play

import (
	"math"
	"math/rand/v2"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// hues of four clusters.
var hues = [4]string{draw.Blue, draw.Vermilion, draw.Green, draw.Amber}

// seeds drags the first means of a mixture of four, or draws them by k-means++, and runs EM
// frame by frame.
func seeds() Playground {
	const steps, reach = 30, 70.
	problems := once(func(n int) *optimizee.Problem {
		return mixture.Family{Points: 240, Dim: 2, Components: 4, Box: 45, Sigma: 5}.Draw(optimizee.Stream(4, uint64(n)))
	})
	points := func(x ad.Value, of []int, k int) (pts draw.Points) {
		for i, label := range of {
			if label == k {
				pts = append(pts, [2]float64{x.At(i, 0), x.At(i, 1)})
			}
		}
		return pts
	}
	controls := []Control{
		Counter("k", "step of EM", steps, 0),
		Choice("from", "seeds", 0, "where I put them", "k-means++", "any four points"),
		Button("draw", "Draw seeds again").If("from", 1, 2),
		Button("seed", "Other clusters"),
	}
	for k, at := range [][2]float64{{-12, 5}, {-4, -9}, {6, 8}, {12, -6}} {
		controls = append(controls, Drag([4]string{"a", "b", "c", "d"}[k], "seed "+number(float64(k+1)), 0, hues[k], at[0], at[1]).If("from", 0))
	}
	return Playground{
		Name:     "seeds",
		Title:    "Where must the seeds lie?",
		How:      "Drag the four seeds, and let EM run. Two seeds in one cluster leave two clusters to a third one, and EM does not mend that. Then draw seeds: k-means++ likes points that are far from the seeds so far.",
		Controls: controls,
		Draw: func(v Values) Scene {
			p := problems(v.Int("seed"))
			m := p.Data.(*mixture.Data)
			var seeded optim.Rule
			switch rng := optimizee.Stream(7, uint64(v.Int("draw"))); v.Int("from") {
			case 0:
				var mu []float64
				for _, name := range []string{"a", "b", "c", "d"} {
					x, y := v.At(name)
					mu = append(mu, x, y)
				}
				q := *p
				q.Start = m.Point(ad.Full(4, 1, .25), ad.New(4, 2, mu))
				p = &q
			case 1:
				seeded = started(mixture.KMeansPP, rng)
			default:
				seeded = started(mixture.RandomPoints, rng)
			}
			if seeded != nil {
				q := *p
				q.Start = run(p, seeded, 1, nil)[1]
				p = &q
			}
			way := run(p, mixture.EM, steps, nil)
			k := v.Int("k")
			x := way[k]
			labels := m.Labels(x)
			plan := plane(sentence("After %d steps", k), axis("x₁", -reach, reach), axis("x₂", -reach, reach))
			for c := range 4 {
				plan.Layers = append(plan.Layers, dots("", hues[c], 5, points(m.X, labels, c)))
			}
			for c := range 4 {
				var trail, ring draw.Points
				for _, w := range way[:k+1] {
					trail = append(trail, [2]float64{w.At("mu").At(c, 0), w.At("mu").At(c, 1)})
				}
				for i := range 49 {
					sin, cos := math.Sincos(2 * math.Pi * float64(i) / 48)
					ring = append(ring, [2]float64{trail[k][0] + 10*cos, trail[k][1] + 10*sin})
				}
				lk := draw.Look{Hue: hues[c]}
				plan.Layers = append(plan.Layers, line("", lk, trail), draw.Layer{Look: lk, Width: 1.2, Pts: ring},
					draw.Layer{Look: lk, Size: 13, Symbol: "diamond", Pts: trail[k:]})
			}
			fs := values(p, way, 0)
			best := values(p, run(fromTruth(p), mixture.EM, steps, nil), 0)
			f := axis("F", math.Floor(best[steps]*10)/10, math.Floor(best[steps]*10)/10+1.6)
			falls := chart("F, step by step", axis("step k", 0, steps), f, line("EM", look("EM"), curve("EM", f, fs).Pts))
			falls.Marks = []draw.Mark{{Name: "from the true means", At: best[steps]}, {At: float64(k), Vertical: true}}
			found := mixture.MeansFound(2.5)(p, way[steps])
			return Scene{
				Panels: []*draw.Scene{plan, falls},
				Says:   sentence("F = %v after %d steps; from the true means EM ends at %v. In the end %d of 4 clusters have a mean of their own.", fs[k], k, best[steps], int(found)),
			}
		},
	}
}

// started is a start as a rule with random numbers of its own.
func started(r optim.Rule, rng *rand.Rand) optim.Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) { return r(p, rng) }
}

// fromTruth is a mixture that starts from what drew its points.
func fromTruth(p *optimizee.Problem) *optimizee.Problem {
	q := *p
	q.Start = p.Truth
	return &q
}
