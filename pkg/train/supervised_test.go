package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/train"
)

var (
	tinyRecovery = sparse.Recovery{Dictionary: sparse.DrawDictionary(15, 30, 3), Columns: 16}
	tinyNet      = lista.Config{Dictionary: tinyRecovery.Dictionary, Layers: 3}
	tinySuper    = train.Supervision{
		Phases: train.LayerWise(3), Batch: 2, Steps: 60, Every: 15, Patience: 2, Problems: 3, Seed: 5,
	}
)

func supervise(t *testing.T, o learned.Optimizer, c train.Supervision) train.Learnt {
	t.Helper()
	r, err := train.Supervise(context.Background(), o, tinyRecovery, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSuperviseImproves: each phase ends no higher than it began, and the network
// recovers better than at its start.
func TestSuperviseImproves(t *testing.T) {
	o, c := lista.CP(tinyNet), tinySuper
	c.Phases = slices.Clone(c.Phases)
	for i := range c.Phases {
		c.Phases[i].LR *= 20 // there are few steps
	}
	r := supervise(t, o, c)
	start := nn.NewParams()
	o.Init(start, nil)
	at := func(th nn.Params) float64 {
		sets, err := train.Recovery(context.Background(), o.Rule(th), tinyRecovery, 1, 8, 3)
		if err != nil {
			t.Fatal(err)
		}
		return sets[3].RatioOfSums()
	}
	before, after := at(start), at(r.Theta)
	t.Logf("NMSE %.2f dB before, %.2f dB after %d steps in %d phases", before, after, r.Steps, len(r.Phases))
	if !(after < before-3) || !(math.Abs(after-r.Best) < 2) {
		t.Errorf("NMSE %.2f dB before, %.2f dB after; validation says %.2f dB", before, after, r.Best)
	}
	if len(r.Phases) != 9 {
		t.Fatalf("%d phases", len(r.Phases))
	}
	for i := 1; i < 9; i++ {
		if a, b := r.Phases[i-1], r.Phases[i]; a.Layers == b.Layers && b.Value > a.Value {
			t.Errorf("phase %d ended at %g dB, the one before at %g dB", i, b.Value, a.Value)
		}
	}
}

// TestPhasesTrainTheirParameters: a phase for new parameters leaves those of earlier
// layers alone.
func TestPhasesTrainTheirParameters(t *testing.T) {
	o := lista.TiLISTA(tinyNet)
	c := tinySuper
	c.Phases, c.Patience = []train.Phase{{Layers: 1, LR: 1e-2, New: true}}, 100
	first := supervise(t, o, c).Theta
	start := nn.NewParams()
	o.Init(start, nil)
	if slices.Equal(first.At("W").Data, start.At("W").Data) {
		t.Error("the shared W is new in the first layer and was not trained")
	}
	c.Start, c.Phases[0].Layers = first, 2
	second := supervise(t, o, c).Theta
	for _, n := range second.Names() {
		moved := !slices.Equal(first.At(n).Data, second.At(n).Data)
		if want := strings.HasPrefix(n, "layer2."); moved != want {
			t.Errorf("%s moved: %v", n, moved)
		}
	}
}

func TestSuperviseSameBitsOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, o := range []learned.Optimizer{lista.LISTA(tinyNet), lista.GLISTA(tinyNet)} {
		runtime.GOMAXPROCS(1)
		one := supervise(t, o, tinySuper)
		runtime.GOMAXPROCS(2)
		two := supervise(t, o, tinySuper)
		if a, b := fingerprint(one.Theta), fingerprint(two.Theta); a != b || one.Best != two.Best || one.Steps != two.Steps {
			t.Errorf("%s: θ is %s on one core and %s on two", o.Name, a, b)
		}
	}
}

// TestSuperviseResumes stops a training wherever it reports, and resumes it: the result
// has to have the same bits.
func TestSuperviseResumes(t *testing.T) {
	o, c := lista.CPSS(tinyNet), tinySuper
	want := supervise(t, o, c)
	c.Checkpoint, c.CheckpointEvery = filepath.Join(t.TempDir(), "c.safetensors"), time.Hour
	rng, stops := optimizee.Stream(1), 0
	for {
		ctx, stop := context.WithCancel(context.Background())
		left := 1 + rng.IntN(40)
		c.Report = func(train.Event) {
			if left--; left == 0 {
				stop()
			}
		}
		r, err := train.Supervise(ctx, o, tinyRecovery, c)
		stop()
		if err == nil {
			if a, b := fingerprint(r.Theta), fingerprint(want.Theta); a != b || r.Best != want.Best || r.Steps != want.Steps || !slices.Equal(r.Phases, want.Phases) || !slices.Equal(r.Validation, want.Validation) {
				t.Errorf("θ is %s after %d stops, %s without", a, stops, b)
			}
			break
		}
		if stops++; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if stops < 5 {
		t.Errorf("stopped only %d times", stops)
	}
	c.Report = nil
	c.Seed++
	if _, err := train.Supervise(context.Background(), o, tinyRecovery, c); err == nil || !strings.Contains(err.Error(), "its settings is") {
		t.Error(err)
	}
	if _, err := train.Supervise(context.Background(), lista.CP(tinyNet), tinyRecovery, c); err == nil || !strings.Contains(err.Error(), "its optimizer is LISTA-CPSS") {
		t.Error(err)
	}
}

// TestSuperviseReports: events count every step once, and say when a phase begins.
func TestSuperviseReports(t *testing.T) {
	c := tinySuper
	c.Phases, c.Steps = train.EndToEnd(3), 20
	var notes []string
	steps, validations := map[int]bool{}, 0
	c.Report = func(e train.Event) {
		steps[e.Minibatch] = true
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
		if !math.IsNaN(e.Validation) {
			validations++
		}
		if e.Of < e.Minibatch || e.Name != "ALISTA" {
			t.Errorf("event %+v", e)
		}
	}
	r := supervise(t, lista.ALISTA(tinyNet), c)
	if len(steps) != r.Steps+1 || validations != len(r.Validation) {
		t.Errorf("%d steps and %d validations reported, %d and %d done", len(steps)-1, validations, r.Steps, len(r.Validation))
	}
	if len(notes) != 3 || notes[0] != "layer 3 of 3, all parameters, rate 0.0005" {
		t.Errorf("notes %q", notes)
	}
}

// TestSuperviseObjective: trained for F, Step-LISTA lowers it below that of ISTA.
func TestSuperviseObjective(t *testing.T) {
	c := tinySuper
	c.Phases, c.Objective = []train.Phase{{Layers: 3, LR: 1e-2}}, true
	o := lista.StepLISTA(tinyNet)
	r := supervise(t, o, c)
	p := tinyRecovery.Draw(optimizee.Stream(77))
	value := func(rule optim.Rule) float64 {
		values, _, err := optim.Minimize(p, rule, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		return values[3]
	}
	if ista, got := value(optim.ISTA), value(o.Rule(r.Theta)); !(got < 0.99*ista) {
		t.Errorf("F is %g after three steps of Step-LISTA, %g of ISTA", got, ista)
	}
}

func TestSuperviseRefuses(t *testing.T) {
	ctx := context.Background()
	with := func(change func(c *train.Supervision)) train.Supervision {
		c := tinySuper
		change(&c)
		return c
	}
	cp := lista.CP(tinyNet)
	other := tinyNet
	other.Dictionary = sparse.DrawDictionary(15, 31, 1)
	short := optimizee.FamilyFunc("short truths", func(rng *rand.Rand) *optimizee.Problem {
		p := tinyRecovery.Draw(rng)
		p.Truth = optimizee.X(p.Truth.X().Cols(0, 3))
		return p
	})
	untold := optimizee.FamilyFunc("no truth", func(rng *rand.Rand) *optimizee.Problem {
		p := tinyRecovery.Draw(rng)
		p.Truth = optimizee.Point{}
		return p
	})
	negative := sparse.Recovery{Dictionary: tinyRecovery.Dictionary, Sigma: -1}
	for want, c := range map[string]struct {
		o   learned.Optimizer
		fam optimizee.Family
		c   train.Supervision
	}{
		"there are no phases":                      {cp, tinyRecovery, with(func(c *train.Supervision) { c.Phases = nil })},
		"phase 1 has 0 layers":                     {cp, tinyRecovery, with(func(c *train.Supervision) { c.Phases = make([]train.Phase, 1) })},
		"0 problems in a step":                     {cp, tinyRecovery, with(func(c *train.Supervision) { c.Batch = 0 })},
		"with patience 0":                          {cp, tinyRecovery, with(func(c *train.Supervision) { c.Patience = 0 })},
		"no parameters that the phase with 4":      {cp, tinyRecovery, with(func(c *train.Supervision) { c.Phases = train.LayerWise(4) })},
		"a row for each of the 31 atoms":           {lista.CP(other), tinyRecovery, tinySuper},
		"starts from 30×16, and its truth is 30×3": {cp, short, tinySuper},
		"comes without the point to reach":         {cp, untold, tinySuper},
		"Sigma is -1":                              {cp, negative, tinySuper},
		"Supervision.Start":                        {cp, tinyRecovery, with(func(c *train.Supervision) { c.Start = nn.NewParams(); c.Start.Set("w", ad.Scalar(1)) })},
	} {
		if _, err := train.Supervise(ctx, c.o, c.fam, c.c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	c := tinySuper
	c.Phases = []train.Phase{{Layers: 3, LR: 1e200}}
	r, err := train.Supervise(ctx, cp, tinyRecovery, c)
	if err == nil || !strings.Contains(err.Error(), "diverged at step") || !r.Theta.At("layer1.W").IsFinite() {
		t.Error(err)
	}
}
