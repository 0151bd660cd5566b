package train

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
)

// A Phase is a part of a training that begins with the best θ of the phase before it and
// with Adam anew. Zero fields are those of the Config. A horizon that grows is a phase for
// each number of iterations, see [Config.Curriculum]; a network that grows by layers, see
// [LayerWise], is the same.
type Phase struct {
	Iterations  int      // steps on each problem; of an unrolled network its layers so far
	New         bool     // train only the parameters that are new in the last of these layers
	Only        []string `json:",omitempty"` // train only parameters whose names begin so; nil for all
	LR          float64
	Segment     int `json:",omitempty"`
	Minibatches int `json:",omitempty"` // at most
	Patience    int `json:",omitempty"` // it ends after so many validations in a row that found nothing lower; -1 for never

	everything bool `json:"-"` // also the parameters of later layers
}

// PhaseResult is what a phase reached.
type PhaseResult struct {
	Phase
	Minibatches int     // that it took
	Value       float64 // validation of its best θ; NaN where none was finite
}

// rates are those of the LISTA line (as coded for the LISTA-CPSS paper and the Primer).
var rates = []float64{5e-4, 1e-4, 1e-5}

// LayerWise grows a network of that many layers one by one (Chen et al. 2018, §4): it
// trains the parameters that are new in a layer at the first rate, then those of all
// layers so far at each of the others. Without rates it takes the published 5e-4, 1e-4
// and 1e-5; the two numbers per layer of ALISTA allow ten times these, and then need
// fewer steps.
func LayerWise(layers int, lr ...float64) (phases []Phase) {
	needLayer("LayerWise", layers)
	if len(lr) == 0 {
		lr = rates
	}
	for k := 1; k <= layers; k++ {
		for i, lr := range lr {
			phases = append(phases, Phase{Iterations: k, New: i == 0, LR: lr})
		}
	}
	return phases
}

// EndToEnd trains all layers from the beginning, at each of the rates of [LayerWise]:
// what that is to be compared with.
func EndToEnd(layers int, lr ...float64) (phases []Phase) {
	needLayer("EndToEnd", layers)
	if len(lr) == 0 {
		lr = rates
	}
	for _, lr := range lr {
		phases = append(phases, Phase{Iterations: layers, LR: lr})
	}
	return phases
}

// needLayer keeps a network without layers from becoming a training without phases.
func needLayer(what string, layers int) {
	if layers < 1 {
		panic(fmt.Sprintf("train: %s: a network of %d layers: there has to be one", what, layers))
	}
}

// phases are those to train in, with nothing left out.
func (c Config) phases() []Phase {
	phases := slices.Clone(c.Phases)
	if len(phases) == 0 {
		phases = []Phase{{everything: true}}
	}
	for i := range phases {
		p := &phases[i]
		p.Iterations = cmp.Or(p.Iterations, c.Iterations)
		p.Segment = cmp.Or(p.Segment, c.Segment, p.Iterations)
		p.LR, p.Minibatches = cmp.Or(p.LR, c.LR), cmp.Or(p.Minibatches, c.Minibatches)
		p.Patience = cmp.Or(p.Patience, c.Validation.Patience)
	}
	return phases
}

// Layers is the largest number of iterations: of an unrolled network the layers that are
// trained.
func (c Config) Layers() (layers int) {
	for _, p := range c.phases() {
		layers = max(layers, p.Iterations)
	}
	return layers
}

// rate is the learning rate of a minibatch of the phase, counted from 0.
func (p Phase) rate(minibatch, halve int) float64 {
	if halve == 0 {
		return p.LR
	}
	return p.LR * math.Exp2(-float64(minibatch)/float64(halve))
}

// trains lists the parameters that a phase trains.
func (p Phase) trains(th nn.Params) (names []string) {
	for _, n := range th.Names() {
		k := layerOf(n)
		layer := p.everything || k <= p.Iterations && (!p.New || max(k, 1) == p.Iterations)
		if layer && (p.Only == nil || slices.ContainsFunc(p.Only, func(prefix string) bool { return strings.HasPrefix(n, prefix) })) {
			names = append(names, n)
		}
	}
	return names
}

// layerOf is k for "layer<k>.…" and 0 for what all layers share, which is new in layer 1.
func layerOf(name string) int {
	head, _, _ := strings.Cut(name, ".")
	number, ok := strings.CutPrefix(head, "layer")
	if k, err := strconv.Atoi(number); ok && err == nil {
		return k
	}
	return 0
}

// enter begins a phase.
func (t *training) enter() {
	p := t.phases[t.phase]
	t.names, t.done, t.idle = p.trains(t.Last), 0, 0
	t.opt = nn.NewAdam(t.Last, t.names)
	if t.c.Imitate != nil {
		t.pupil = t.opt.Clone()
	}
	sizes := make([]int, len(t.names))
	for i, n := range t.names {
		sizes[i] = t.Last.At(n).Len()
	}
	t.sum = make([]float64, t.opt.M.Count())
	t.tiles = tiles(t.sum, sizes)
	for i := range t.batch {
		t.batch[i] = &instance{}
		for _, n := range sizes {
			t.batch[i].grads = append(t.batch[i].grads, ad.NewGradient(n))
		}
	}
	if len(t.c.Phases) == 0 {
		return
	}
	t.say(p.words(t.phase, len(t.phases)))
	far := t.c.horizon(t.phases, t.phase)
	if far != p.Iterations {
		t.say(fmt.Sprintf("validated over %d steps", far))
	}
	if v := t.c.Validation.Problems; v > 0 && (t.phase == 0 || t.c.horizon(t.phases, t.phase-1) != far) {
		t.due, t.Best = true, math.NaN() // runs of another length have another value
	}
}

// ended says whether the phase is over.
func (t *training) ended() bool {
	p := t.phases[t.phase]
	return t.done >= p.Minibatches || p.Patience > 0 && t.idle >= p.Patience && t.validations() >= t.c.Validation.AtLeast
}

// leave ends a phase. The next one begins with the best θ.
func (t *training) leave() {
	if t.lost() {
		t.say(fmt.Sprintf("no validation of phase %d was finite: θ is that from its start", t.phase+1))
	}
	reached := PhaseResult{t.phases[t.phase], t.done, t.Best}
	t.Result.Phases = append(t.Result.Phases, reached)
	if t.c.Observe != nil {
		t.c.Observe(reached, t.Theta)
	}
	if t.phase+1 < len(t.phases) {
		t.Last = t.Theta.Clone()
	}
}

// which names the phase in a complaint, where there are several.
func (p Phase) which(i, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" in phase %d of %d", i+1, of)
}

// words describe phase i.
func (p Phase) words(i, of int) string {
	what := "all parameters"
	switch {
	case p.New:
		what = "new parameters"
	case p.Only != nil:
		what = strings.Join(p.Only, ", ")
	}
	return fmt.Sprintf("phase %d of %d: %d steps, %s, rate %g", i+1, of, p.Iterations, what, p.LR)
}
