package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/weights"
)

// minute is a training of a few hundred numbers.
func minute(n int) Config {
	return Config{Minibatches: n, Batch: 2, Iterations: 2, Segment: 1, LR: 1e-2, Seed: 7, Validation: Validation{Problems: 1, Every: 2}, Guard: DefaultGuard}
}

var (
	tinyFamily = optimizee.LassoSpec{Rows: 2, Cols: 3, Nonzeros: 1, Lambda: 0.1}
	tinyNet    = learned.DM(learned.DMConfig{Network: learned.Network{Hidden: 1, Layers: 1}})
)

// written is the checkpoint of four minibatches.
func written(tb testing.TB) (file string, data []byte) {
	tb.Helper()
	c := minute(4)
	c.Checkpoint = filepath.Join(tb.TempDir(), "c")
	if _, err := Run(context.Background(), tinyNet, tinyFamily, c); err != nil {
		tb.Fatal(err)
	}
	data, err := os.ReadFile(c.Checkpoint)
	if err != nil {
		tb.Fatal(err)
	}
	return c.Checkpoint, data
}

// TestEveryFlip: each bit of a checkpoint that changes, and each end that is missing, is an error.
func TestEveryFlip(t *testing.T) {
	file, data := written(t)
	refused := func(what string, damaged []byte) {
		if _, _, err := decodeCheckpoint(damaged); err == nil {
			t.Fatalf("%s passes", what)
		}
	}
	for i := range 8 * len(data) {
		damaged := slices.Clone(data)
		damaged[i/8] ^= 1 << (i % 8)
		refused(fmt.Sprintf("bit %d of byte %d", i%8, i/8), damaged)
	}
	for n := range data {
		refused(fmt.Sprintf("an end at %d", n), data[:n])
	}
	t.Logf("%d flips and %d truncations are errors", 8*len(data), len(data))
	c := minute(5)
	c.Checkpoint = file
	for _, damaged := range [][]byte{nil, data[:len(data)/2], append(slices.Clone(data[:len(data)/2]), make([]byte, len(data)/2)...)} {
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), tinyNet, tinyFamily, c); err == nil || !strings.Contains(err.Error(), "delete it to start over") {
			t.Errorf("%d bytes: %v", len(damaged), err)
		}
	}
}

// TestImpossibleStates: a sum that is right does not make a state that no training was in.
func TestImpossibleStates(t *testing.T) {
	file, data := written(t)
	for want, change := range map[string]func(c *checkpoint){
		"a count of -1":               func(c *checkpoint) { c.Result.Minibatches = -1 },
		"a count of -2":               func(c *checkpoint) { c.Done = -2 },
		"a count of -3":               func(c *checkpoint) { c.Idle = -3 },
		"before phase 2 of 1":         func(c *checkpoint) { c.Phase = 1 },
		"make 4 minibatches":          func(c *checkpoint) { c.Result.Minibatches = 3 },
		"no state of Adam":            func(c *checkpoint) { c.Adam.Steps = -1 },
		"is missing":                  func(c *checkpoint) { c.Adam.M = nn.NewParams() },
		"parameter \"linear.weight\"": func(c *checkpoint) { c.Result.Last.Set("linear.weight", ad.New(2, 2, nil)) },
		"holds NaN":                   func(c *checkpoint) { c.Result.Last.At("linear.weight").Data[0] = math.NaN() },
	} {
		id, c, err := decodeCheckpoint(data)
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		changed, err := encodeCheckpoint(id, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		now := minute(5)
		now.Checkpoint = file
		if _, err := Run(context.Background(), tinyNet, tinyFamily, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestOtherTrainings: a checkpoint is refused on another family, start or format, and a
// training that began before it was there does not write over it.
func TestOtherTrainings(t *testing.T) {
	file, data := written(t)
	c := minute(6)
	c.Checkpoint = file
	start := tinyNet.First(optimizee.Stream(3))
	same := optimizee.FamilyFunc(tinyFamily.String(), func(rng *rand.Rand) *optimizee.Problem {
		return optimizee.LassoSpec{Rows: 2, Cols: 4, Nonzeros: 1, Lambda: 0.1}.Draw(rng)
	})
	for want, run := range map[string]func() (Result, error){
		"its family is": func() (Result, error) {
			return Run(context.Background(), tinyNet, optimizee.LassoSpec{Rows: 50, Cols: 80, Nonzeros: 2, Lambda: 5}, c)
		},
		"its first problem is": func() (Result, error) { return Run(context.Background(), tinyNet, same, c) },
		`its Start is ""`: func() (Result, error) {
			c := c
			c.Start = start
			return Run(context.Background(), tinyNet, tinyFamily, c)
		},
	} {
		if _, err := run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c.Start, c.CheckpointEvery = start, time.Nanosecond
	var notes []string
	c.Report = func(e Event) {
		if notes = append(notes, e.Note); e.Done == 1 {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	r, err := Run(context.Background(), tinyNet, tinyFamily, c)
	var unsaved *Unsaved
	if !errors.As(err, &unsaved) || r.Minibatches != 6 || !strings.Contains(err.Error(), "is of another training: its Start") {
		t.Error(r.Minibatches, err)
	}
	if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "goes on without a checkpoint") }) {
		t.Errorf("notes %q", notes)
	}
	if now, err := os.ReadFile(file); err != nil || !slices.Equal(now, data) {
		t.Error("the checkpoint of another training was written over")
	}
	for want, content := range map[string]string{
		"another version of L2O Lab, and this one reads format 4": checkpointName + "3\nabc\n",
		"another version of L2O Lab":                              "\x01\x02\x03gob\x08Identity",
		"is no checkpoint":                                        "my thesis",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), tinyNet, tinyFamily, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, c.Checkpoint = range []string{t.TempDir(), os.DevNull} {
		if _, err := Run(context.Background(), tinyNet, tinyFamily, c); err == nil || !strings.Contains(err.Error(), "a regular file") {
			t.Error(err)
		}
	}
}

// TestLongWay: what is written is read, after a hundred thousand validations, some not
// finite, and with a model of ten megabytes.
func TestLongWay(t *testing.T) {
	_, data := written(t)
	id, c, err := decodeCheckpoint(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		c.Result.Validation = append(c.Result.Validation, weights.Validation{After: i, Value: math.Log(float64(i % 3))})
	}
	c.Loss = math.NaN()
	id["model"] = []byte(`"` + strings.Repeat("x", 10<<20) + `"`)
	data, err = encodeCheckpoint(id, c)
	if err != nil {
		t.Fatal(err)
	}
	again, got, err := decodeCheckpoint(data)
	if err != nil || same(again, id) != nil || !slices.Equal(got.Result.Validation, c.Result.Validation) || !math.IsNaN(got.Loss) {
		t.Errorf("%v, %d validations", err, len(got.Result.Validation))
	}
}

func FuzzCheckpoint(f *testing.F) {
	file, data := written(f)
	f.Add(data)
	f.Add(data[len(sealed(nil)):])
	f.Add([]byte(checkpointName + "4\n"))
	now := minute(5)
	now.Checkpoint = file
	t0, err := begin(tinyNet, tinyFamily, now)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, sealed(data)} { // as it is, and with a sum that is right
			var id identity
			var c checkpoint
			var err error
			filetest.Frugal(t, 1<<20, len(data), func() { id, c, err = decodeCheckpoint(data) })
			if err != nil || same(id, t0.id) != nil || c.check(t0) != nil {
				continue
			}
			again, err := encodeCheckpoint(id, c)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := decodeCheckpoint(again); err != nil {
				t.Fatal(err)
			}
		}
	})
}
