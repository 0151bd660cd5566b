package kernelext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/train"
)

// explosive, lossy and one-way are types of somebody's own that cannot be kept.
type (
	explosive struct{ N int }
	lossy     struct{ N int }
	oneWay    struct{ N int }
)

func (explosive) MarshalBinary() ([]byte, error)   { panic("no way") }
func (*explosive) UnmarshalBinary([]byte) error    { return nil }
func (v lossy) MarshalBinary() ([]byte, error)     { return []byte{byte(v.N)}, nil }
func (v *lossy) UnmarshalBinary(data []byte) error { v.N = int(data[0]) / 2; return nil }
func (oneWay) MarshalBinary() ([]byte, error)      { return []byte{1}, nil }
func (*oneWay) UnmarshalBinary([]byte) error       { return errors.New("no way back") }

// computed is what Keep returns of a value that it computes.
func computed[T any](value T) func() T {
	return func() T { return Keep("value", nil, func() (T, error) { return value, nil }) }
}

// TestKeepLosesNothing: a finished computation is returned, with a clear word, whatever
// keeps it from its file.
func TestKeepLosesNothing(t *testing.T) {
	type link struct{ Next *link }
	ring := &link{}
	ring.Next = ring
	dir, out := repository(t), capture(t)
	n := exits(t)
	said := func(want string) {
		t.Helper()
		if !strings.Contains(out.String(), "is computed and could not be kept") || !strings.Contains(out.String(), want) || len(files(t, dir)) != 0 {
			t.Errorf("said %q, want %q; files %v", out, want, files(t, dir))
		}
		out.Reset()
	}
	if got := computed(explosive{3})(); got.N != 3 {
		t.Error(got)
	}
	said("a panic: no way")
	if got := computed(lossy{4})(); got.N != 4 {
		t.Error(got)
	}
	said("it reads back as another value")
	if got := computed(oneWay{5})(); got.N != 5 {
		t.Error(got)
	}
	said("it cannot be read back")
	if got := computed(ring)(); got != ring {
		t.Error(got)
	}
	said("it holds itself")
	if got := computed("\xff")(); got != "\xff" {
		t.Errorf("%q", got)
	}
	said("not UTF-8")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("L2O_KEEP", filepath.Join(file, "sub"))
	if got := computed(7)(); got != 7 {
		t.Error(got)
	}
	if !strings.Contains(out.String(), "could not be kept") || *n != 0 {
		t.Errorf("said %q; %d cells failed", out, *n)
	}
}

// TestKeepUnsaved: a training that is complete is shown, though its checkpoint could not be
// written. It is not kept: compute may have returned with a part of what it makes.
func TestKeepUnsaved(t *testing.T) {
	dir, out := repository(t), capture(t)
	n := exits(t)
	unsaved := fmt.Errorf("mine: %w", &train.Unsaved{Err: errors.New("disk full")})
	if got := Keep("t", nil, func() (int, error) { return 5, unsaved }); got != 5 || *n != 0 {
		t.Errorf("%d; %d cells failed", got, *n)
	}
	if !strings.Contains(out.String(), "disk full") || len(files(t, dir)) != 0 {
		t.Errorf("said %q; files %v", out, files(t, dir))
	}
	if Keep("t", nil, func() (int, error) { return 0, unsaved }); *n != 1 {
		t.Error("a computation without a result is no failure")
	}
}

// TestKeepSaysWhereItGoesOn after a stop with a checkpoint.
func TestKeepSaysWhereItGoesOn(t *testing.T) {
	repository(t)
	out := capture(t)
	file := Checkpoint("slow", 1)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"with a checkpoint at 54: run the cell again to go on": &train.Stopped{Minibatches: 54, Checkpoint: file, Err: context.Canceled},
		"with a checkpoint: run the cell again to go on":       context.DeadlineExceeded,
	} {
		out.Reset()
		if got := Keep("slow", 1, func() (int, error) { return 3, err }); got != 3 || !strings.Contains(out.String(), want) {
			t.Errorf("%d, said %q, want %q", got, out, want)
		}
	}
}

// TestKeepEveryFlip: a file with a bit changed gives the same value or is computed anew.
func TestKeepEveryFlip(t *testing.T) {
	dir := repository(t)
	capture(t)
	want := []float64{1.5, -2}
	keep := func() []float64 { return Keep("x", settings{Batch: 3}, func() ([]float64, error) { return want, nil }) }
	keep()
	path := files(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(whole) {
		data := bytes.Clone(whole)
		data[i/8] ^= 1 << (i % 8)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var got []float64
		e, err := newStored("x", settings{Batch: 3}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e.load(&got) && !slices.Equal(got, want) {
			t.Fatalf("bit %d of byte %d: %v", i%8, i/8, got)
		}
	}
}

// FuzzKeep reads files of kept results that anybody may have written.
func FuzzKeep(f *testing.F) {
	type result struct {
		Theta nn.Params
		Train train.Result
		Texts map[string][]string
		Inner *result
	}
	th := nn.NewParams()
	first := result{Theta: th, Texts: map[string][]string{"a": {"b", ""}, "c": nil}, Inner: &result{}}
	e := &stored{Name: "x", Numerics: numerics, Config: []byte("null"), path: filepath.Join(f.TempDir(), "kept")}
	if err := storeChecked(e, first); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(e.Value))
	f.Add([]byte(`{"Inner":null,"Texts":{},"Theta":"","Train":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r result
		var err error
		filetest.Frugal(t, 1<<20, len(data), func() { r = result{}; err = decode(data, &r) })
		if err != nil {
			return
		}
		e := &stored{Name: "x", Numerics: numerics, Config: []byte("null"), path: filepath.Join(t.TempDir(), "kept")}
		if err := storeChecked(e, r); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		var again result
		if !e.load(&again) {
			t.Fatal("what was written cannot be read")
		}
	})
}
