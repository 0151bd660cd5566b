package neural_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/par/partest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// fresh is a small network with a minibatch for each step.
func fresh() neural.Family {
	f := family(neural.Sigmoid, 5, 4, 3)
	f.Fresh = true
	return f
}

// onMinibatch is what the problem of a stream is at step t, as a problem of its own.
func onMinibatch(f neural.Family, seed uint64, t int) *optimizee.Problem {
	rng := optimizee.Stream(seed)
	start := f.Start(rng, f.Scale)
	own := optimizee.Stream(rng.Uint64(), uint64(t))
	w, y := ad.New(f.Batch, f.Inputs(), nil), ad.New(f.Batch, 1, nil)
	for i := range f.Batch {
		k := own.IntN(f.Samples.R)
		copy(w.Data[i*w.C:(i+1)*w.C], f.Samples.Data[k*w.C:])
		y.Data[i] = f.Labels.Data[k]
	}
	return neural.Problem(f.Network, start, w, y)
}

// At the iterate x^t value and gradient are those of minibatch t, whatever else is asked in
// between, and a run that begins anew sees them again.
func TestMinibatchOfStep(t *testing.T) {
	f := fresh()
	p := f.Draw(optimizee.Stream(3))
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	for run := range 3 {
		x := p.Start
		for k := range 5 {
			q := onMinibatch(f, 3, k)
			if run > 0 {
				p.Value(optimizee.X(x.X().Shift(0.5))) // counts nothing
			}
			F, g := p.Value(x).Item(), p.Grad("x", x)
			if want := q.Value(x).Item(); F != want || p.Value(x).Item() != want {
				t.Errorf("run %d, step %d: F is %g, on its minibatch %g", run, k, F, want)
			}
			if !slices.Equal(g.Data, q.Grad("x", x).Data) || !slices.Equal(p.Grad("x", optimizee.X(x.X().Copy())).Data, g.Data) {
				t.Errorf("run %d, step %d: the gradient is not that of its minibatch", run, k)
			}
			x = optimizee.X(x.X().AddScaled(-0.3, g))
		}
	}
}

