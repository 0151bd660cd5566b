package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// A Trained optimizer is a [learned.Optimizer] with the θ that a training found.
type Trained struct {
	Optimizer learned.Optimizer
	Theta     nn.Params
	Card      Card

	warned *sync.Map // what slog was told already
}

// A Card says where a θ comes from and what it is for.
type Card struct {
	Name     string             // of the weights, such as "l2opa-lasso-20x40"
	Problem  string             // Problem.Name of the training family
	Traits   map[string]float64 // Problem.Traits of the training family
	Family   string             // the family in words
	Recipe   string             // how to make θ again: lab train NAME
	Seed     string
	Numerics string       // version of the numerics that trained it
	Reached  string       // what validation said
	Curve    []Validation // all validations, to see how the training went
	License  string
	Limits   string // what is known not to work
}

// A Validation is what was found after so many minibatches.
type Validation struct {
	After int
	Value float64
}

// A kind is an optimizer that can be read from disk, known by the type of its Config.
type kind struct {
	name  string
	is    func(config any) bool
	build func(config []byte) (learned.Optimizer, error)
}

// kinds lists them; a new one is a line.
var kinds = []kind{
	kindOf("pa", sure(learned.PA)), kindOf("dm", sure(learned.DM)), kindOf("rnnprop", sure(learned.RNNprop)),
	kindOf("adalista", sure(lista.AdaLISTA)), kindOf("unrolled", lista.Unroll),
	kindOf("mlam", sure(mlam.MLAM)), kindOf("mlam rows", sure(mlam.Rows)), kindOf("coordinate-wise", sure(learned.CoordinateWise)),
}

// sure is for constructors that refuse nothing.
func sure[C any](of func(C) learned.Optimizer) func(C) (learned.Optimizer, error) {
	return func(c C) (learned.Optimizer, error) { return of(c), nil }
}

func kindOf[C any](name string, of func(C) (learned.Optimizer, error)) kind {
	return kind{
		name: name,
		is:   func(config any) bool { _, ok := config.(C); return ok },
		build: func(config []byte) (learned.Optimizer, error) {
			var c C
			if err := json.Unmarshal(config, &c); err != nil {
				return learned.Optimizer{}, err
			}
			return of(c)
		},
	}
}

// find returns the kind of an optimizer.
func find(o learned.Optimizer) (kind, error) {
	for _, k := range kinds {
		if k.is(o.Config) {
			return k, nil
		}
	}
	return kind{}, fmt.Errorf("weights: an optimizer with a Config of type %T cannot be written to disk with its θ: save the parameters alone with nn.Save", o.Config)
}

// LoadFile returns an optimizer from a file that [Trained.Save] wrote.
func LoadFile(file string) (Trained, error) {
	th, meta, err := nn.Load(file)
	if err != nil {
		return Trained{}, err
	}
	t, err := restore(th, meta)
	if err != nil {
		return Trained{}, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

func restore(th nn.Params, meta map[string]string) (Trained, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == meta["kind"] })
	if i < 0 {
		var names []string
		for _, k := range kinds {
			names = append(names, k.name)
		}
		return Trained{}, fmt.Errorf("weights: the metadata name the kind %q, and there are %q: this file holds no optimizer", meta["kind"], names)
	}
	o, err := kinds[i].build([]byte(meta["config"]))
	if err != nil {
		return Trained{}, fmt.Errorf("weights: the metadata's config: %w", err)
	}
	t := Trained{Optimizer: o, Theta: th, warned: new(sync.Map)}
	if err := json.Unmarshal([]byte(meta["card"]), &t.Card); err != nil {
		return Trained{}, fmt.Errorf("weights: the metadata's card: %w", err)
	}
	want := o.First(rand.New(rand.NewPCG(0, 0)))
	return t, nn.Match(th, want)
}

// NewTrained describes a θ that was trained on a family.
func NewTrained(o learned.Optimizer, th nn.Params, fam optimizee.Family, card Card) (Trained, error) {
	if _, err := find(o); err != nil {
		return Trained{}, err
	}
	p := fam.Draw(optimizee.Stream(0))
	if err := p.Check(); err != nil {
		return Trained{}, err
	}
	card.Family, card.Problem, card.Traits = fam.String(), p.Name, p.Traits
	return Trained{Optimizer: o, Theta: th, Card: card, warned: new(sync.Map)}, nil
}

// Save writes θ and card to a safetensors file.
func (t Trained) Save(file string) error {
	kind, err := find(t.Optimizer)
	if err != nil {
		return err
	}
	config, err := json.Marshal(t.Optimizer.Config)
	if err != nil {
		return err
	}
	card, err := json.Marshal(t.Card)
	if err != nil {
		return err
	}
	return nn.Save(file, t.Theta, map[string]string{"kind": kind.name, "config": string(config), "card": string(card)})
}

// String says in a sentence or two what t is, for whom, and what is known not to work.
func (t Trained) String() string {
	return fmt.Sprintf("%s: %s for %s. %s", t.Card.Name, t.Optimizer.Name, t.Card.Family, t.Card.Limits)
}

// Rule returns the trained rule. Where it is started on a problem from outside the
// family that it was trained on, slog says so, once for each way in which it is.
func (t Trained) Rule() optim.Rule {
	rule := t.Optimizer.Rule(t.Theta)
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		step, err := rule(p, rng)
		if err == nil {
			if why := t.Outside(p); why != nil {
				if _, told := t.warned.LoadOrStore(why.Error(), true); !told {
					slog.Warn("outside the training family: the rule may be slow or diverge, and optim.Guard holds it to a safe one", "weights", t.Card.Name, "why", strings.ReplaceAll(why.Error(), "\n", "; "))
				}
			}
		}
		return step, err
	}
}

// Outside says in which ways a problem differs from the training family, nil when
// it shows no difference. It sees sizes, dictionary, λ and the length of columns, but
// neither sparsity nor magnitudes nor noise.
func (t Trained) Outside(p *optimizee.Problem) error {
	if p.Err != nil {
		return p.Err
	}
	if p.Name != t.Card.Problem {
		return fmt.Errorf("trained on %s problems, this one is %s", t.Card.Problem, p.Name)
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(t.Card.Traits)) {
		want := t.Card.Traits[name]
		switch got, ok := p.Traits[name]; {
		case !ok:
			errs = append(errs, fmt.Errorf("trained with %s = %g, this problem does not say", name, want))
		case got != want && name == "dictionary":
			errs = append(errs, errors.New("trained with another dictionary"))
		case math.Abs(got-want) > 1e-9*math.Abs(want):
			errs = append(errs, fmt.Errorf("trained with %s = %g, this problem has %g", name, want, got))
		}
	}
	return errors.Join(errs...)
}
