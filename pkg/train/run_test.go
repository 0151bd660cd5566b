package train_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// tiny trains in a fraction of a second.
var tiny = train.Config{
	Minibatches: 6, Batch: 5, Iterations: 10, Segment: 5, LR: 1e-2, Seed: 7,
	Validation: train.Validation{Problems: 6, Every: 2}, Guard: train.DefaultGuard,
}

var tinyLasso = optimizee.LassoSpec{Rows: 6, Cols: 12, Nonzeros: 2, Lambda: 0.1}

func pa() learned.Optimizer {
	return learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 6}})
}

// fingerprint hashes every bit of a θ.
func fingerprint(th nn.Params) string {
	h := fnv.New64a()
	for _, n := range th.Names() {
		for _, x := range th.At(n).Data {
			fmt.Fprintf(h, "%s%x", n, math.Float64bits(x))
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

func run(t *testing.T, c train.Config) train.Result {
	t.Helper()
	r, err := train.Run(context.Background(), pa(), tinyLasso, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTrainingImproves(t *testing.T) {
	c := tiny
	c.Minibatches = 30
	r := run(t, c)
	if first := r.Validation[0].Value; !(r.Best < first) || r.Minibatches != 30 {
		t.Errorf("best validation %g after %d minibatches, it began at %g", r.Best, r.Minibatches, first)
	}
}

func TestSameBitsOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := run(t, tiny)
	runtime.GOMAXPROCS(2)
	two := run(t, tiny)
	if a, b := fingerprint(one.Last), fingerprint(two.Last); a != b || one.Best != two.Best {
		t.Errorf("θ is %s on one core and %s on two", a, b)
	}
	c := tiny
	c.Seed++
	if fingerprint(run(t, c).Last) == fingerprint(two.Last) {
		t.Error("the seed does not matter")
	}
}

func TestStopKeepsACheckpoint(t *testing.T) {
	c := tiny
	c.Checkpoint = filepath.Join(t.TempDir(), "c.safetensors")
	want := fingerprint(run(t, tiny).Theta)
	ctx, stop := context.WithCancel(context.Background())
	c.Report = func(e train.Event) {
		if e.Done == 3 {
			stop()
		}
	}
	r, err := train.Run(ctx, pa(), tinyLasso, c)
	if !errors.Is(err, context.Canceled) || r.Minibatches != 3 {
		t.Fatal("stopped after", r.Minibatches, err)
	}
	var notes []string
	c.Report = func(e train.Event) { notes = append(notes, e.Note) }
	if got := fingerprint(run(t, c).Theta); got != want || notes[0] != "resumed at minibatch 3" {
		t.Errorf("θ is %s after the stop, %s without; notes %q", got, want, notes)
	}
	c.Halve = 7
	if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), "its Halve is not set, here it is 7") {
		t.Error(err)
	}
	c.LR, c.Halve = 1, 0
	if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), "its LR is 0.01, here it is 1") {
		t.Error(err)
	}
	const refused = "is no checkpoint of a training by this version"
	for _, meta := range []map[string]string{{"checkpoint": `{"Numerics":"2"}`}, {"card": "{}"}} { // older versions wrote the first
		some := nn.NewParams()
		some.Set("w", ad.Scalar(1))
		if err := nn.Save(c.Checkpoint, some, meta); err != nil {
			t.Fatal(err)
		}
		if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), refused) {
			t.Error(err)
		}
	}
	if err := os.WriteFile(c.Checkpoint, []byte("garbage!!"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), "delete it to start over") {
		t.Error(err)
	}
}

// exploding is a learned step size that grows without bound.
func exploding(start float64) learned.Optimizer {
	return learned.Optimizer{
		Name: "exploding",
		Init: func(th nn.Params, _ *rand.Rand) { th.Set("t", ad.Scalar(start)) },
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				return func(x optimizee.Point) optimizee.Point {
					return optimizee.X(x.X().Sub(p.Grad("x", x).Mul(th.At("t").Exp())))
				}, nil
			}
		},
	}
}

func TestDivergence(t *testing.T) {
	fam := optimizee.QuadraticSpec{Rows: 4, Cols: 3}
	c := tiny
	c.Iterations, c.Segment, c.Guard, c.Validation = 400, 400, train.Guard{}, train.Validation{}
	r, err := train.Run(context.Background(), exploding(5), fam, c)
	var d *train.Divergence
	if !errors.As(err, &d) || d.Minibatch != 0 || !strings.Contains(err.Error(), "minibatch 0") || !strings.Contains(err.Error(), "train.DefaultGuard") {
		t.Fatal(err)
	}
	if r.Theta.At("t").Item() != 5 {
		t.Error("the last good θ was not kept:", r.Theta.At("t"))
	}
	c.Guard, c.Minibatches = train.DefaultGuard, 40
	if r, err = train.Run(context.Background(), exploding(5), fam, c); !errors.As(err, &d) || !d.Guarded || r.Skipped == 0 {
		t.Error("a guarded training that cannot recover has to say so:", err)
	}
	c.Iterations, c.Segment, c.LR = 10, 5, 0.3
	if r, err = train.Run(context.Background(), exploding(-1), fam, c); err != nil || r.Clipped+r.Ended == 0 {
		t.Errorf("the guard should bring this training home: %v, %d rescaled, %d ended", err, r.Clipped, r.Ended)
	}
}

