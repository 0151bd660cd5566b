package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
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
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

var (
	tinyRecovery = sparse.Recovery{Dictionary: sparse.DrawDictionary(15, 30, 3), Columns: 16}
	tinyNet      = lista.Config{Dictionary: tinyRecovery.Dictionary, Layers: 3}
	tinySuper    = train.Config{
		Phases: train.LayerWise(3), Minibatches: 60, Batch: 2, Loss: learned.Distance.AtEnd(), Seed: 5,
		Validation: train.Validation{Problems: 3, Every: 15, Patience: 2, Measure: trace.NMSE},
	}
)

func supervise(t *testing.T, o learned.Optimizer, c train.Config) train.Result {
	t.Helper()
	r, err := train.Run(context.Background(), o, tinyRecovery, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPhasesImproves: each phase ends no higher than it began, and the network
// recovers better than at its start.
func TestPhasesImproves(t *testing.T) {
	o, c := lista.CP(tinyNet), tinySuper
	c.Phases = slices.Clone(c.Phases)
	for i := range c.Phases {
		c.Phases[i].LR *= 20 // there are few steps
	}
	r := supervise(t, o, c)
	start := nn.NewParams()
	o.Init(start, nil)
	at := func(th nn.Params) float64 {
		return recovered(t, o.Rule(th), 3)
	}
	before, after := at(start), at(r.Theta)
	t.Logf("NMSE %.2f dB before, %.2f dB after %d steps in %d phases", before, after, r.Minibatches, len(r.Phases))
	if !(after < before-3) || !(math.Abs(after-r.Best) < 2) {
		t.Errorf("NMSE %.2f dB before, %.2f dB after; validation says %.2f dB", before, after, r.Best)
	}
	if len(r.Phases) != 9 {
		t.Fatalf("%d phases", len(r.Phases))
	}
	for i := 1; i < 9; i++ {
		if a, b := r.Phases[i-1], r.Phases[i]; a.Iterations == b.Iterations && b.Value > a.Value {
			t.Errorf("phase %d ended at %g dB, the one before at %g dB", i, b.Value, a.Value)
		}
	}
}

// TestPhasesTrainTheirParameters: a phase for new parameters leaves those of earlier
// layers alone.
func TestPhasesTrainTheirParameters(t *testing.T) {
	o := lista.TiLISTA(tinyNet)
	c := tinySuper
	c.Phases, c.Validation.Patience = []train.Phase{{Iterations: 1, LR: 1e-2, New: true}}, 100
	first := supervise(t, o, c).Theta
	start := nn.NewParams()
	o.Init(start, nil)
	if slices.Equal(first.At("W").Data, start.At("W").Data) {
		t.Error("the shared W is new in the first layer and was not trained")
	}
	c.Start, c.Phases = first, []train.Phase{{Iterations: 2, LR: 1e-2, New: true}}
	second := supervise(t, o, c).Theta
	for _, n := range second.Names() {
		moved := !slices.Equal(first.At(n).Data, second.At(n).Data)
		if want := strings.HasPrefix(n, "layer2."); moved != want {
			t.Errorf("%s moved: %v", n, moved)
		}
	}
}

func TestPhasesSameBitsOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, o := range []learned.Optimizer{lista.LISTA(tinyNet), lista.GLISTA(tinyNet)} {
		runtime.GOMAXPROCS(1)
		one := supervise(t, o, tinySuper)
		runtime.GOMAXPROCS(2)
		two := supervise(t, o, tinySuper)
		if a, b := fingerprint(one.Theta), fingerprint(two.Theta); a != b || one.Best != two.Best || one.Minibatches != two.Minibatches {
			t.Errorf("%s: θ is %s on one core and %s on two", o.Name, a, b)
		}
	}
}

// TestPhasesResumes stops a training wherever it reports, and resumes it: the result
// has to have the same bits.
func TestPhasesResumes(t *testing.T) {
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
		r, err := train.Run(ctx, o, tinyRecovery, c)
		stop()
		if err == nil {
			if a, b := fingerprint(r.Theta), fingerprint(want.Theta); a != b || r.Best != want.Best || r.Minibatches != want.Minibatches || !reflect.DeepEqual(r.Phases, want.Phases) || !slices.Equal(r.Validation, want.Validation) {
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
	if _, err := train.Run(context.Background(), o, tinyRecovery, c); err == nil || !strings.Contains(err.Error(), "its Seed is 5, here it is 6") {
		t.Error(err)
	}
	if _, err := train.Run(context.Background(), lista.CP(tinyNet), tinyRecovery, c); err == nil || !strings.Contains(err.Error(), `its Seed is 5`) {
		t.Error(err)
	}
}

// TestPhasesReports: events count every step once, and say when a phase begins.
func TestPhasesReports(t *testing.T) {
	c := tinySuper
	c.Phases, c.Minibatches = train.EndToEnd(3), 20
	var notes []string
	steps, validations := map[int]bool{}, 0
	c.Report = func(e train.Event) {
		steps[e.Done] = true
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
		if !math.IsNaN(e.Validation) {
			validations++
		}
		if e.Of < e.Done || e.Name != "ALISTA" {
			t.Errorf("event %+v", e)
		}
	}
	r := supervise(t, lista.ALISTA(tinyNet), c)
	if len(steps) != r.Minibatches+1 || validations != len(r.Validation) {
		t.Errorf("%d steps and %d validations reported, %d and %d done", len(steps)-1, validations, r.Minibatches, len(r.Validation))
	}
	if len(notes) != 3 || notes[0] != "phase 1 of 3: 3 steps, all parameters, rate 0.0005" {
		t.Errorf("notes %q", notes)
	}
}

// TestPhasesObjective: trained for F, Step-LISTA lowers it below that of ISTA.
func TestPhasesObjective(t *testing.T) {
	c := tinySuper
	c.Phases, c.Loss, c.Validation.Measure = []train.Phase{{Iterations: 3, LR: 1e-2}}, learned.PerInstance.AtEnd(), trace.Measure{}
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

func TestPhasesRefuses(t *testing.T) {
	ctx := context.Background()
	with := func(change func(c *train.Config)) train.Config {
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
		c   train.Config
	}{
		"0 iterations in segments of 0 in phase 1 of 1":                     {cp, tinyRecovery, with(func(c *train.Config) { c.Phases = []train.Phase{{LR: 1}} })},
		"0 problems in a minibatch":                                         {cp, tinyRecovery, with(func(c *train.Config) { c.Batch = 0 })},
		"patience 2 in phase 1 of 9: it counts":                             {cp, tinyRecovery, with(func(c *train.Config) { c.Validation.Problems = 0 })},
		"no parameters to train in phase 10 of 12: phase 10 of 12: 4 steps": {cp, tinyRecovery, with(func(c *train.Config) { c.Phases = train.LayerWise(4) })},
		"a row for each of the 31 atoms":                                    {lista.CP(other), tinyRecovery, tinySuper},
		"starts from 30×16, and its truth is 30×3":                          {cp, short, tinySuper},
		"comes without the point to reach":                                  {cp, untold, tinySuper},
		"Sigma is -1":                                                       {cp, negative, tinySuper},
		"Config.Start":                                                      {cp, tinyRecovery, with(func(c *train.Config) { c.Start = nn.NewParams(); c.Start.Set("w", ad.Scalar(1)) })},
	} {
		if _, err := train.Run(ctx, c.o, c.fam, c.c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	c := tinySuper
	c.Phases = []train.Phase{{Iterations: 3, LR: 1e200}}
	r, err := train.Run(ctx, cp, tinyRecovery, c)
	if err == nil || !strings.Contains(err.Error(), "diverged at minibatch") || !r.Theta.At("layer1.W").IsFinite() {
		t.Error(err)
	}
}

// recovered is the NMSE in dB on fresh problems after so many steps.
func recovered(t *testing.T, r optim.Rule, steps int) float64 {
	t.Helper()
	c := trace.Config{Problems: 8, Steps: steps, Measure: trace.NMSE, Streams: func(i int) (problem, state *rand.Rand) {
		return optimizee.Stream(1, 1<<32, uint64(i)), nil
	}}
	res, err := trace.RaceFamily(t.Context(), tinyRecovery, c, trace.Entry{Name: "rule", Rule: r})
	if err != nil {
		t.Fatal(err)
	}
	return res.Mean("rule", -1)
}

// TestGrowingHorizon: phases of more and more steps, each from the best θ of the one
// before, which Observe sees; the zero fields are those of the Config.
func TestGrowingHorizon(t *testing.T) {
	c := tiny
	c.Phases = []train.Phase{{Iterations: 5}, {}, {Iterations: 20, LR: 1e-3, Minibatches: 4}}
	var seen []string
	var ends []nn.Params
	c.Observe = func(of train.PhaseResult, theta nn.Params) {
		seen = append(seen, fmt.Sprint(of.Iterations, of.Segment, of.LR, of.Minibatches))
		ends = append(ends, theta)
	}
	r := run(t, c)
	if want := []string{"5 5 0.01 6", "10 5 0.01 6", "20 5 0.001 4"}; !slices.Equal(seen, want) || r.Minibatches != 16 {
		t.Errorf("phases %q, want %q", seen, want)
	}
	if len(r.Phases) != 3 || fingerprint(ends[2]) != fingerprint(r.Theta) || fingerprint(ends[0]) == fingerprint(ends[1]) {
		t.Errorf("%d phases; the last ends elsewhere than the training", len(r.Phases))
	}
	one, alone := tiny, tiny
	one.Phases, one.Validation, alone.Validation = []train.Phase{{}}, train.Validation{}, train.Validation{}
	if fingerprint(run(t, one).Last) != fingerprint(run(t, alone).Last) {
		t.Error("one phase is not the training without phases")
	}
	only := tiny
	only.Phases = []train.Phase{{Only: []string{"lstm."}}}
	first := nn.NewParams()
	pa().Init(first, optimizee.Stream(tiny.Seed, 0))
	last := run(t, only).Last
	for _, n := range last.Names() {
		if same := slices.Equal(last.At(n).Data, first.At(n).Data); same == strings.HasPrefix(n, "lstm.") {
			t.Errorf("%s stayed: %v", n, same)
		}
	}
}

// TestPatience: a training without phases ends early too.
func TestPatience(t *testing.T) {
	c := tiny
	c.LR, c.Minibatches, c.Validation = 1e-300, 50, train.Validation{Problems: 2, Every: 1, Patience: 3}
	if r := run(t, c); r.Minibatches != 4 || len(r.Validation) != 4 {
		t.Errorf("%d minibatches with %d validations, though nothing improves", r.Minibatches, len(r.Validation))
	}
}

// TestJob: a job runs as Run does, and its key is of what decides the result.
func TestJob(t *testing.T) {
	j := train.Job{Optimizer: pa(), Family: tinyLasso, Config: tiny}
	r, err := j.Run(context.Background())
	if err != nil || fingerprint(r.Theta) != fingerprint(run(t, tiny).Theta) {
		t.Error(err)
	}
	if c := r.Curve("PA"); len(c.X) != 3 || c.X[2] != 6 || slices.Min(c.Y) != r.Best {
		t.Errorf("validations %+v", c)
	}
	if _, _, err := optim.Minimize(tinyLasso.Draw(optimizee.Stream(9)), r.Rule(), 3, optimizee.Stream(1)); err != nil {
		t.Error(err)
	}
	key := func(j train.Job) string {
		data, err := json.Marshal(j.Key())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	other, seen := j, j
	other.Config = j.Config.Seeds(3)[2]
	seen.Config.Report = func(train.Event) {}
	warm := j
	warm.Config.Start = r.Theta
	if key(warm) == key(j) {
		t.Error("the key does not know where the training starts")
	}
	if key(other) == key(j) || other.Config.Seed != 9 || key(seen) != key(j) {
		t.Errorf("keys %s and %s", key(other), key(j))
	}
}
