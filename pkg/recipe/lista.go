package recipe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

const (
	layers      = 16 // of all networks of the LISTA line
	listaLimits = "Made for one dictionary and good for 16 layers on signals of this law; further steps repeat the last layer. It refuses other dictionaries where it multiplies in float32. Sparsity, magnitudes and noise may change a little, at a price."
	lassoLimits = "Good for 16 layers on problems of this law, dictionary and λ: go on with FISTA from there, which converges."
)

// A line is a network of the LISTA line and how it is trained.
type line struct {
	name  string
	make  func(lista.Config) learned.Optimizer
	edit  func(*lista.Config) // what differs from the published network; nil for nothing
	train func(*Recipe, sparse.Recovery)
}

// lines are the networks. Those with matrices come last, for their cost.
var lines = []line{
	{name: "alista", make: lista.ALISTA, train: scalars},
	{name: "hyperlista", make: lista.HyperLISTA, train: threeNumbers},
	{name: "step-lista", make: lista.StepLISTA, train: func(r *Recipe, s sparse.Recovery) {
		scalars(r, s)
		minimise(r) // it takes λ from the problem
	}, edit: func(u *lista.Config) { u.Single = false }}, // all it multiplies with is the problem's
	{name: "lista-cpss", make: lista.CPSS, train: longer},
	{name: "lista-cp", make: lista.CP, train: matrices},
	{name: "lista", make: lista.LISTA, train: matrices},
	{name: "tilista", make: lista.TiLISTA, train: matrices},
	{name: "lamp", make: lista.LAMP, train: longer},
	{name: "lfista", make: lista.LFISTA, train: matrices},
	// from the published gates of 5 training takes long, and float32 is too coarse for them
	{name: "glista", make: lista.GLISTA, train: matrices, edit: func(u *lista.Config) { u.Gate, u.Single = 0.5, false }},
}

// get returns some of the lines.
func get(names ...string) (some []line) {
	for _, l := range lines {
		if slices.Contains(names, l.name) {
			some = append(some, l)
		}
	}
	return some
}

// grown trains a network towards known signals, layer by layer.
func grown(minibatches, every, patience int, rates ...float64) train.Config {
	return train.Config{
		Phases: train.LayerWise(layers, rates...), Minibatches: minibatches, Batch: 2, Loss: learned.Distance.AtEnd(), Seed: train.Paper.Seed,
		Validation: train.Validation{Problems: 16, Every: every, Patience: patience, Measure: trace.NMSE},
	}
}

// minimise trains for F itself instead.
func minimise(r *Recipe) {
	r.Train.Loss, r.Train.Validation.Measure = learned.PerInstance.AtEnd(), trace.Measure{}
}

// matrices is the published layer-wise training for networks with matrices, in float32.
// A step sees 128 fresh signals, as many as the Primer's minibatches; validation, each 100
// steps, 1,024. A phase of the Primer ends when five epochs of 400 steps bring nothing,
// here when 300 steps do, and after 1,000 at the latest: some 20 CPU minutes for a network.
func matrices(r *Recipe, _ sparse.Recovery) {
	r.CurveOnly = true
	r.Train = grown(1000, 100, 3)
}

// longer is the same, for LISTA-CPSS and LAMP: without noise in twice as many steps. Where
// they end then a few hard signals decide about the NMSE, and 300 steps often pass before it
// improves.
func longer(r *Recipe, s sparse.Recovery) {
	matrices(r, s)
	if s.SNR == 0 {
		r.Train.Minibatches, r.Train.Validation.Patience = 2000, 5
	}
}

// scalars is the same for networks with one or two numbers for each layer, which allow
// twenty times the published rates: 150 steps are enough for a phase then.
func scalars(r *Recipe, _ sparse.Recovery) {
	r.Train = grown(150, 50, 2, 1e-2, 2e-3, 2e-4)
}

// threeNumbers is the search for the three numbers of HyperLISTA, on 256 signals. The ranges are
// wider than the published ones: there c₁µ and c₂µ go from 1e-3 to 1e-2 and c₃/n from 0.1
// to 1, and the best c₁ lies at the border.
func threeNumbers(r *Recipe, s sparse.Recovery) {
	n := float64(s.Dictionary.Cols())
	r.Search = ParameterSearch(r.Optimizer, s, layers, 4, train.Paper.Seed,
		trace.Log("c1", 0.005, 0.5, 9), trace.Log("c2", 0.0025, 0.25, 9), trace.Log("c3", 0.02*n, 2*n, 9))
	r.Search.Rounds = 2
}

