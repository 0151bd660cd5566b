package train_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

// TestContextEndsASegment: in the preparation of a rule, on the way forth, on the way back, in
// a validation, and where the first problem is drawn. What knows no context is left behind.
func TestContextEndsASegment(t *testing.T) {
	c := train.Config{Minibatches: 2, Batch: 1, Iterations: 4, Segment: 2, LR: 1e-3, Validation: train.Validation{Problems: 1, Every: 1}}
	for _, where := range []string{"draw", "rule", "forth", "back"} {
		for after := range 12 { // what is asked for the n-th time goes on only when the test is over
			ctx, end := context.WithCancel(context.Background())
			over, n := make(chan struct{}), atomic.Int64{}
			ask := func(at string) {
				if at == where && n.Add(1) == int64(after+1) {
					end()
					<-over
				}
			}
			fam := optimizee.Changed(optimizee.QuadraticSpec{Rows: 4, Cols: 3}, "changed", func(p *optimizee.Problem) *optimizee.Problem {
				ask("draw")
				return p
			})
			_, err := train.Run(ctx, asking(ask), fam, c)
			asked := n.Load() > int64(after)
			if s := (&train.Stopped{}); asked != errors.As(err, &s) || asked != errors.Is(err, context.Canceled) {
				t.Errorf("%s, %d: %v", where, after, err)
			}
			if after == 0 && !asked {
				t.Errorf("nothing asks in %s", where)
			}
			close(over)
			end()
		}
	}
}

// asking is a rule that tells where it is.
func asking(ask func(at string)) learned.Optimizer {
	return learned.Optimizer{
		Name: "asking",
		Init: func(th nn.Params, _ *rand.Rand) { th.Set("t", ad.Scalar(0.1)) },
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				ask("rule")
				return func(x optimizee.Point) optimizee.Point {
					ask("forth")
					y := x.X().Sub(p.Grad("x", x).Mul(th.At("t")))
					return optimizee.X(ad.Record(ad.New(y.R, y.C, slices.Clone(y.Data)), []ad.Value{y}, func(g []float64, acc [][]float64) {
						ask("back")
						for i := range g {
							acc[0][i] += g[i]
						}
					}))
				}, nil
			}
		},
	}
}

// TestStopped: the error says how far the training came and where it goes on.
func TestStopped(t *testing.T) {
	for _, file := range []string{"", filepath.Join(t.TempDir(), "c")} {
		c := tiny
		c.Checkpoint = file
		ctx, stop := context.WithCancel(context.Background())
		var note string
		c.Report = func(e train.Event) {
			if note = e.Note; e.Done == 2 {
				stop()
			}
		}
		_, err := train.Run(ctx, pa(), tinyLasso, c)
		var s *train.Stopped
		if !errors.As(err, &s) || s.Minibatches != 2 || s.Checkpoint != file || !errors.Is(err, context.Canceled) || !strings.Contains(note, "minibatch 2") {
			t.Errorf("%v; note %q", err, note)
		}
		if (file != "") != strings.Contains(note, "the same call goes on") {
			t.Errorf("note %q", note)
		}
	}
}

// TestPanicOfARule comes back in the caller, with the place of it.
func TestPanicOfARule(t *testing.T) {
	wrong := learned.Optimizer{
		Name: "wrong",
		Init: func(th nn.Params, _ *rand.Rand) { th.Set("t", ad.Scalar(0.1)) },
		Rule: func(nn.Params) optim.Rule {
			return func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
				return func(optimizee.Point) optimizee.Point { return optimizee.X(ad.New(3, 1, nil)) }, nil
			}
		},
	}
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "3×1") || !strings.Contains(p, "in a worker") {
			t.Errorf("the panic came back as %.200s", p)
		}
	}()
	c := tiny
	_, err := train.Run(context.Background(), wrong, tinyLasso, c)
	t.Error("no panic:", err)
}

