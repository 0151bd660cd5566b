package play

import (
	"math"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/weights"
)

// layers scrubs through the layers of a network, against the spikes that the measurements
// are made of.
func layers() Playground {
	const depth = 16
	names := []string{"ALISTA", "ISTA", "FISTA"}
	// What the weights were trained for (recipe.Lasso25x50), one signal at a time.
	family := once(func(int) sparse.Recovery {
		return sparse.Recovery{Dictionary: sparse.DrawDictionary(25, 50, 6), Lambda: 0.005, Columns: 1}
	})
	rules := once(func(i int) optim.Rule {
		return [...]func() optim.Rule{
			func() optim.Rule { return weights.Rule("alista-minimise-25x50") },
			func() optim.Rule { return optim.ISTA },
			func() optim.Rule { return optim.FISTA },
		}[i]()
	})
	type signal struct {
		p    *optimizee.Problem
		ways [][]optimizee.Point
		nmse [][]float64
	}
	signals := once(func(n int) signal {
		s := signal{p: family(0).Draw(optimizee.Stream(25, uint64(n)))}
		for i := range names {
			way := run(s.p, rules(i), depth, nil)
			var db []float64
			for _, x := range way {
				db = append(db, sparse.NMSE(x.X(), s.p.Truth.X()))
			}
			s.ways, s.nmse = append(s.ways, way), append(s.nmse, db)
		}
		return s
	})
	return Playground{
		Name:  "layers",
		Title: "What does each layer do to the spikes?",
		How:   "Scrub through the layers. There are 25 measurements of 50 unknowns, of which a few are not 0. Watch wrong spikes appear and vanish: which method is rid of them first?",
		Controls: []Control{
			Counter("layer", "layer", depth, 4),
			Choice("method", "method", 0, names...),
			Button("seed", "Another signal"),
		},
		Draw: func(v Values) Scene {
			s, k, m := signals(v.Int("seed")), v.Int("layer"), v.Int("method")
			truth, x := s.p.Truth.X().Data, s.ways[m][k].X().Data
			most, wrong := 0., 0
			for i, t := range truth {
				most = max(most, math.Abs(t))
				if t == 0 && x[i] != 0 {
					wrong++
				}
			}
			most *= 1.3
			spikes := chart(sentence("Layer %d of %s", k, names[m]), axis("entry", -1, 50), axis("", -most, most),
				append(stems("the truth", draw.Grey, 9, truth), stems("after this layer", look(names[m]).Hue, 6, x)...)...)
			db := chart("How far from the truth", axis("layer", 0, depth), axis("NMSE, dB", -40, 5))
			for i, name := range names {
				db.Layers = append(db.Layers, curve(name, db.Y, s.nmse[i]))
			}
			db.Marks = []draw.Mark{{Name: "", At: float64(k), Vertical: true}}
			return Scene{
				Panels: []*draw.Scene{spikes, db},
				Says:   sentence("After layer %d of %s the error is %v dB, and %d entries are not 0 that should be.", k, names[m], s.nmse[m][k], wrong),
			}
		},
	}
}
