package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Supervision says how to train an unrolled network: phase by phase, on problems whose
// solutions are known. What is encoded as JSON decides the result to the last bit on one
// platform; the rest decides only what is seen of it on the way.
type Supervision struct {
	Phases   []Phase // [LayerWise] or [EndToEnd]
	Batch    int     // problems in a step, each with a tape of its own
	Steps    int     // most steps of a phase
	Every    int     // steps between two validations
	Patience int     // a phase ends after so many validations in a row that found nothing lower
	Problems int     // validation problems, fixed
	Seed     uint64

	// Objective trains for F at the last step instead of the distance to the truth,
	// which the family then need not give.
	Objective bool

	Checkpoint      string        `json:"-"` // file to resume from and write to; "" for none
	CheckpointEvery time.Duration `json:"-"` // at least between two writes; default one minute, because θ is large
	Report          func(Event)   `json:"-"` // called after each step from the goroutine of Supervise; nil for nobody
	Start           nn.Params     `json:"-"` // parameters to begin with instead of drawn ones
}

// A Phase trains the parameters of the layers up to one of them, for the point after
// that layer.
type Phase struct {
	Layers int     // the rule takes so many steps
	New    bool    // train only what is new in the last of these layers
	LR     float64 // of Adam, which begins anew
}

// rates are those of the LISTA line (as coded for the LISTA-CPSS paper and the Primer).
var rates = []float64{5e-4, 1e-4, 1e-5}

// LayerWise grows a network of that many layers one by one (Chen et al. 2018, §4): it
// trains the parameters that are new in a layer at the first rate, then those of all
// layers so far at each of the others. Without rates it takes the published 5e-4, 1e-4
// and 1e-5; the two numbers per layer of ALISTA bear ten times these, and need fewer
// steps then.
func LayerWise(layers int, lr ...float64) (phases []Phase) {
	if len(lr) == 0 {
		lr = rates
	}
	for k := 1; k <= layers; k++ {
		for i, lr := range lr {
			phases = append(phases, Phase{k, i == 0, lr})
		}
	}
	return phases
}

// EndToEnd trains all layers from the beginning, at each of the rates of [LayerWise]:
// what that is to be compared with.
func EndToEnd(layers int, lr ...float64) (phases []Phase) {
	if len(lr) == 0 {
		lr = rates
	}
	for _, lr := range lr {
		phases = append(phases, Phase{layers, false, lr})
	}
	return phases
}

// check reports the settings with which no training can start.
func (c Supervision) check() error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("train: "+format, args...))
		}
	}
	need(len(c.Phases) > 0, "there are no phases: LayerWise and EndToEnd make them")
	for i, p := range c.Phases {
		need(p.Layers > 0 && p.LR > 0 && !math.IsInf(p.LR, 1), "phase %d has %d layers and the rate %g: both have to be positive", i+1, p.Layers, p.LR)
	}
	need(c.Batch > 0 && c.Steps > 0, "%d problems in a step and %d steps: both have to be positive", c.Batch, c.Steps)
	need(c.Every > 0 && c.Patience > 0 && c.Problems > 0, "validation on %d problems every %d steps with patience %d: phases end by it, so all have to be positive", c.Problems, c.Every, c.Patience)
	return errors.Join(errs...)
}

// Learnt is what a supervised training reached. After an error it holds the last good state.
type Learnt struct {
	Theta      nn.Params // the best θ of the phase that was reached, by validation
	Best       float64   // its value: NMSE in dB as the ratio of sums, or with Objective the mean F of an instance
	Steps      int       // steps done
	Phases     []Reached // those that ended
	Validation []Point   // all validations, after that many steps
}

// Reached is what a phase reached.
type Reached struct {
	Phase
	Steps int     // that it took
	Value float64 // of the best θ
}

// Supervise trains an unrolled network on problems with known solutions. Each step
// draws Batch problems, takes as many steps of the rule as the phase has layers, and
// makes one Adam step on the mean of ½‖x − x*‖² over the instances, which are the columns
// of the problems. Problems run in parallel and their gradients are added in order, so
// the result does not depend on the number of cores. A phase ends when validation finds
// nothing lower any more, with the best θ that it saw. With Checkpoint the training
// resumes where it was stopped or killed, to the same bits.
//
// When the context ends, Supervise returns its error and what was reached, after writing
// the checkpoint.
func Supervise(ctx context.Context, o learned.Optimizer, fam optimizee.Family, c Supervision) (Learnt, error) {
	if err := c.check(); err != nil {
		return Learnt{}, err
	}
	s, err := begun(o, fam, c)
	if err != nil {
		return Learnt{}, err
	}
	for s.phase < len(c.Phases) {
		if err := s.advance(ctx); err != nil {
			s.stopped(err)
			return s.result(), errors.Join(err, s.save())
		}
	}
	return s.result(), s.save()
}

// begun is the state before the first step, or that of the checkpoint.
func begun(o learned.Optimizer, fam optimizee.Family, c Supervision) (*supervised, error) {
	p := fam.Draw(optimizee.Stream(c.Seed, forProblem, 0, 0))
	truth := p.Truth
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("train: the family's first problem: %w", err)
	}
	if !c.Objective {
		if truth.IsZero() {
			return nil, fmt.Errorf("train: %s comes without the point to reach: set Objective, or give it", p.Name)
		}
		if x, y := p.Start.X(), truth.X(); x.R != y.R || x.C != y.C {
			return nil, fmt.Errorf("train: %s starts from %s, and its truth is %s: one column for each instance in both", p.Name, x.Shape(), y.Shape())
		}
	}
	theta := nn.NewParams()
	o.Init(theta, optimizee.Stream(c.Seed, forTheta))
	if _, err := o.Rule(theta)(p, optimizee.Stream(c.Seed, forState)); err != nil {
		return nil, err
	}
	if start := c.Start; start != (nn.Params{}) {
		if err := nn.Match(start, theta); err != nil {
			return nil, fmt.Errorf("train: Supervision.Start: %w", err)
		}
		theta = start.Clone()
	}
	for _, ph := range c.Phases {
		if len(ph.trains(theta)) == 0 {
			return nil, fmt.Errorf("train: %s has no parameters that the phase with %d layers could train (new ones only: %v)", o.Name, ph.Layers, ph.New)
		}
	}
	s := &supervised{
		o: o, fam: fam, c: c, theta: theta, best: theta, value: math.NaN(),
		loss:    math.NaN(),
		workers: make([]worker, c.Batch), began: time.Now(), saved: time.Now(),
	}
	s.enter()
	return s, s.resume()
}

// trains lists the parameters that a phase trains.
func (ph Phase) trains(th nn.Params) (names []string) {
	for _, n := range th.Names() {
		if k := layerOf(n); k <= ph.Layers && (!ph.New || max(k, 1) == ph.Layers) {
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

// words describe a phase.
func (ph Phase) words(of int) string {
	what := "all parameters"
	if ph.New {
		what = "new parameters"
	}
	return fmt.Sprintf("layer %d of %d, %s, rate %g", ph.Layers, of, what, ph.LR)
}

// deepest is the number of layers of the deepest phase.
func (c Supervision) deepest() (layers int) {
	for _, ph := range c.Phases {
		layers = max(layers, ph.Layers)
	}
	return layers
}
