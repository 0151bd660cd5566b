package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/l2olab/l2o/pkg/atomicfile"
)

// sweepFile is a sweep on disk: its finished cells, also those outside of the current
// grid.
type sweepFile struct {
	Sweep    string
	Numerics string
	Key      json.RawMessage
	Cells    []Cell // of a diverged one Value is 0: JSON has no NaN
}

// checkpoint is the file for a training inside of a cell.
func (s Sweep) checkpoint(inner, outer int) string {
	if s.File == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d-%d", s.File, inner, outer)
}

// read returns what File holds, an empty sweep when it is not there.
func (s Sweep) read() (sweepFile, error) {
	key, err := json.Marshal(s.Key)
	if err != nil {
		return sweepFile{}, fmt.Errorf("train: Sweep.Key: %w", err)
	}
	want := sweepFile{Sweep: s.Name, Numerics: NumericsVersion, Key: key}
	if s.File == "" {
		return want, nil
	}
	data, err := os.ReadFile(s.File)
	if errors.Is(err, fs.ErrNotExist) {
		return want, nil
	}
	if err != nil {
		return want, fmt.Errorf("train: sweep: %w", err)
	}
	var got sweepFile
	if err := json.Unmarshal(data, &got); err != nil || got.Sweep == "" {
		return want, fmt.Errorf("train: %s is no file of a sweep: choose another one", s.File)
	}
	for _, d := range [][3]string{{"name", got.Sweep, want.Sweep}, {"numerics version", got.Numerics, want.Numerics}, {"key", string(got.Key), string(want.Key)}} {
		if d[1] != d[2] {
			return want, fmt.Errorf("train: %s is of another sweep: its %s is %s, here it is %s; delete it or choose another file", s.File, d[0], d[1], d[2])
		}
	}
	return got, nil
}

// resume takes over the cells of File.
func (r *sweepRun) resume() error {
	file, err := r.read()
	if err != nil {
		return err
	}
	for i, c := range r.found.Cells {
		for _, old := range file.Cells {
			if old.Inner == c.Inner && old.Outer == c.Outer {
				if old.Checkpoint = c.Checkpoint; old.Diverged {
					old.Value = math.NaN()
				}
				r.found.Cells[i] = old
			}
		}
	}
	if n := r.found.Done(); n > 0 {
		r.note = fmt.Sprintf("resumed with %d of %d cells", n, len(r.found.Cells))
	}
	return nil
}

// save writes the finished cells, and those of another grid that were there before.
func (r *sweepRun) save() error {
	if r.File == "" {
		return nil
	}
	file, err := r.read()
	if err != nil {
		return err
	}
	mine := map[[2]int]bool{}
	var cells []Cell
	for _, c := range r.found.Cells {
		mine[[2]int{c.Inner, c.Outer}] = true
		if c.Diverged {
			c.Value = 0
		}
		if c.Done {
			cells = append(cells, c)
		}
	}
	for _, c := range file.Cells {
		if !mine[[2]int{c.Inner, c.Outer}] {
			cells = append(cells, c)
		}
	}
	file.Cells = cells
	data, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("train: sweep: %w", err)
	}
	if err := atomicfile.Write(r.File, append(data, '\n')); err != nil {
		return fmt.Errorf("train: sweep: %w", err)
	}
	return nil
}
