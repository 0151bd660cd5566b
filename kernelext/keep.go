package kernelext

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"github.com/l2olab/l2o/kernelext/internal/exact"
	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/train"
)

// module is the first line of the go.mod at the root of the repository.
const module = "module github.com/l2olab/l2o"

// numerics is part of every key; a variable so that tests can raise it.
var numerics = train.NumericsVersion

// Keep returns what compute returned for this configuration when it last ran,
// or runs it. A GoNB cell is a fresh process, so results that took long are kept
// in files; call Keep from a function, so that only cells that need the result
// pay for it:
//
//	func theta() Trained {
//		return kernelext.Keep("pa-small", cfg, func() (Trained, error) { return run(cfg) })
//	}
//
// The key is the content of name, config and the numerics version of the
// library, so a changed configuration can never meet an old result; Keep then
// says which setting changed. Values come back exact to the bit, NaN and
// infinities too. A type with unexported fields that brings no MarshalBinary and
// UnmarshalBinary of its own is refused before compute runs.
//
// Files are in the folder that the environment variable L2O_KEEP names, else in
// .l2o/keep in the repository, or in the user's cache folder outside of it; the
// command lab run starts each notebook with an empty one. A damaged file is
// reported and computed anew. An error of compute fails the cell and keeps nothing.
// What was computed is returned also where it cannot be kept. When the reader pressed Stop
// (an error that wraps context.Canceled), Keep returns what there is, says so, and keeps
// nothing; with a [Checkpoint] the next run goes on from there.
func Keep[T any](name string, config any, compute func() (T, error)) T {
	var kept T
	e, err := newStored(name, config, exact.Check[T]())
	if err != nil {
		fail("%v", err)
		return kept
	}
	if e.load(&kept) {
		return kept
	}
	value, err := compute()
	var unsaved *train.Unsaved
	switch {
	case errors.As(err, &unsaved) && !reflect.ValueOf(&value).Elem().IsZero(): // whole, or what compute made of it
		tell(fmt.Sprintf("%s is not kept, so the next run computes it again: %v", name, err))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		tell(e.stopped(err))
	case err != nil:
		fail("keep %q: %v", name, err)
	default:
		if err := storeChecked(e, value); err != nil {
			tell(fmt.Sprintf("%s is computed and could not be kept, so the next run computes it again: %v", name, err))
			break
		}
		_ = os.Remove(e.checkpoint()) // most have none
	}
	return value
}

// stopped says what became of a computation that did not end.
func (e *stored) stopped(err error) string {
	var s *train.Stopped
	if _, missing := os.Stat(e.checkpoint()); missing != nil {
		return fmt.Sprintf("%s was stopped: this is what it had reached; it is not kept", e.Name)
	}
	at := ""
	if errors.As(err, &s) {
		at = fmt.Sprintf(" at %d", s.Minibatches)
	}
	return fmt.Sprintf("%s was stopped, with a checkpoint%s: run the cell again to go on", e.Name, at)
}

// storeChecked writes a value that comes back from its file as it is. A value that cannot
// be written, whatever happens on the way, is an error and not lost.
func storeChecked[T any](e *stored, value T) (err error) {
	defer func() {
		if p := recover(); p != nil { // in a MarshalBinary of somebody's own
			err = fmt.Errorf("a panic: %v", p)
		}
	}()
	if err := e.encode(value); err != nil {
		return err
	}
	var again T
	if err := exact.Decode(e.Value, &again); err != nil {
		return fmt.Errorf("it cannot be read back: %w", err)
	}
	if data, err := exact.Encode(again); err != nil || !bytes.Equal(data, e.Value) {
		return errors.Join(errors.New("it reads back as another value: give its type MarshalBinary and UnmarshalBinary that agree"), err)
	}
	return e.write()
}

// Checkpoint returns the file in which the computation behind [Keep] of the same name
// and configuration can put down where it is:
//
//	cfg.Checkpoint = kernelext.Checkpoint("pa-small", cfg)
//
// Keep removes it when it keeps the result. Without a place for it the answer is "",
// which train.Config takes for none.
func Checkpoint(name string, config any) string {
	e, err := newStored(name, config, nil)
	if err != nil {
		return ""
	}
	return e.checkpoint()
}

func (e *stored) checkpoint() string { return strings.TrimSuffix(e.path, ".json") + ".checkpoint" }

// A stored result, as it is on disk; Sum guards Value against damage.
type stored struct {
	Name     string          `json:"name"`
	Numerics string          `json:"numerics"`
	Config   json.RawMessage `json:"config"`
	Sum      string          `json:"sum"`
	Value    json.RawMessage `json:"value"`

	path string
}

