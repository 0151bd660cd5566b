package kernelext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
)

type settings struct {
	Batch int
	LR    float64
	Inner struct{ Rates []float64 }
	Log   func() `json:"-"`
}

// repository is an empty folder that looks like this module, with the working
// folder deep inside; the result is its folder of kept results.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte(module+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(root, "notebooks", "deep")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inside)
	return filepath.Join(root, ".l2o", "keep")
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	hidden, err2 := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return append(paths, hidden...)
}

func TestKeepComputesOnce(t *testing.T) {
	dir, out := repository(t), capture(t)
	want := []float64{math.NaN(), math.Inf(-1), 5e-324, .1}
	runs := 0
	for range 3 {
		got := Keep("My Run", settings{Batch: 64}, func() ([]float64, error) { runs++; return want, nil })
		if !equal(got[:1], want[:1]) || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
			t.Errorf("got %v", got)
		}
	}
	if runs != 1 || out.Len() != 0 || len(files(t, dir)) != 1 {
		t.Errorf("%d runs, printed %q, files %v", runs, out, files(t, dir))
	}
}

// TestKeepZeroParams keeps a result whose weights were never set: to lose a finished
// computation over them is worse than to keep them as they are.
func TestKeepZeroParams(t *testing.T) {
	repository(t)
	type result struct{ None, Empty nn.Params }
	for range 2 {
		if got := Keep("zero", nil, func() (result, error) { return result{Empty: nn.NewParams()}, nil }); !got.None.IsZero() || got.Empty.IsZero() {
			t.Errorf("got %+v", got)
		}
	}
}

func TestKeepNamesTheChange(t *testing.T) {
	repository(t)
	out := capture(t)
	keep := func(c settings) {
		Keep("pa-small", c, func() (int, error) { return c.Batch, nil })
	}
	one := settings{Batch: 64, LR: .01}
	one.Inner.Rates = []float64{1, 2}
	keep(one)
	for _, c := range []struct {
		change func(*settings)
		want   string
	}{
		{func(s *settings) { s.Batch = 16; s.LR = .5 }, "recomputing pa-small: Batch 64 → 16"},
		{func(s *settings) { s.Inner.Rates = nil }, "recomputing pa-small: Inner.Rates [1,2] → nothing"},
		{func(s *settings) { s.Log = func() {} }, ""}, // left out by its tag
		{func(s *settings) { s.LR = math.NaN() }, `recomputing pa-small: LR 0.01 → "NaN"`},
		{func(s *settings) { numerics = "next" }, "numerics version " + numerics + " → next"},
	} {
		// Make the first configuration the newest.
		e, err := newStored("pa-small", one, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := storeChecked(e, 64); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		next, before := one, numerics
		c.change(&next)
		keep(next)
		numerics = before
		if got := strings.TrimSpace(out.String()); got != c.want && !(strings.HasPrefix(c.want, "numerics") && strings.HasSuffix(got, c.want)) {
			t.Errorf("said %q, want %q", got, c.want)
		}
	}
}

func TestKeepSurvivesDamage(t *testing.T) {
	dir, out := repository(t), capture(t)
	keep := func() []int {
		return Keep("x", nil, func() ([]int, error) { return []int{1, 2, 3}, nil })
	}
	keep()
	path := files(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := [][]byte{nil, []byte("{}"), bytes.Replace(whole, []byte("[1,2,3]"), []byte("[1,2,4]"), 1), bytes.Replace(whole, []byte("[1,2,3]"), []byte(`["a"]`), 1)}
	for n := 1; n < len(whole); n += 7 {
		damage = append(damage, whole[:n])
	}
	for _, d := range damage {
		if err := os.WriteFile(path, d, 0o644); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if got := keep(); fmt.Sprint(got) != "[1 2 3]" || !strings.Contains(out.String(), "damaged") {
			t.Fatalf("%q was read as %v; said %q", d, got, out)
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, whole) {
			t.Fatalf("the file was not repaired: %s, %v", again, err)
		}
	}
}

func TestKeepRefuses(t *testing.T) {
	dir := repository(t)
	capture(t)
	n := exits(t)
	ran := false
	Keep("secret", nil, func() (struct{ hidden int }, error) { ran = true; return struct{ hidden int }{1}, nil })
	Keep("bad key", map[string]any{"f": func() {}}, func() (int, error) { ran = true; return 1, nil })
	if *n != 2 || ran {
		t.Errorf("%d refusals, computed: %v", *n, ran)
	}
	Keep("failing", nil, func() (int, error) { return 1, errors.New("no") })
	if *n != 3 || len(files(t, dir)) != 0 {
		t.Errorf("an error must fail the cell and keep nothing: %d, %v", *n, files(t, dir))
	}
}

func TestKeepShowsWhatWasReached(t *testing.T) {
	dir, out := repository(t), capture(t)
	got := Keep("stopped", nil, func() (int, error) { return 7, fmt.Errorf("at minibatch 3: %w", context.Canceled) })
	if got != 7 || !strings.Contains(out.String(), "was stopped") || len(files(t, dir)) != 0 {
		t.Errorf("got %d, said %q, kept %v", got, out, files(t, dir))
	}
}

func TestKeepConcurrently(t *testing.T) {
	dir := repository(t)
	capture(t)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			got := Keep("shared", 1, func() ([]float64, error) { return make([]float64, 5000), nil })
			if len(got) != 5000 {
				t.Errorf("got %d numbers", len(got))
			}
		})
	}
	group.Wait()
	if len(files(t, dir)) != 1 {
		t.Errorf("files %v", files(t, dir))
	}
}

func TestKeepOutsideOfTheRepository(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "cache"))
	t.Setenv("HOME", t.TempDir())
	capture(t)
	dir, err := keepDir()
	cache, _ := os.UserCacheDir()
	if err != nil || dir != filepath.Join(cache, "l2o", "keep") {
		t.Errorf("%s, %v", dir, err)
	}
}

// A stopped computation leaves its checkpoint, a finished one takes it away.
func TestCheckpoint(t *testing.T) {
	t.Setenv("L2O_KEEP", t.TempDir())
	config := map[string]int{"n": 1}
	file := Checkpoint("slow", config)
	if Checkpoint("slow", map[string]int{"n": 2}) == file || Checkpoint("other", config) == file {
		t.Error("two computations share a checkpoint")
	}
	run := func(result error) {
		Keep("slow", config, func() (int, error) {
			if err := os.WriteFile(file, []byte("state"), 0o600); err != nil {
				t.Fatal(err)
			}
			return 1, result
		})
	}
	run(context.Canceled)
	if _, err := os.Stat(file); err != nil {
		t.Error("a stopped computation lost its checkpoint:", err)
	}
	run(nil)
	if _, err := os.Stat(file); err == nil {
		t.Error("a finished computation left its checkpoint")
	}
}

// The settings of a training can be a key, also with a loss and a measure of their own.
func TestKeyOfTraining(t *testing.T) {
	c := train.MLAM
	c.Validation.Measure = trace.NMSE
	if _, err := newStored("training", c, nil); err != nil {
		t.Error(err)
	}
}