// inWords makes words of the name of a setting, such as 250x500-20db.
var inWords = strings.NewReplacer("x", "×", "-", ", noise at ", "db", " dB")

// recovery is the training of a network on signals.
func (l line) recovery(setting string, s sparse.Recovery) Recipe {
	u := lista.Config{Dictionary: s.Dictionary, Layers: layers, Single: true}
	if l.edit != nil {
		l.edit(&u)
	}
	o := l.make(u)
	r := Recipe{
		Name: l.name + "-recovery-" + setting, About: o.Name + " on sparse recovery, " + inWords.Replace(setting), Optimizer: o,
		Family: s, Limits: listaLimits,
		Fresh: 16, // 1,024 signals, in the 64 columns of each problem
	}
	l.train(&r, s)
	return r
}

// endToEnd is the recipe with all layers trained at once, in as many steps.
func (r Recipe) endToEnd() Recipe {
	c := &r.Train
	r.Name += "-endtoend"
	r.About += ", all layers at once"
	c.Phases = train.EndToEnd(layers, c.Phases[0].LR, c.Phases[1].LR, c.Phases[2].LR)
	c.Minibatches *= layers
	return r
}

// Lasso minimisation as in the Primer (Chen et al. 2022, §4.1.2): the same signals
// without noise, and λ = 0.005.
var (
	Lasso5x10  = sparse.Recovery{Dictionary: sparse.DrawDictionary(5, 10, 5), Lambda: 0.005}
	Lasso25x50 = sparse.Recovery{Dictionary: sparse.DrawDictionary(25, 50, 6), Lambda: 0.005}
)

// minimising is the training of a network for F itself. Doubled is for 2λ, as the
// Primer's code trains: its loss is ¼‖Ax − b‖² + λ‖x‖₁. The networks are small and
// their weights ship. Support selection is left out: the minimiser is a point where every
// entry that is not zero was shrunk.
func (l line) minimising(setting string, s sparse.Recovery, doubled bool) Recipe {
	o := l.make(lista.Config{Dictionary: s.Dictionary, Layers: layers, NoSelection: true})
	r := Recipe{Name: l.name + "-minimise-" + setting, About: o.Name + " on Lasso minimisation, " + inWords.Replace(setting), Optimizer: o, Limits: lassoLimits}
	words := ""
	if doubled {
		s.Lambda *= 2
		r.Name += "-2lambda"
		r.About += ", trained for 2λ, as the public code does"
		words = ", twice that of the problem"
	}
	r.Family = optimizee.FamilyFunc(minimisation(s)+words, s.Draw)
	l.train(&r, s)
	r.CurveOnly = false
	minimise(&r)
	return r
}

// minimisation describes the family by what counts in it.
func minimisation(s sparse.Recovery) string {
	return fmt.Sprintf("Lasso with λ = %g and the data of %v", s.Lambda, s)
}

// unrolled lists the trainings of the LISTA line: all networks on the signals of the talk,
// then those that the Primer finds best on its other settings, then Lasso minimisation.
func unrolled() (all []Recipe) {
	talk := sparse.TalkRecovery
	for _, l := range lines {
		all = append(all, l.recovery("250x500", talk))
	}
	for _, l := range get("alista", "lista-cpss") {
		all = append(all, l.recovery("250x500", talk).endToEnd())
	}
	best := get("alista", "hyperlista", "lista-cpss", "lista-cp")
	for _, s := range []struct {
		name string
		rec  sparse.Recovery
	}{
		{"250x500-20db", talk.WithNoise(20)},
		{"250x500-30db", talk.WithNoise(30)},
		{"250x500-40db", talk.WithNoise(40)},
		{"256x512", sparse.PrimerRecovery},
		{"512x1024", sparse.LargeRecovery},
	} {
		for _, l := range best {
			all = append(all, l.recovery(s.name, s.rec))
		}
	}
	for _, l := range best {
		all = append(all, l.onPatches())
	}
	for _, l := range get("lista", "alista", "step-lista") {
		for _, doubled := range []bool{false, true} {
			all = append(all, l.minimising("5x10", Lasso5x10, doubled), l.minimising("25x50", Lasso25x50, doubled))
		}
	}
	return all
}