// On a slope of 1 Adam's steps are the learning rate, which falls as Halve says.
func TestHalve(t *testing.T) {
	o := learned.Optimizer{
		Name: "walk",
		Init: func(th nn.Params, _ *rand.Rand) { th.Set("t", ad.Scalar(0)) },
		Rule: func(th nn.Params) optim.Rule {
			return func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
				return func(x optimizee.Point) optimizee.Point { return optimizee.X(x.X().Sub(th.At("t"))) }, nil
			}
		},
	}
	slope := optimizee.Only(&optimizee.Problem{
		Name: "slope", Start: optimizee.X(ad.Scalar(0)),
		Value: func(x optimizee.Point) ad.Value { return x.X() },
	})
	for halve, want := range map[int]float64{0: 3, 1: 1 + 1./2 + 1./4, 2: 1 + math.Sqrt(0.5) + 0.5} {
		r, err := train.Run(context.Background(), o, slope, train.Config{Minibatches: 3, Batch: 1, Iterations: 1, Segment: 1, LR: 1, Halve: halve})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Last.At("t").Item(); math.Abs(got-want) > 1e-6 {
			t.Errorf("halved every %d minibatches: three steps lead to %g, want %g", halve, got, want)
		}
	}
}

func TestBadConfigs(t *testing.T) {
	for want, change := range map[string]func(c *train.Config){
		"cannot be split into segments of 3": func(c *train.Config) { c.Segment = 3 },
		"0 minibatches: there":               func(c *train.Config) { c.Minibatches = 0 },
		"learning rate -1":                   func(c *train.Config) { c.LR = -1 },
		"halves every -1 minibatches":        func(c *train.Config) { c.Halve = -1 },
		"validation every 0":                 func(c *train.Config) { c.Validation.Every = 0 },
		"To has to be positive":              func(c *train.Config) { c.Guard = train.Guard{Above: 1} },
		`parameter "lstm.weight_ih_l0" is missing`: func(c *train.Config) {
			c.Start = nn.NewParams()
			c.Start.Set("w", ad.Scalar(1))
		},
	} {
		c := tiny
		change(&c)
		if _, err := train.Run(context.Background(), pa(), tinyLasso, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	bad := optimizee.LassoSpec{Rows: 3, Cols: 3, Lambda: -1}
	if _, err := train.Run(context.Background(), pa(), bad, tiny); err == nil || !strings.Contains(err.Error(), "λ = -1") {
		t.Error(err)
	}
	noProx := optimizee.FamilyFunc("no Prox", func(rng *rand.Rand) *optimizee.Problem {
		p := tinyLasso.Draw(rng)
		p.Prox = nil
		return p
	})
	if _, err := train.Run(context.Background(), pa(), noProx, tiny); err == nil || !strings.Contains(err.Error(), "L2O-PA needs the Prox oracle, which lasso does not have") {
		t.Error(err)
	}
}

// A warm start continues from the parameters that it is given.
func TestWarmStart(t *testing.T) {
	first := run(t, tiny)
	c := tiny
	c.Start, c.Seed = first.Theta, 8
	if r := run(t, c); !(r.Validation[0].Value < 1.05*first.Best) {
		t.Errorf("validation %g after a warm start from %g", r.Validation[0].Value, first.Best)
	}
}

// TestNumerics is the golden training: it fails when a change alters the numbers. If
// that is meant, raise NumericsVersion and take over the new value.
func TestNumerics(t *testing.T) {
	c := tiny
	c.Minibatches, c.Iterations, c.Segment = 12, 40, 10
	r := run(t, c)
	const version, want = "2", 0.1882460378
	if train.NumericsVersion != version {
		t.Fatalf("this test knows numerics %s, the package %s: take over the value below", version, train.NumericsVersion)
	}
	if math.Abs(r.Best-want) > 1e-5*want {
		t.Errorf("the golden training reaches %.10g, it was %.10g: raise NumericsVersion if that is meant", r.Best, want)
	}
	if !slices.ContainsFunc(r.Validation, func(p weights.Validation) bool { return p.Value == r.Best }) {
		t.Error("the best validation is not in the list")
	}
}
