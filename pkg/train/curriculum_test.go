package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// growing is a curriculum with imitation that trains in a fraction of a second.
func growing() train.Config {
	c := tiny
	c.Minibatches, c.Validation.Every, c.Imitate = 8, 1, &train.Imitation{Chance: []float64{0, 0.5}}
	return c.Curriculum(5, 10, 20)
}

// TestAhead: a phase is validated over the horizon of the next one, the last over its own.
func TestAhead(t *testing.T) {
	c := growing()
	c.Minibatches = 1
	r := run(t, c)
	if len(r.Phases) != 3 && len(r.Phases) != 1 {
		t.Errorf("%d phases", len(r.Phases))
	}
	alone := tiny
	alone.Phases, alone.Minibatches = []train.Phase{{Iterations: 10}}, 1
	if ahead, own := r.Validation[0].Value, run(t, alone).Validation[0].Value; ahead != own {
		t.Errorf("the first θ has %g in a phase of 5 steps before one of 10, and %g in one of 10", ahead, own)
	}
	c.Validation.MustImprove = false
	if r := run(t, c); len(r.Validation) != 5 { // at the start for 10 and for 20 steps, and once a phase
		t.Errorf("validations %+v: the last two phases share a horizon, so the last one begins with no new one", r.Validation)
	}
}

// TestCurriculumStops: a phase makes its validations first, and the training ends with one
// that never improves; another one that does hands on its best θ.
func TestCurriculumStops(t *testing.T) {
	c := growing()
	c.Minibatches, c.LR, c.Imitate = 20, 1e-300, nil
	var over []bool
	c.Report = func(e train.Event) { over = append(over, e.Over) }
	r := run(t, c)
	if r.Minibatches != 3 || len(r.Phases) != 1 || len(r.Validation) != 4 {
		t.Errorf("%d minibatches in %d phases with %d validations, though nothing improves", r.Minibatches, len(r.Phases), len(r.Validation))
	}
	if i := slices.Index(over, true); i != len(over)-1 {
		t.Errorf("events are over: %v", over)
	}
	c.Validation.MustImprove = false
	if r = run(t, c); r.Minibatches != 9 || len(r.Phases) != 3 {
		t.Errorf("%d minibatches in %d phases, though each has to make three validations", r.Minibatches, len(r.Phases))
	}
	c = growing()
	c.Minibatches, c.LR = 30, 0.1
	r = run(t, c)
	start, found := 0, false
	for i, p := range r.Phases {
		if p.Minibatches < 3 {
			t.Errorf("phase %d took %d minibatches", i+1, p.Minibatches)
		}
		values := []float64{}
		for _, v := range r.Validation {
			if v.After > start && v.After <= start+p.Minibatches {
				values = append(values, v.Value)
			}
		}
		values = values[:p.Minibatches]                           // what follows is the start of the next phase
		if start += p.Minibatches; p.Minibatches < 30 && i == 0 { // it ended early, with the first from the third on that is no lower
			n := len(values)
			found = values[n-1] >= slices.Min(values[:n-1])
			for k := 3; k < n; k++ {
				found = found && values[k-1] < slices.Min(values[:k-1])
			}
			if !found {
				t.Errorf("phase 1 ended after the validations %g", values)
			}
		}
	}
	if !found {
		t.Error("the first phase went on to its end, so the test saw nothing")
	}
}

// TestCurriculumResumes: stopped anywhere, it goes on to the same bits.
func TestCurriculumResumes(t *testing.T) {
	c := growing()
	want := run(t, c)
	if want.Imitated == 0 || want.Imitated == want.Minibatches {
		t.Fatalf("%d of %d minibatches imitate", want.Imitated, want.Minibatches)
	}
	c.Checkpoint, c.CheckpointEvery = filepath.Join(t.TempDir(), "c.safetensors"), time.Hour
	rng, stops := optimizee.Stream(3), 0
	for {
		ctx, stop := context.WithCancel(context.Background())
		left := 1 + rng.IntN(9)
		c.Report = func(train.Event) {
			if left--; left == 0 {
				stop()
			}
		}
		r, err := train.Run(ctx, pa(), tinyLasso, c)
		stop()
		if err == nil {
			if fingerprint(r.Theta) != fingerprint(want.Theta) || fingerprint(r.Last) != fingerprint(want.Last) || r.Imitated != want.Imitated || !reflect.DeepEqual(r.Phases, want.Phases) || !slices.Equal(r.Validation, want.Validation) {
				t.Errorf("after %d stops another result", stops)
			}
			break
		}
		if stops++; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if stops < 3 {
		t.Errorf("stopped only %d times", stops)
	}
	c.Report, c.Imitate = nil, nil
	if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), "its Imitate is") {
		t.Error(err)
	}
}

