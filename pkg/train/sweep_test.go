package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// grid computes 100·t_in + t_out.
func grid(calls *atomic.Int64) train.Sweep {
	return train.Sweep{
		Name: "grid", Key: map[string]int{"T": 100}, Inner: []int{1, 2, 3}, Outer: []int{5, 10},
		Cell: func(_ context.Context, c train.Cell) (float64, error) {
			calls.Add(1)
			return float64(100*c.Inner + c.Outer), nil
		},
	}
}

func sweep(t *testing.T, s train.Sweep) train.SweepResult {
	t.Helper()
	found, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSweep(t *testing.T) {
	var calls atomic.Int64
	s := grid(&calls)
	var events []train.Event
	s.Report = func(e train.Event) { events = append(events, e) }
	found := sweep(t, s)
	if want := [][]float64{{105, 110}, {205, 210}, {305, 310}}; !reflect.DeepEqual(found.Values(), want) {
		t.Errorf("values %v, want %v", found.Values(), want)
	}
	if best := found.Best(); best.Inner != 1 || best.Outer != 5 || best.Value != 105 || found.Done() != 6 || calls.Load() != 6 {
		t.Errorf("best %+v, %d cells done in %d calls", best, found.Done(), calls.Load())
	}
	for i, e := range events {
		if e.Done != i+1 || e.Of != 6 || e.Name != "grid" || e.Unit != "cells" || e.Over != (i == 5) || !strings.HasPrefix(e.Note, "t_in = ") || !(e.Best <= e.Loss) {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if len(events) != 6 || events[5].Best != 105 {
		t.Errorf("%d events, best at last %g", len(events), events[len(events)-1].Best)
	}
}

// TestSweepResumes stops a sweep after some cells: what is done is not computed again,
// and a larger grid takes it over.
func TestSweepResumes(t *testing.T) {
	var calls atomic.Int64
	s := grid(&calls)
	s.File = filepath.Join(t.TempDir(), "sub", "sweep.json")
	ctx, stop := context.WithCancel(context.Background())
	var last train.Event
	s.Report = func(e train.Event) {
		if last = e; e.Done == 2 {
			stop()
		}
	}
	found, err := s.Run(ctx)
	if !errors.Is(err, context.Canceled) || found.Done() < 2 || !strings.HasPrefix(last.Note, "stopped with") {
		t.Fatalf("%d cells done, error %v, last event %+v", found.Done(), err, last)
	}
	if found.Done() < 6 && !math.IsNaN(found.At(2, 1).Value) && !found.At(2, 1).Done {
		t.Error("an open cell has a value")
	}
	before := found.Done()
	calls.Store(0)
	var notes []string
	s.Report = func(e train.Event) { notes = append(notes, e.Note) }
	if again := sweep(t, s); !reflect.DeepEqual(again.Values(), sweep(t, grid(new(atomic.Int64))).Values()) || int(calls.Load()) != 6-before {
		t.Errorf("after %d cells %d more were computed: %v", before, calls.Load(), again.Values())
	}
	if len(notes) > 0 && !strings.HasPrefix(notes[0], "resumed with ") {
		t.Errorf("notes %q", notes)
	}
	calls.Store(0)
	wider := s
	wider.Inner, wider.Outer = []int{3, 7}, []int{10}
	if found := sweep(t, wider); !reflect.DeepEqual(found.Values(), [][]float64{{310}, {710}}) || calls.Load() != 1 {
		t.Errorf("another grid: %v in %d calls", found.Values(), calls.Load())
	}
	calls.Store(0)
	if sweep(t, s); calls.Load() != 0 {
		t.Errorf("the first grid was forgotten: %d calls", calls.Load())
	}
	for want, change := range map[string]func(s *train.Sweep){
		`its key is {"T":100}, here it is {"T":50}`: func(s *train.Sweep) { s.Key = map[string]int{"T": 50} },
		"its name is grid, here it is other":        func(s *train.Sweep) { s.Name = "other" },
	} {
		other := s
		change(&other)
		if _, err := other.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := os.WriteFile(s.File, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "is no file of a sweep") {
		t.Error(err)
	}
}

// TestSweepErrors: divergence is data, also from a file; any other error ends the sweep.
func TestSweepErrors(t *testing.T) {
	var calls atomic.Int64
	s := grid(&calls)
	s.File = filepath.Join(t.TempDir(), "sweep.json")
	s.Cell = func(_ context.Context, c train.Cell) (float64, error) {
		calls.Add(1)
		switch c.Inner {
		case 1:
			return 0, &train.Divergence{Minibatch: 3, Loss: math.NaN()}
		case 2:
			return math.Inf(1), nil
		}
		return 7, nil
	}
	for range 2 {
		found := sweep(t, s)
		for _, c := range found.Cells {
			if c.Diverged != (c.Inner < 3) || math.IsNaN(c.Value) != c.Diverged || !c.Done {
				t.Errorf("%+v", c)
			}
		}
		if found.Best().Inner != 3 || calls.Load() != 6 {
			t.Errorf("best %+v after %d calls", found.Best(), calls.Load())
		}
	}
	broken := grid(&calls)
	broken.Cell = func(context.Context, train.Cell) (float64, error) { return 0, errors.New("no space") }
	if found, err := broken.Run(context.Background()); err == nil || !strings.HasPrefix(err.Error(), "train: grid, t_in = ") || !strings.HasSuffix(err.Error(), ": no space") || found.Done() != 0 {
		t.Errorf("%d cells and %v", found.Done(), err)
	}
	for want, change := range map[string]func(s *train.Sweep){
		"a sweep of 0 by 2 cells":   func(s *train.Sweep) { s.Inner = nil },
		"what computes a cell":      func(s *train.Sweep) { s.Cell = nil },
		"0 stands on an axis [1 0]": func(s *train.Sweep) { s.Outer = []int{1, 0} },
		"2 stands on an axis [2 2]": func(s *train.Sweep) { s.Inner = []int{2, 2} },
		"train: Sweep.Key: json":    func(s *train.Sweep) { s.Key = math.NaN() },
	} {
		bad := grid(&calls)
		change(&bad)
		if _, err := bad.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestTrainingCell: a sweep over trainings, the same on any number of cores and after
// an interruption in the middle of its cells.
func TestTrainingCell(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := tinyOuter
	c.Minibatches, c.Validation = 3, train.Validation{}
	p := tinyFactors.Draw(optimizee.Stream(4))
	s := train.Sweep{
		Name: "trainings", Key: c, Inner: []int{1, 2}, Outer: []int{3, 8},
		Cell: train.TrainingCell(func(inner int) learned.Optimizer {
			m := tinyMLAM
			m.Inner = inner
			return mlam.MLAM(m)
		}, tinyFactors, c, func(r optim.Rule) (float64, error) {
			f, _, err := optim.Minimize(p, r, 8, nil)
			return slices.Min(f), err
		}),
	}
	want := sweep(t, s).Values()
	runtime.GOMAXPROCS(3)
	s.File = filepath.Join(t.TempDir(), "sweep.json")
	ctx, stop := context.WithCancel(context.Background())
	s.Report = func(train.Event) { stop() }
	if _, err := s.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s.Report = nil
	if got := sweep(t, s).Values(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v after an interruption, %v without", got, want)
	}
	if left, err := filepath.Glob(s.File + ".*"); err != nil || len(left) > 0 {
		t.Errorf("%v, and left are %q", err, left)
	}
	s.Outer, s.File = []int{9}, ""
	if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "8 outer steps hold no segment of 9") {
		t.Error(err)
	}
}
