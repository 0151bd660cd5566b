package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
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
	Problem  string             // Problem.Name in the training family, with … for numbers that are drawn; "" for problems of several kinds
	Traits   map[string]float64 // Problem.Traits that all of the training family share
	Family   string             // the family in words
	Recipe   string             // how to make θ again: lab train NAME
	Seed     string
	Numerics string       // version of the numerics that trained it
	Reached  string       // what validation said
	Curve    []Validation // all validations, to see how the training went
	License  string
	Limits   string // what is known not to work
}

// A Validation is what was found after so many minibatches. In JSON a Value that is not
// finite is a string.
type Validation struct {
	After int
	Value float64
}

// onDisk is a validation as JSON, which has no number that is not finite.
type onDisk struct {
	After int
	Value any
}

// MarshalJSON writes it.
func (v Validation) MarshalJSON() ([]byte, error) {
	if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		return json.Marshal(onDisk{v.After, strconv.FormatFloat(v.Value, 'g', -1, 64)})
	}
	return json.Marshal(onDisk{v.After, v.Value})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Validation) UnmarshalJSON(data []byte) (err error) {
	var d onDisk
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	v.After = d.After
	switch x := d.Value.(type) {
	case float64:
		v.Value = x
	case string:
		v.Value, err = strconv.ParseFloat(x, 64)
	default:
		err = fmt.Errorf("a validation of %v is no number", x)
	}
	return err
}

// A kind is an optimizer that can be read from disk, known by the type of its Config.
type kind struct {
	name  string
	is    func(config any) bool
	build func(config []byte, th nn.Params) (learned.Optimizer, error)
}

// sure is for constructors that refuse nothing.
func sure[C any](of func(C) learned.Optimizer) func(C) (learned.Optimizer, error) {
	return func(c C) (learned.Optimizer, error) { return of(c), nil }
}