// TestImitationOfItself: a teacher that takes the steps of the optimizer at its first θ
// leaves nothing to learn; with another one the steps come closer to its own.
func TestImitationOfItself(t *testing.T) {
	for _, o := range []learned.Optimizer{
		learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{Hidden: 4, ZeroState: true}}),
		learned.OriginalDM(learned.OriginalDMConfig{Network: learned.Network{Hidden: 4}}),
	} {
		first := o.First(optimizee.Stream(1))
		c := tiny
		c.Guard, c.Validation, c.Start = train.Guard{}, train.Validation{}, first
		c.Imitate = &train.Imitation{Teacher: "itself", Rule: o.Rule(first.Clone()), Chance: []float64{1}}
		r, err := train.Run(context.Background(), o, tinyLasso, c)
		if err != nil || fingerprint(r.Theta) != fingerprint(first) || r.Imitated != c.Minibatches {
			t.Errorf("%s learns from itself after %d minibatches (%v)", o.Name, r.Imitated, err)
		}
		c.Imitate, c.Minibatches = &train.Imitation{Chance: []float64{1}, LR: 1e-2}, 40
		r, err = train.Run(context.Background(), o, tinyLasso, c)
		if err != nil {
			t.Fatal(err)
		}
		if before, after := apart(t, o, first), apart(t, o, r.Theta); !(after < before/4) {
			t.Errorf("%s: steps are %.3g from those of Adam before and %.3g after", o.Name, before, after)
		}
	}
}

// apart is the mean squared difference of the steps of θ and of Adam along its path.
func apart(t *testing.T, o learned.Optimizer, th nn.Params) (sum float64) {
	t.Helper()
	p := tinyLasso.Draw(optimizee.Stream(99))
	mine, err := o.Rule(th)(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	adam, err := optim.Adam(optim.AdamConfig{LR: 1e-2})(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := p.Start
	for range 10 {
		next := adam(x)
		d := mine(x).Sub(next)
		sum += d.Dot(d) / 120
		x = next
	}
	return sum
}

// TestImitationGradient: the first update of a lesson is a step of Adam, and its signs are
// those of the gradient of ½·Σ mean((δ − Δ)²), found by differences.
func TestImitationGradient(t *testing.T) {
	o := learned.OriginalDM(learned.OriginalDMConfig{Network: learned.Network{Hidden: 3, Layers: 1, Composed: true}, OutputScale: 0.1})
	first := o.First(optimizee.Stream(2))
	p := tinyLasso.Draw(optimizee.Stream(99))
	one := optimizee.Only(p)
	c := train.Config{Minibatches: 1, Batch: 1, Iterations: 10, LR: 1, Start: first, Imitate: &train.Imitation{Chance: []float64{1}}}
	r, err := train.Run(context.Background(), o, one, c)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, n := range first.Names() {
		for i := range first.At(n).Data {
			at := func(h float64) float64 {
				th := first.Clone()
				th.At(n).Data[i] += h
				return apart(t, o, th)
			}
			slope := (at(1e-5) - at(-1e-5)) / 2e-5
			if math.Abs(slope) < 1e-7 {
				continue
			}
			checked++
			if moved := r.Last.At(n).Data[i] - first.At(n).Data[i]; !(math.Abs(moved+math.Copysign(1e-3, slope)) < 1e-5) {
				t.Errorf("%s[%d] moved by %g, and the slope is %g", n, i, moved, slope)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d slopes were compared", checked)
	}
}

// TestKeysStay: what is off by default leaves the keys of trainings as they are, and what is
// set tells them apart.
func TestKeysStay(t *testing.T) {
	key := func(c train.Config) string {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	plain := key(tiny)
	for _, word := range []string{"Imitate", "Ahead", "AtLeast", "MustImprove"} {
		if strings.Contains(plain, word) || !strings.Contains(key(growing()), word) {
			t.Errorf("%s in %s, or not in that of a curriculum", word, plain)
		}
	}
	if c := tiny.Curriculum(); len(c.Phases) != 8 || c.Phases[7].Iterations != 3000 || len(tiny.Phases) != 0 {
		t.Errorf("published horizons %+v", c.Phases)
	}
}

// TestCurriculumRefuses: settings that make no curriculum and no imitation.
func TestCurriculumRefuses(t *testing.T) {
	nobody := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) { return nil, errors.New("out of office") }
	away := optim.Rule(func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		return func(x optimizee.Point) optimizee.Point { return x.Scale(math.Inf(1)) }, nil
	})
	for want, change := range map[string]func(c *train.Config){
		"Ahead looks at":                 func(c *train.Config) { c.Validation.Ahead = true },
		"at least -1 validations":        func(c *train.Config) { c.Validation.AtLeast = -1 },
		"MustImprove needs":              func(c *train.Config) { c.Validation = train.Validation{MustImprove: true} },
		"Imitate.Chance is empty":        func(c *train.Config) { c.Imitate = &train.Imitation{} },
		"Imitate.Chance of phase 2 is 2": func(c *train.Config) { c.Imitate = &train.Imitation{Chance: []float64{0, 2}} },
		"Imitate.LR is -1":               func(c *train.Config) { c.Imitate = &train.Imitation{Chance: []float64{0}, LR: -1} },
		"so give both":                   func(c *train.Config) { c.Imitate = &train.Imitation{Chance: []float64{0}, Rule: optim.ISTA} },
		"the teacher T: out of office":   func(c *train.Config) { c.Imitate = &train.Imitation{Chance: []float64{0}, Teacher: "T", Rule: nobody} },
		"Try: another teacher": func(c *train.Config) {
			c.Guard, c.Imitate = train.Guard{}, &train.Imitation{Chance: []float64{1}, Teacher: "away", Rule: away}
		},
	} {
		c := tiny
		change(&c)
		if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
