package train_test

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// A training that goes on tells first what was told before it was stopped.
func TestResumedTrainingTellsItsPast(t *testing.T) {
	c := tiny
	c.Minibatches, c.Checkpoint = 12, filepath.Join(t.TempDir(), "c")
	ctx, stop := context.WithCancel(context.Background())
	losses, validations := map[int]float64{}, map[int]float64{}
	note := func(e train.Event) {
		if !math.IsNaN(e.Loss) {
			losses[e.Done] = e.Loss
		}
		if e.Validated {
			validations[e.Done] = e.Validation
		}
	}
	c.Report = func(e train.Event) {
		if note(e); e.Done == 7 {
			stop()
		}
	}
	if r, _ := train.Run(ctx, pa(), tinyLasso, c); r.Minibatches != 7 || len(losses) != 7 || len(validations) != 3 {
		t.Fatalf("stopped after %d with losses %v and validations %v", r.Minibatches, losses, validations)
	}
	first := true
	c.Report = func(e train.Event) {
		if (len(e.Past) > 0) != first {
			t.Errorf("event %d brings %d events of the past", e.Done, len(e.Past))
		}
		first = false
		was, last, n := losses, 0, 0
		for _, p := range e.Past {
			if p.Done < last || !p.Validated && was[p.Done] != p.Loss || p.Validated && validations[p.Done] != p.Validation {
				t.Errorf("after %d minibatches: loss %g, validation %g", p.Done, p.Loss, p.Validation)
			}
			last, n = p.Done, n+1
		}
		if n > 0 && n != 7+3 {
			t.Errorf("%d events", n)
		}
	}
	if r := run(t, c); r.Minibatches != 12 || first {
		t.Error(r.Minibatches, first)
	}
}

// A long past is thinned, and its steps stay equal.
func TestPastIsShort(t *testing.T) {
	c := train.Config{Minibatches: 1300, Batch: 1, Iterations: 1, LR: 1e-3, Seed: 1, Checkpoint: filepath.Join(t.TempDir(), "c")}
	small := optimizee.LassoSpec{Rows: 2, Cols: 3, Nonzeros: 1, Lambda: 0.1}
	if _, err := train.Run(context.Background(), pa(), small, c); err != nil {
		t.Fatal(err)
	}
	c.Minibatches++
	var told []train.Event
	c.Report = func(e train.Event) { told = append(told, e.Past...) }
	if _, err := train.Run(context.Background(), pa(), small, c); err != nil {
		t.Fatal(err)
	}
	if n := len(told); n < 256 || n > 512 || told[n-1].Done < 1290 {
		t.Fatalf("%d events of 1300 minibatches", n)
	}
	for i := range told[1:] {
		if told[i+1].Done-told[i].Done != 4 {
			t.Fatalf("from %d to %d", told[i].Done, told[i+1].Done)
		}
	}
}