func kindOf[C any](name string, of func(C) (learned.Optimizer, error), fits func(C, nn.Params) error) kind {
	return kind{
		name: name,
		is:   func(config any) bool { _, ok := config.(C); return ok },
		build: func(config []byte, th nn.Params) (learned.Optimizer, error) {
			var c C
			d := json.NewDecoder(bytes.NewReader(config))
			d.DisallowUnknownFields() // of a later version, and decisive for what θ means
			if err := d.Decode(&c); err != nil {
				return learned.Optimizer{}, fmt.Errorf("weights: the metadata's config: %w", err)
			}
			o, err := of(c)
			if err != nil {
				return o, err
			}
			c, _ = o.Config.(C) // with its defaults
			if err := fits(c, th); err != nil {
				return o, err
			}
			shape := o
			if u, ok := any(c).(lista.Config); ok {
				shape, err = lista.Unroll(shapeOfUnrolled(u))
			}
			if err != nil {
				return o, err
			}
			return o, nn.Match(th, shape.First(rand.New(rand.NewPCG(0, 0))))
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

// Decode returns an optimizer from the bytes of such a file.
func Decode(data []byte) (Trained, error) {
	th, meta, err := nn.Decode(data)
	if err != nil {
		return Trained{}, err
	}
	return restore(th, meta)
}

// keys are those of the metadata. Files of earlier versions have no checksum, so an unknown
// key is refused: it may be a damaged one.
var keys = []string{"card", "config", "kind"}

func restore(th nn.Params, meta map[string]string) (Trained, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == meta["kind"] })
	if i < 0 {
		var names []string
		for _, k := range kinds {
			names = append(names, k.name)
		}
		return Trained{}, fmt.Errorf("weights: the metadata name the kind %q, and there are %q: this file holds no optimizer", meta["kind"], names)
	}
	for k := range meta {
		if !slices.Contains(keys, k) {
			return Trained{}, fmt.Errorf("weights: the metadata hold %q, and there are %q: the file is damaged, or of a later version", k, keys)
		}
	}
	if err := th.Finite(); err != nil {
		return Trained{}, err
	}
	t := Trained{Theta: th, warned: new(sync.Map)}
	if err := json.Unmarshal([]byte(meta["card"]), &t.Card); err != nil {
		return Trained{}, fmt.Errorf("weights: the metadata's card: %w", err)
	}
	var err error
	if t.Optimizer, err = kinds[i].build([]byte(meta["config"]), th); err != nil {
		return Trained{}, err
	}
	return t, nil
}

// NewTrained describes a θ that was trained on a family.
func NewTrained(o learned.Optimizer, th nn.Params, fam optimizee.Family, card Card) (Trained, error) {
	if _, err := find(o); err != nil {
		return Trained{}, err
	}
	if fam == nil {
		return Trained{}, errors.New("weights: NewTrained needs the family that the optimizer was trained on")
	}
	var err error
	if card.Problem, card.Traits, err = shared(fam); err != nil {
		return Trained{}, err
	}
	card.Family = fam.String()
	return Trained{Optimizer: o, Theta: th, Card: card, warned: new(sync.Map)}, nil
}

// shared are the name and the traits that problems of a family have in common.
func shared(fam optimizee.Family) (name string, traits map[string]float64, err error) {
	for i := range uint64(4) {
		p := fam.Draw(optimizee.Stream(i))
		if err := p.Check(); err != nil {
			return "", nil, err
		}
		if i == 0 {
			name, traits = p.Name, maps.Clone(p.Traits)
		}
		if p.Name != name && unnumbered(p.Name) == unnumbered(name) {
			name = unnumbered(p.Name)
		} else if p.Name != name {
			name = "" // of several kinds
		}
		maps.DeleteFunc(traits, func(trait string, want float64) bool {
			got, ok := p.Traits[trait]
			return !ok || got != want || math.IsInf(got, 0)
		})
	}
	return name, traits, nil
}

var number = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?`)

// unnumbered is the name of a problem without its numbers, such as "least squares + …‖x‖₁".
func unnumbered(name string) string { return number.ReplaceAllString(name, "…") }

// shortFor are the names that some sums of parts have.
var shortFor = map[string]string{
	"least squares + …‖x‖₁": "lasso", "logistic loss + …‖x‖₁": "logistic", "softmax loss + …‖x‖₁": "softmax",
}

// Save writes θ and card to a safetensors file.
func (t Trained) Save(file string) error {
	kind, err := find(t.Optimizer)
	if err != nil {
		return err
	}
	config, err := json.Marshal(t.Optimizer.Config)
	if err != nil {
		return fmt.Errorf("weights: the Config of %s: %w", t.Optimizer.Name, err)
	}
	card, err := json.Marshal(t.Card)
	if err != nil {
		return fmt.Errorf("weights: the card: %w", err)
	}
	if _, err := kind.build(config, t.Theta); err != nil { // what cannot be read is not written
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
	if t.Optimizer.Rule == nil {
		panic("weights: the zero Trained has no rule: begin with Load, LoadFile or NewTrained")
	}
	rule, warned := t.Optimizer.Rule(t.Theta), t.warned
	if warned == nil {
		warned = new(sync.Map)
	}
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		step, err := rule(p, rng)
		if err == nil {
			if why := t.Outside(p); why != nil {
				if _, told := warned.LoadOrStore(why.Error(), true); !told {
					slog.Warn("outside the training family: the rule may be slow or diverge, and optim.Guard holds it to a safe one", "weights", t.Card.Name, "why", strings.ReplaceAll(why.Error(), "\n", "; "))
				}
			}
		}
		return step, err
	}
}

// Outside says in which ways a problem differs from the training family, nil when
// it shows no difference. It sees the parts of F by their names, sizes, dictionary, λ and
// the length of columns, but neither sparsity nor magnitudes nor noise.
func (t Trained) Outside(p *optimizee.Problem) error {
	if p == nil {
		return errors.New("weights: there is no problem")
	}
	if p.Err != nil {
		return p.Err
	}
	if kind := unnumbered(p.Name); !slices.Contains([]string{"", p.Name, kind, shortFor[kind]}, t.Card.Problem) {
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
