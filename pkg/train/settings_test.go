package train_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// TestSettings: each is refused where it makes no sense, and 0 is what its line says.
func TestSettings(t *testing.T) {
	for want, change := range map[string]func(c *train.Config){
		"learning rate +Inf":         func(c *train.Config) { c.LR = math.Inf(1) },
		"learning rate 1e+300":       func(c *train.Config) { c.LR = 1e300 },
		"learning rate NaN":          func(c *train.Config) { c.LR = math.NaN() },
		"learning rate 0":            func(c *train.Config) { c.LR = 0 },
		"-1 problems in a minibatch": func(c *train.Config) { c.Batch = -1 },
		"problems in a minibatch":    func(c *train.Config) { c.Batch = 1 << 40 },
		"validation problems: there": func(c *train.Config) { c.Validation.Problems = 1 << 40 },
		"-3 validation problems":     func(c *train.Config) { c.Validation.Problems = -3 },
		"validation every -1":        func(c *train.Config) { c.Validation = train.Validation{Every: -1} },
		"patience -1":                func(c *train.Config) { c.Validation.Patience = -1 },
		"patience -2 in phase 1":     func(c *train.Config) { c.Phases = []train.Phase{{Patience: -2}} },
		"minibatches: there has":     func(c *train.Config) { c.Minibatches = 1 << 62 },
		"a checkpoint every -1s":     func(c *train.Config) { c.CheckpointEvery = -time.Second },
		"have to be finite":          func(c *train.Config) { c.Guard.Loss = math.Inf(1) },
		"guard {Above:NaN":           func(c *train.Config) { c.Guard.Above = math.NaN() },
		"above 0 to 1":               func(c *train.Config) { c.Guard = train.Guard{To: 1} },
		"-5 iterations":              func(c *train.Config) { c.Iterations = -5 },
		"the first θ: nn: parameter": func(c *train.Config) {
			c.Start = pa().First(optimizee.Stream(1))
			c.Start.At("lstm.weight_ih_l0").Data[0] = math.NaN()
		},
	} {
		c := tiny
		change(&c)
		if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	for _, call := range []func() (train.Result, error){
		func() (train.Result, error) { return train.Run(context.Background(), pa(), nil, tiny) },
		func() (train.Result, error) {
			return train.Run(context.Background(), learned.Optimizer{}, tinyLasso, tiny)
		},
		func() (train.Result, error) {
			return train.Run(context.Background(), pa(), optimizee.FamilyFunc("nil", func(*rand.Rand) *optimizee.Problem { return nil }), tiny)
		},
	} {
		if _, err := call(); err == nil || !strings.Contains(err.Error(), "nil") {
			t.Error(err)
		}
	}
	for _, change := range []func(c *train.Config){
		func(c *train.Config) { c.Seed = 0 },
		func(c *train.Config) { c.Segment = 0 },
		func(c *train.Config) { c.Guard = train.Guard{} },
		func(c *train.Config) { c.Validation = train.Validation{} },
	} {
		c := tiny
		change(&c)
		run(t, c)
	}
	never := tiny // one phase is never ended, whatever the Config says
	never.Phases, never.Validation.Patience, never.Validation.Every, never.LR = []train.Phase{{Patience: -1}}, 1, 1, 1e-300
	if r := run(t, never); r.Minibatches != never.Minibatches {
		t.Errorf("%d minibatches", r.Minibatches)
	}
}

// TestNamedPanics: what is wrong is said by name.
func TestNamedPanics(t *testing.T) {
	for want, f := range map[string]func(){
		"train: Seeds(-1)":                          func() { tiny.Seeds(-1) },
		"train: LayerWise: a network of 0 layers":   func() { train.LayerWise(0) },
		"train: EndToEnd: a network of -3 layers":   func() { train.EndToEnd(-3) },
		"train: this Result has no Optimizer":       func() { train.Result{}.Rule() },
		"weights: the zero Trained has no rule":     func() { weights.Trained{}.Rule() },
		"ad: New: 4294967296×4294967296 numbers":    func() { ad.New(1<<32, 1<<32, nil) },
		"nn: Uniform draws numbers: give it a *ran": func() { nn.LSTM{In: 1, Hidden: 1, Layers: 1}.Init(nn.NewParams(), nil) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
	if _, err := weights.NewTrained(pa(), pa().First(optimizee.Stream(1)), nil, weights.Card{}); err == nil {
		t.Error("no family, no error")
	}
}
