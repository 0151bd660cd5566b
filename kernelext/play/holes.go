package play

import (
	"math"
	"slices"

	"github.com/l2olab/l2o/kernelext/internal/draw"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// side is that of the small image of holes.
const side = 20

// picture is an image of rank 4: hills, stripes and a ramp.
func picture() ad.Value {
	v := ad.New(side, side, nil)
	wave := func(t, centre, width float64) float64 {
		return math.Exp(-(t - centre) * (t - centre) / (2 * width * width))
	}
	for i := range side {
		for j := range side {
			y, x := float64(i)/(side-1), float64(j)/(side-1)
			v.Data[i*side+j] = wave(y, .3, .15)*wave(x, .35, .2) + .8*wave(y, .75, .1)*wave(x, .7, .25) + .25*math.Sin(9*y)*math.Sin(12*x) + .3*x
		}
	}
	return v
}

// holes paints what is missing of an image, which ALS and ALS with a lowered λ fill.
func holes() Playground {
	truth := picture()
	missing := make([]float64, side*side)
	rng := optimizee.Stream(12)
	for k := range missing {
		if rng.Float64() < .5 {
			missing[k] = 1
		}
	}
	// image shows a matrix with row 0 on top, and gaps where it is not known.
	image := func(head string, v ad.Value, gap []float64) *draw.Scene {
		rows := v.Lists()
		for k := range gap {
			if gap[k] > 0 {
				rows[k/side][k%side] = math.NaN()
			}
		}
		slices.Reverse(rows)
		sc := plane(head, axis("", 0, side), axis("", 0, side))
		sc.Kind, sc.Plain = "Image", true
		sc.Cells = &draw.Cells{V: rows, Colour: axis("", -.3, 1.4), Scale: draw.Amounts}
		return sc
	}
	return Playground{
		Name:  "holes",
		Title: "What can be guessed from the other rows?",
		How:   "Paint over the first picture: what you hide is gone, what you uncover is known again. A factor model fills the gaps from rows and columns that look alike. With more columns than the picture needs, which is four, plain ALS goes astray; λ, lowered from sweep to sweep, mostly keeps the way. Hide a block, a whole row, or all but a few entries: what can no method guess?",
		Controls: []Control{
			Slider("p", "columns of U and V", 1, 8, 1, 5),
			LogSlider("lambda", "λ", 1e-4, 1, 1e-3),
			Paint("missing", "hidden entries", 0, side, side, missing),
		},
		Draw: func(v Values) Scene {
			gap, lambda := v.Cells("missing"), v.Num("lambda")
			known := completion.Observed{Rows: side, Cols: side}
			for k, hidden := range gap {
				if hidden == 0 {
					known.Row, known.Col, known.Value = append(known.Row, k/side), append(known.Col, k%side), append(known.Value, truth.Data[k])
				}
			}
			panels := []*draw.Scene{image("What is known", truth, gap)}
			if len(known.Value) == 0 {
				return Scene{Panels: append(panels, image("ALS", truth, gap), image("ALS, lowered λ", truth, gap)), Says: "Nothing is known: uncover some entries."}
			}
			p := completion.WithTruth(completion.Problem(known, completion.Config{P: v.Int("p"), Lambda: lambda, Seed: 1}), truth)
			says := sentence("%d of %d entries are hidden. Relative error on them: ", side*side-len(known.Value), side*side)
			for i, r := range []optim.Rule{completion.ALS, completion.ALSLowered(completion.LoweredConfig{Over: 40})} {
				way := run(p, r, 40, nil)
				x := way[len(way)-1]
				name := [2]string{"ALS", "ALS, lowered λ"}[i]
				panels = append(panels, image(name, x.At("U").MatMulT(x.At("V")), nil))
				says += sentence("%s %v", name, completion.HiddenRMSE(p, x)) + [2]string{", ", "."}[i]
			}
			return Scene{Panels: panels, Says: says}
		},
	}
}
