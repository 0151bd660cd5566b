package train_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/l2olab/l2o/pkg/learned/mlam"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// squares has a cell for each number, with the number and its square.
func squares(calls *atomic.Int64, numbers ...float64) train.Sweep {
	s := train.Sweep{Name: "squares", Key: map[string]int{"T": 100}}
	for _, n := range numbers {
		s.Cells = append(s.Cells, train.Cell{Name: fmt.Sprint("n = ", n), Measure: func(context.Context, string) ([]float64, error) {
			calls.Add(1)
			return []float64{n, n * n}, nil
		}})
	}
	return s
}

func sweep(t *testing.T, s train.Sweep) map[string][]float64 {
	t.Helper()
	found, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSweep(t *testing.T) {
	var calls atomic.Int64
	s := squares(&calls, 1, 2, 3, 4, 5, 6)
	var events []train.Event
	s.Report = func(e train.Event) { events = append(events, e) }
	found := sweep(t, s)
	if len(found) != 6 || !reflect.DeepEqual(found["n = 4"], []float64{4, 16}) || calls.Load() != 6 {
		t.Errorf("%v in %d calls", found, calls.Load())
	}
	for i, e := range events {
		if e.Done != i+1 || e.Of != 6 || e.Name != "squares" || e.Unit != "cells" || e.Over != (i == 5) || !strings.HasPrefix(e.Note, "n = ") {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if len(events) != 6 {
		t.Errorf("%d events", len(events))
	}
}

// TestSweepResumes stops a sweep after some cells: what is done is not measured again,
// and other cells join it.
func TestSweepResumes(t *testing.T) {
	var calls atomic.Int64
	s := squares(&calls, 1, 2, 3, 4, 5, 6)
	s.File = filepath.Join(t.TempDir(), "sub", "sweep.json")
	ctx, stop := context.WithCancel(context.Background())
	var last train.Event
	s.Report = func(e train.Event) {
		if last = e; e.Done == 2 {
			stop()
		}
	}
	found, err := s.Run(ctx)
	if !errors.Is(err, context.Canceled) || len(found) < 2 || !strings.HasPrefix(last.Note, "stopped with") {
		t.Fatalf("%d cells done, error %v, last event %+v", len(found), err, last)
	}
	before := len(found)
	calls.Store(0)
	var notes []string
	s.Report = func(e train.Event) { notes = append(notes, e.Note) }
	if again := sweep(t, s); !reflect.DeepEqual(again, sweep(t, squares(new(atomic.Int64), 1, 2, 3, 4, 5, 6))) || int(calls.Load()) != 6-before {
		t.Errorf("after %d cells %d more were measured: %v", before, calls.Load(), again)
	}
	if len(notes) > 0 && !strings.HasPrefix(notes[0], "resumed with ") {
		t.Errorf("notes %q", notes)
	}
	calls.Store(0)
	other := squares(&calls, 3, 7)
	other.File = s.File
	if found := sweep(t, other); !reflect.DeepEqual(found["n = 7"], []float64{7, 49}) || calls.Load() != 1 {
		t.Errorf("other cells: %v in %d calls", found, calls.Load())
	}
	calls.Store(0)
	if sweep(t, s); calls.Load() != 0 {
		t.Errorf("the first cells were forgotten: %d calls", calls.Load())
	}
	for want, change := range map[string]func(s *train.Sweep){
		`its key is {"T":100}, here it is {"T":50}`: func(s *train.Sweep) { s.Key = map[string]int{"T": 50} },
		"its name is squares, here it is other":     func(s *train.Sweep) { s.Name = "other" },
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
	if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "no file of a sweep") {
		t.Error(err)
	}
}

// TestSweepErrors: divergence is data, also from a file; any other error ends the sweep.
func TestSweepErrors(t *testing.T) {
	var calls atomic.Int64
	s := squares(&calls, 1, 2, 3)
	s.File = filepath.Join(t.TempDir(), "sweep.json")
	s.Cells[0].Measure = func(context.Context, string) ([]float64, error) {
		return nil, &train.Divergence{Minibatch: 3, Loss: math.NaN()}
	}
	s.Cells[1].Measure = func(context.Context, string) ([]float64, error) { return []float64{7, math.Inf(1)}, nil }
	for range 2 {
		want := map[string][]float64{"n = 1": {train.Diverged}, "n = 2": {7, train.Diverged}, "n = 3": {3, 9}}
		if found := sweep(t, s); !reflect.DeepEqual(found, want) || calls.Load() != 1 {
			t.Errorf("%v after %d calls", found, calls.Load())
		}
	}
	broken := squares(&calls, 1)
	broken.Cells[0].Measure = func(context.Context, string) ([]float64, error) { return nil, errors.New("no space") }
	if found, err := broken.Run(context.Background()); err == nil || err.Error() != "train: sweep squares, n = 1: no space" || len(found) != 0 {
		t.Errorf("%v and %v", found, err)
	}
	for want, change := range map[string]func(s *train.Sweep){
		"stands there twice":     func(s *train.Sweep) { s.Cells[1].Name = "n = 1" },
		"how it is measured":     func(s *train.Sweep) { s.Cells[1].Measure = nil },
		"train: Sweep.Key: json": func(s *train.Sweep) { s.Key = math.NaN() },
	} {
		bad := squares(&calls, 1, 2)
		change(&bad)
		if _, err := bad.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestSweepOfTrainings is the same on any number of cores and after an interruption in the
// middle of its cells.
func TestSweepOfTrainings(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := tinyOuter
	c.Minibatches, c.Validation = 3, train.Validation{}
	p := tinyFactors.Draw(optimizee.Stream(4))
	s := train.Sweep{Name: "trainings", Key: c}
	for _, inner := range []int{1, 2} {
		m := tinyMLAM
		m.Inner = inner
		s.Cells = append(s.Cells, train.Cell{Name: fmt.Sprint("t_in = ", inner), Measure: func(ctx context.Context, checkpoint string) ([]float64, error) {
			c := c
			c.Checkpoint = checkpoint
			r, err := train.Run(ctx, mlam.MLAM(m), tinyFactors, c)
			if err != nil {
				return nil, err
			}
			f, _, err := optim.Minimize(p, r.Rule(), 8, nil)
			return f, err
		}})
	}
	want := sweep(t, s)
	runtime.GOMAXPROCS(3)
	s.File = filepath.Join(t.TempDir(), "sweep.json")
	ctx, stop := context.WithCancel(context.Background())
	s.Report = func(train.Event) { stop() }
	if _, err := s.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s.Report = nil
	if got := sweep(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("%v after an interruption, %v without", got, want)
	}
	if left, err := filepath.Glob(s.File + ".*"); err != nil || len(left) > 0 {
		t.Errorf("%v, and left are %q", err, left)
	}
}

// TestSweepFileIsGuarded: a bit that changes is an error or changes nothing; older files
// without a checksum are read.
func TestSweepFileIsGuarded(t *testing.T) {
	var calls atomic.Int64
	s := squares(&calls, 1, 2, 3)
	s.File = filepath.Join(t.TempDir(), "sweep.json")
	want := sweep(t, s)
	whole, err := os.ReadFile(s.File)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(whole) {
		data := bytes.Clone(whole)
		data[i/8] ^= 1 << (i % 8)
		if got, err := s.Decode(data); err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("bit %d of byte %d: %v", i%8, i/8, got)
		}
	}
	old := regexp.MustCompile(`,"Sum":"[0-9a-f]+"`).ReplaceAll(whole, nil)
	if got, err := s.Decode(old); err != nil || !reflect.DeepEqual(got, want) || len(old) == len(whole) {
		t.Errorf("an older file: %v, %v", got, err)
	}
	if _, err := s.Decode(append(whole, whole...)); err == nil {
		t.Error("two files in one")
	}
}

// TestSweepsShareAFile: cells that another process finished meanwhile stay there, and a file
// that cannot be written ends no sweep.
func TestSweepsShareAFile(t *testing.T) {
	var calls atomic.Int64
	s, other := squares(&calls, 1, 2, 3), squares(&calls, 7, 8)
	s.File = filepath.Join(t.TempDir(), "folder", "sweep.json")
	other.File = s.File
	measure := s.Cells[2].Measure
	s.Cells[2].Measure = func(ctx context.Context, file string) ([]float64, error) {
		sweep(t, other)
		return measure(ctx, file)
	}
	sweep(t, s)
	calls.Store(0)
	if sweep(t, other); calls.Load() != 0 {
		t.Error("cells of another process were lost")
	}
	full := squares(&calls, 1, 2, 3)
	full.File = filepath.Join(t.TempDir(), "folder", "sweep.json")
	var notes []string
	full.Report = func(e train.Event) {
		notes = append(notes, e.Note)
		_ = os.RemoveAll(filepath.Dir(full.File))
		_ = os.WriteFile(filepath.Dir(full.File), nil, 0o600)
	}
	found, err := full.Run(context.Background())
	var u *train.Unsaved
	if !errors.As(err, &u) || len(found) != 3 || !strings.Contains(strings.Join(notes, ""), "goes on without its file") {
		t.Errorf("%v, %v, notes %q", found, err, notes)
	}
}
