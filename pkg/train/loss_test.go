package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

var (
	tinyFactors = completion.Family{Rows: 8, Cols: 7, Rank: 2, Observe: 0.5, Lambda: 0.1}
	tinyMLAM    = mlam.Config{Wiring: learned.Wiring{Network: learned.Network{Hidden: 6}}, Inner: 3}
	tinyOuter   = train.Config{
		Minibatches: 6, Batch: 3, Iterations: 8, Segment: 4, LR: 1e-2, Seed: 3, Loss: learned.LogObjective,
		Validation: train.Validation{Problems: 5, Every: 2}, Guard: train.Guard{Above: 1, To: 1},
	}
)

func alternate(t *testing.T, o learned.Optimizer, c train.Config) train.Result {
	t.Helper()
	r, err := train.Run(context.Background(), o, tinyFactors, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMLAMImproves(t *testing.T) {
	c := tinyOuter
	c.Minibatches = 30
	r := alternate(t, mlam.MLAM(tinyMLAM), c)
	first := r.Validation[0].Value
	if !(r.Best < first-1) { // of ln F: F falls to a third
		t.Errorf("the mean of ln F goes from %g to %g", first, r.Best)
	}
	p := tinyFactors.Draw(optimizee.Stream(99))
	end := func(th nn.Params) float64 {
		step, err := mlam.MLAM(tinyMLAM).Rule(th)(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		x := p.Start
		for range c.Iterations {
			x = step(x)
		}
		return p.Value(x).Item()
	}
	untrained := nn.NewParams()
	mlam.MLAM(tinyMLAM).Init(untrained, optimizee.Stream(5))
	if f, before := end(r.Theta), end(untrained); !(f < 0.3*before) {
		t.Errorf("on a fresh problem F ends at %g, untrained at %g", f, before)
	}
}

// TestLosses: a given function is like the loss that it says, weights of 1 change
// nothing, and the last of one step is the mean of one step.
func TestLosses(t *testing.T) {
	o := mlam.MLAM(tinyMLAM)
	with := func(l learned.Loss, segment int) string {
		c := tinyOuter
		c.Loss, c.Segment = l, segment
		return fingerprint(alternate(t, o, c).Last)
	}
	own := learned.Loss{Name: "mine", Of: func(p *optimizee.Problem, x optimizee.Point) ad.Value { return p.Value(x).Log() }}
	log, plain := with(learned.LogObjective, 4), with(learned.Loss{}, 4)
	for what, got := range map[string][2]string{
		"a function":    {with(own, 4), log},
		"weights of 1":  {with(learned.LogObjective.Weighted(1, 1), 4), log},
		"the objective": {with(learned.Objective, 4), plain},
		"the last of 1": {with(learned.LogObjective.AtEnd(), 1), with(learned.LogObjective, 1)},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: θ is %s, want %s", what, got[0], got[1])
		}
	}
	if end := with(learned.LogObjective.AtEnd(), 4); log == plain || end == log {
		t.Error("the loss does not matter")
	}
}

// TestMLAMWeights: ω_t stands before the loss of outer step t in validation, which
// is a mean of the same terms; at a learning rate of nothing θ is the first one.
func TestMLAMWeights(t *testing.T) {
	o, c := mlam.MLAM(tinyMLAM), tinyOuter
	c.Minibatches, c.LR, c.Validation = 1, 1e-300, train.Validation{Problems: 3, Every: 1}
	value := func(w ...float64) float64 {
		c.Loss = learned.LogObjective.Weighted(w...)
		return alternate(t, o, c).Best
	}
	var single []float64
	for k := range c.Iterations {
		w := make([]float64, c.Iterations+1)
		w[k] = 1
		single = append(single, value(w...))
	}
	var sum, weighted float64
	for k, v := range single {
		sum += v
		weighted += float64(min(k+1, 3)) * v
	}
	for want, got := range map[float64]float64{sum: value(), weighted: value(1, 2, 3)} {
		if !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
			t.Errorf("the weighted loss is %.15g, its terms say %.15g", got, want)
		}
	}
}

func TestMLAMSameBitsAndResumed(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, c := range []mlam.Config{
		tinyMLAM,
		{Wiring: learned.Wiring{Network: learned.Network{Hidden: 4}, Input: learned.Gradient}, Inner: 2, Redraw: true, Reset: true},
		{Wiring: learned.Wiring{Network: learned.Network{Hidden: 4}, Input: learned.Curvature, Output: learned.Along, Through: true}, Inner: 2},
	} {
		o, a := mlam.MLAM(c), tinyOuter
		a.Loss = learned.LogObjective.Weighted(1, 2)
		runtime.GOMAXPROCS(1)
		want := fingerprint(alternate(t, o, a).Last)
		for procs := 2; procs <= 3; procs++ {
			runtime.GOMAXPROCS(procs)
			if got := fingerprint(alternate(t, o, a).Last); got != want {
				t.Errorf("%+v: θ is %s on %d processors, %s on one", c, got, procs, want)
			}
		}
		ctx, stop := context.WithCancel(context.Background())
		a.Checkpoint = filepath.Join(t.TempDir(), "c.safetensors")
		a.Report = func(e train.Event) {
			if e.Done == 2 {
				stop()
			}
		}
		if r, err := train.Run(ctx, o, tinyFactors, a); !errors.Is(err, context.Canceled) || r.Minibatches != 2 {
			t.Fatal("stopped after", r.Minibatches, err)
		}
		a.Report = nil
		other := a
		other.Loss = learned.LogObjective.Weighted(1, 3)
		if _, err := train.Run(context.Background(), o, tinyFactors, other); err == nil || !strings.Contains(err.Error(), "is of another training: its Loss") {
			t.Errorf("with other weights: %v", err)
		}
		if got := fingerprint(alternate(t, o, a).Last); got != want {
			t.Errorf("%+v: θ is %s after an interruption, %s without", c, got, want)
		}
	}
}

func TestMLAMBadSettings(t *testing.T) {
	below := optimizee.FamilyFunc("below 0", func(rng *rand.Rand) *optimizee.Problem {
		p := *tinyFactors.Draw(rng)
		f := p.Value
		p.Value = func(x optimizee.Point) ad.Value { return f(x).Shift(-1e6) }
		p.ValueGrad = nil
		return &p
	})
	for want, c := range map[string]struct {
		change func(c *train.Config)
		fam    optimizee.Family
	}{
		"which has no logarithm: train for learned.Objective": {func(*train.Config) {}, below},
		"Guard.Loss is 2":                                 {func(c *train.Config) { c.Guard = train.DefaultGuard }, tinyFactors},
		"the weight ω of step 1 is NaN":                   {func(c *train.Config) { c.Loss.Weights = []float64{math.NaN()} }, tinyFactors},
		"cannot be split into segments of 3":              {func(c *train.Config) { c.Segment = 3 }, tinyFactors},
		"a share of 2 of the entries is observed":         {func(*train.Config) {}, completion.Family{Rows: 3, Cols: 3, Rank: 1, Observe: 2}},
		`MLAM works in blocks ["U" "V"], and Gaussian mi`: {func(*train.Config) {}, mixture.Paper},
	} {
		for _, weights := range [][]float64{nil, {1, 2}} {
			a := tinyOuter
			a.Loss.Weights = weights
			c.change(&a)
			if _, err := train.Run(context.Background(), mlam.MLAM(tinyMLAM), c.fam, a); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q in it", err, want)
			}
		}
	}
}