// TestContextEndsALargeWayBack: the way back of a segment over many rows is one operation.
func TestContextEndsALargeWayBack(t *testing.T) {
	fam := optimizee.FamilyFunc("large", func(rng *rand.Rand) *optimizee.Problem {
		b := optimizee.Gaussian(rng, 8_000, 1)
		return optimizee.Smooth(&optimizee.Problem{
			Name: "distance", Start: optimizee.X(ad.New(8_000, 1, nil)),
			Value:     func(x optimizee.Point) ad.Value { return x.X().Sub(b).SumSquares().Scale(0.5) },
			Grad:      func(_ string, x optimizee.Point) ad.Value { return x.X().Sub(b) },
			Lipschitz: func(string, optimizee.Point) float64 { return 1 },
		})
	})
	c := train.Config{Minibatches: 1, Batch: 1, Iterations: 20, LR: 1e-3}
	o := learned.DM(learned.DMConfig{})
	began := time.Now()
	if _, err := train.Run(context.Background(), o, fam, c); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(began)
	ctx, stop := context.WithTimeout(context.Background(), whole*3/4)
	defer stop()
	_, err := train.Run(ctx, o, fam, c)
	end, _ := ctx.Deadline()
	if err != nil && !errors.Is(err, context.DeadlineExceeded) { // nil where the cores were free this time
		t.Error(err)
	}
	t.Logf("of %v: ends %v after the end of the context: %v", whole, time.Since(end), err)
}

// TestOutsideOfAd: an oracle that is computed outside of ad.Value lets nothing be learned,
// which is told before the training, where the rule asks it; a constant map is one.
func TestOutsideOfAd(t *testing.T) {
	family := func(change func(p *optimizee.Problem)) optimizee.Family {
		return optimizee.Changed(tinyLasso, "changed", func(p *optimizee.Problem) *optimizee.Problem { change(p); return p })
	}
	prox := family(func(p *optimizee.Problem) {
		inner := p.Prox
		p.Prox = func(b string, v, step ad.Value) ad.Value { return inner(b, v.Detach(), step.Detach()) }
	})
	grad := family(func(p *optimizee.Problem) {
		inner := p.Grad
		p.Grad = func(b string, x optimizee.Point) ad.Value { return inner(b, x.Detach()) }
	})
	c := tiny
	c.Validation = train.Validation{}
	var notes []string
	c.Report = func(e train.Event) { notes = append(notes, e.Note) }
	run := func(o learned.Optimizer, f optimizee.Family) (string, error) {
		notes = nil
		_, err := train.Run(context.Background(), o, f, c)
		return strings.Join(notes, " "), err
	}
	if _, err := run(pa(), prox); err == nil || !strings.Contains(err.Error(), "Prox of lasso returns a constant") {
		t.Errorf("a Prox outside of ad: %v", err)
	}
	if _, err := run(learned.DM(learned.DMConfig{Network: learned.Network{Hidden: 6}}), prox); err != nil {
		t.Errorf("a rule that asks no Prox: %v", err)
	}
	if note, err := run(pa(), grad); err != nil || !strings.Contains(note, "Grad of lasso returns a constant") {
		t.Errorf("a Grad outside of ad: %q, %v", note, err)
	}
	if note, err := run(pa(), tinyLasso); err != nil || strings.Contains(note, "constant") {
		t.Errorf("the family itself: %q, %v", note, err)
	}
}

// TestNilProblems: a family that draws none is named, at the start and later.
func TestNilProblems(t *testing.T) {
	for after, want := range map[int64]string{0: "the family's first problem", 7: "the family sometimes"} {
		var drawn atomic.Int64
		f := optimizee.FamilyFunc("sometimes", func(rng *rand.Rand) *optimizee.Problem {
			if drawn.Add(1) > after {
				return nil
			}
			return tinyLasso.Draw(rng)
		})
		if _, err := train.Run(context.Background(), pa(), f, tiny); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nil") {
			t.Errorf("after %d problems: %v", after, err)
		}
		if after > 0 {
			continue
		}
		drawn.Store(0)
		if _, err := trace.RaceFamily(context.Background(), f, trace.Config{Problems: 2, Steps: 2}, trace.Classics()...); err == nil || !strings.Contains(err.Error(), "nil") {
			t.Errorf("a race: %v", err)
		}
	}
	if _, err := trace.Certified(nil, 1e-9); err == nil || !strings.Contains(err.Error(), "nil") {
		t.Errorf("a certificate: %v", err)
	}
	if _, _, err := trace.Minimiser(nil); err == nil || !strings.Contains(err.Error(), "nil") {
		t.Errorf("a minimiser: %v", err)
	}
	if _, err := trace.Race(nil, trace.Config{Steps: 1}, trace.Classics()...); err == nil {
		t.Error("a race on nil")
	}
}