// Measuring changes no run, not even of a rule that asks for gradients away from its iterates.
func TestMeasuringShowsNowhere(t *testing.T) {
	for name, rule := range map[string]optim.Rule{"Adam": optim.Adam(optim.AdamConfig{}), "NAG": optim.NAG(optim.Fixed(0.3))} {
		path := func(measure bool) []float64 {
			p := fresh().Draw(optimizee.Stream(3))
			step, err := rule(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			x := p.Start
			for range 7 {
				if x = step(x); measure {
					p.Value(x)
				}
			}
			return x.X().Data
		}
		if !slices.Equal(path(true), path(false)) {
			t.Errorf("%s: the path depends on whether F is measured on the way", name)
		}
	}
}

// In other units a run begins at the Start of the stream all the same, and asks each minibatch
// once.
func TestStreamInOtherUnits(t *testing.T) {
	p := fresh().Draw(optimizee.Stream(3))
	c := optimizee.Gaussian(optimizee.Stream(4), p.Start.X().R, 1).Exp()
	for name, q := range map[string]*optimizee.Problem{"one": optimizee.InUnits(p, 0.3), "each its own": optimizee.InUnitsOf(p, optimizee.X(c))} {
		want, next := math.NaN(), math.NaN()
		for run := range 2 {
			x := q.Start
			first := q.Value(x).Item()
			x = optimizee.X(x.X().AddScaled(-0.1, q.Grad("x", x)))
			second := q.Value(x).Item()
			if q.Grad("x", x); q.Value(x).Item() != second {
				t.Errorf("%s: F changes at one point", name)
			}
			if run == 0 {
				want, next = first, second
			} else if first != want || second != next {
				t.Errorf("%s: F is %g and %g, and was %g and %g", name, first, second, want, next)
			}
		}
	}
	once := counted{fresh().Network, new(int)}
	f := fresh()
	f.Network = once
	q := optimizee.InUnitsOf(f.Draw(optimizee.Stream(3)), optimizee.X(c))
	for range 3 {
		q.Value(q.Start)
		q.Grad("x", q.Start)
	}
	if *once.calls != 1 {
		t.Errorf("the network was computed %d times for six questions at one point", *once.calls)
	}
}

// counted is a network that counts how often it is computed.
type counted struct {
	neural.Network
	calls *int
}

func (c counted) Forward(x, w ad.Value) (z ad.Value, back func(d ad.Value) ad.Value) {
	*c.calls++
	return c.Network.Forward(x, w)
}

// A race on streams gives every rule the same minibatches, and the same numbers on any number
// of cores.
func TestRaceOnStreams(t *testing.T) {
	race := func(procs int) (r *trace.Results) {
		var err error
		adam := optim.Adam(optim.AdamConfig{LR: 0.1})
		partest.Delayed(procs, func() {
			r, err = trace.RaceFamily(context.Background(), fresh(), trace.Config{Problems: 5, Steps: 6, Seed: 2, Measure: trace.Value},
				trace.Entry{Name: "Adam", Rule: adam}, trace.Entry{Name: "RMSProp", Rule: optim.RMSProp(0.05, 0.9)}, trace.Entry{Name: "Adam again", Rule: adam})
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	values := func(r *trace.Results, entry int) (all []float64) {
		for _, run := range r.Runs[entry] {
			all = append(all, run.Values...)
		}
		return all
	}
	one, three := race(1), race(3)
	for e, name := range one.Names {
		if !slices.Equal(values(one, e), values(three, e)) {
			t.Errorf("%s: other numbers on three cores than on one", name)
		}
	}
	if !slices.Equal(values(one, 0), values(one, 2)) {
		t.Error("the same rule gives other numbers when it runs last")
	}
}

// A training on streams, here of a convolutional network, gives the same bits on any number of cores, and when it is resumed.
func TestTrainingOnStreams(t *testing.T) {
	dm := learned.DM(learned.DMConfig{Network: learned.Network{Hidden: 4}})
	config := train.Config{Minibatches: 4, Batch: 3, Iterations: 4, Segment: 2, LR: 1e-2, Seed: 1, Validation: train.Validation{Problems: 3, Every: 2}}
	f := images(small)
	f.Fresh = true
	run := func(procs int, ctx context.Context, c train.Config) (line string, err error) {
		partest.Delayed(procs, func() {
			var r train.Result
			if r, err = train.Run(ctx, dm, f, c); err == nil {
				line = fmt.Sprintf("%x", r.Validation)
				for _, n := range r.Last.Names() {
					line += fmt.Sprintf("%x", r.Last.At(n).Data)
				}
			}
		})
		return line, err
	}
	one, err := run(1, t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if three, err := run(3, t.Context(), config); err != nil || three != one {
		t.Error("other numbers on three cores than on one", err)
	}
	stopped := config
	stopped.Checkpoint, stopped.CheckpointEvery = filepath.Join(t.TempDir(), "stopped"), 1
	ctx, cancel := context.WithCancel(t.Context())
	stopped.Report = func(e train.Event) {
		if e.Done == 2 {
			cancel()
		}
	}
	if _, err := run(2, ctx, stopped); err == nil {
		t.Fatal("it was not stopped")
	}
	stopped.Report = nil
	if resumed, err := run(2, t.Context(), stopped); err != nil || resumed != one {
		t.Error("other numbers when it is resumed", err)
	}
}

func TestStreamSaysWhatItIs(t *testing.T) {
	f := fresh()
	if !strings.Contains(f.String(), "on fresh minibatches of 12 of Gaussian samples") {
		t.Error(f)
	}
	p := f.Draw(optimizee.Stream(1))
	if d := p.Data.(*neural.Data); !d.Fresh || d.Samples.R != 40 || p.Traits["rows"] != 12 {
		t.Errorf("%+v, %v", d, p.Traits)
	}
	f.Labels = ad.Full(40, 1, 7)
	if err := f.Draw(optimizee.Stream(1)).Err; err == nil || !strings.Contains(err.Error(), "label 0 is 7") {
		t.Error(err)
	}
}