func newStored(name string, config any, unfit error) (*stored, error) {
	if unfit != nil {
		return nil, fmt.Errorf("keep %q: this type of result cannot be kept: %w", name, unfit)
	}
	canonical, err := exact.Encode(config)
	if err != nil {
		return nil, fmt.Errorf("keep %q: the configuration cannot be a key: %w", name, err)
	}
	e := &stored{Name: name, Numerics: numerics, Config: canonical}
	key, err := json.Marshal([]any{name, e.Config, numerics})
	if err != nil {
		return nil, fmt.Errorf("keep %q: %w", name, err)
	}
	dir, err := keepDir()
	if err != nil {
		return nil, fmt.Errorf("keep %q: no folder for kept results: %w", name, err)
	}
	e.path = filepath.Join(dir, slug(name)+"-"+digest(key)[:16]+".json")
	return e, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// slug makes a file name of a name; different names may share one, since the
// digest beside it tells them apart.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return s[:min(len(s), 60)]
}

// keepDir is the folder that L2O_KEEP names, else .l2o/keep in the repository that
// holds the working folder, else a folder in the user's cache.
func keepDir() (string, error) {
	if dir := os.Getenv("L2O_KEEP"); dir != "" {
		return dir, nil
	}
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		first, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if line, _, _ := strings.Cut(string(first), "\n"); err == nil && strings.TrimSpace(line) == module {
			return filepath.Join(dir, ".l2o", "keep"), nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "l2o", "keep"), err
}

// load reads the entry into target. It says why when there is a file that it
// cannot use, or a result of the same name under other settings.
func (e *stored) load(target any) bool {
	old, err := readStored(e.path)
	if err == nil && (old.Name != e.Name || old.Numerics != e.Numerics || !bytes.Equal(old.Config, e.Config)) {
		err = errors.New("it is of another computation")
	}
	if err == nil {
		err = decode(old.Value, target)
	}
	switch {
	case err == nil:
		return true
	case !errors.Is(err, fs.ErrNotExist):
		tell(fmt.Sprintf("the kept %s is damaged (%v); recomputing it", e.Name, err))
	default:
		if change := e.change(); change != "" {
			tell(fmt.Sprintf("recomputing %s: %s", e.Name, change))
		}
	}
	return false
}

func readStored(path string) (*stored, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var e stored
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, err
	}
	if digest(e.Value) != e.Sum {
		return nil, errors.New("its checksum does not match")
	}
	return &e, nil
}

// decode reads a value; what panics on the way is damage.
func decode(data []byte, target any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a panic: %v", p)
		}
	}()
	return exact.Decode(data, target)
}

// encode puts a value into the entry.
func (e *stored) encode(value any) (err error) {
	e.Value, err = exact.Encode(value)
	e.Sum = digest(e.Value)
	return err
}

// write writes the entry.
func (e *stored) write() error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	err = atomicfile.Write(e.path, data)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		err = fmt.Errorf("%w; set the environment variable L2O_KEEP to a folder that can be written", err)
	}
	return err
}

// change names the first setting that differs from the newest result of the same
// name, such as "batch 64 → 16"; "" when there is none.
func (e *stored) change() string {
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(e.path), slug(e.Name)+"-*.json"))
	if err != nil {
		return ""
	}
	age := func(path string) int64 {
		if info, err := os.Stat(path); err == nil {
			return info.ModTime().UnixNano()
		}
		return 0
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(age(b), age(a)) })
	for _, path := range paths {
		old, err := readStored(path)
		if err != nil || old.Name != e.Name {
			continue
		}
		var was, is any
		if json.Unmarshal(old.Config, &was) == nil && json.Unmarshal(e.Config, &is) == nil {
			if d := firstDifference("", was, is); d != "" {
				return d
			}
		}
		if old.Numerics != e.Numerics {
			return fmt.Sprintf("numerics version %s → %s", old.Numerics, e.Numerics)
		}
	}
	return ""
}

func firstDifference(path string, was, is any) string {
	a, ok := was.(map[string]any)
	b, also := is.(map[string]any)
	if !ok || !also {
		if p, q := compact(was), compact(is); p != q {
			return strings.TrimSpace(path + " " + p + " → " + q)
		}
		return ""
	}
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		if d := firstDifference(strings.TrimPrefix(path+"."+k, "."), a[k], b[k]); d != "" {
			return d
		}
	}
	return ""
}

func compact(v any) string {
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(text) > 80 {
		return string(text[:60]) + "… (" + digest(text)[:8] + ")"
	}
	return string(text)
}