// Train learned alternating minimisation across matrix completions: the mean of ln F.
func ExampleRun_loss() {
	o := mlam.MLAM(mlam.Config{Wiring: learned.Wiring{Network: learned.Network{Hidden: 6}}, Inner: 3})
	r, err := train.Run(context.Background(), o, tinyFactors, tinyOuter)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(r.Minibatches, "minibatches, improved:", r.Best < r.Validation[0].Value)
	// Output: 6 minibatches, improved: true
}

// TestPath: a loss of all points of a segment is told the one that it began at and those
// after its steps, and adds to their sum.
func TestPath(t *testing.T) {
	fam, c := optimizee.QuadraticSpec{Rows: 5, Cols: 3}, train.Config{Minibatches: 2, Batch: 1, Iterations: 6, Segment: 3, LR: 1e-2, Seed: 3}
	o := learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{Hidden: 4}})
	by := func(l learned.Loss) train.Result {
		c.Loss = l
		r, err := train.Run(t.Context(), o, fam, c)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var last optimizee.Point
	segments := 0
	path := by(learned.Loss{
		Name: "F of the path",
		Of:   func(*optimizee.Problem, optimizee.Point) ad.Value { return ad.Scalar(0) },
		Path: func(p *optimizee.Problem, xs []optimizee.Point) ad.Value {
			if segments++; len(xs) != 4 || segments%2 == 0 && !xs[0].Same(last) || xs[0].X().Recorded() || !xs[3].X().Recorded() {
				t.Errorf("segment %d has %d points", segments, len(xs))
			}
			last = xs[3]
			return p.Value(xs[1]).Add(p.Value(xs[2])).Add(p.Value(xs[3]))
		},
	})
	if d := adtest.Distance(path.Theta.Flat(), by(learned.Objective).Theta.Flat()); segments != 4 || !(d <= 1e-12) {
		t.Errorf("after %d segments of 4, θ differs by %.2g from that of the objective", segments, d)
	}
	c.Guard = train.DefaultGuard
	c.Loss = learned.Loss{Name: "bad", Path: func(*optimizee.Problem, []optimizee.Point) ad.Value { return ad.Scalar(0) }}
	if _, err := train.Run(t.Context(), o, fam, c); err == nil || !strings.Contains(err.Error(), "Guard.Loss") {
		t.Errorf("a guard by another loss: %v", err)
	}
	if err := (learned.Loss{Path: c.Loss.Path}).Check(); err == nil {
		t.Error("a loss of a path without a name is taken")
	}
}
