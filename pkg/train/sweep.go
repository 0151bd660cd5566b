package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/internal/check"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/trace"
)

// A Sweep is a list of measurements that take long, such as a training for each of many
// settings. Cells run side by side, one on each core; a cell depends on nothing but its
// setting, so neither the number of cores nor an interruption changes a number.
type Sweep struct {
	Name  string
	About string // one line: what it is for
	Key   any    // what else decides the numbers, to be encoded as JSON: a file of another key is refused
	Cells []Cell

	File   string      // of finished cells, to resume from and write to after each; "" for none
	Report func(Event) // called after each cell, never twice at once; nil for nobody
}

// A Cell is one measurement of a [Sweep]. The sweep removes the checkpoint, a file for a
// training of this cell alone, when the cell is done; it is "" for none.
type Cell struct {
	Name    string // its setting in words, which no other cell has
	Measure func(ctx context.Context, checkpoint string) ([]float64, error)
}

// Diverged stands for a number that is not finite in the results of a sweep, because JSON
// has none. A cell that ends in a *[Divergence] has it as its only number.
const Diverged = 1e300

// sweepFile is a sweep on disk: its finished cells, also those that it does not list now.
type sweepFile struct {
	Sweep    string
	Numerics string
	Key      json.RawMessage
	Cells    map[string][]float64
	Sum      string `json:",omitempty"` // SHA-256 of the same without it; older files have none
}

// sum is the checksum of all that the file says.
func (f sweepFile) sum() (string, error) {
	f.Sum = ""
	data, err := json.Marshal(f)
	return fmt.Sprintf("%x", sha256.Sum256(data)), err
}

// Run measures the cells that File does not hold yet, and returns what all of them gave, by
// their names. A cell that diverged is done; any other error ends the sweep. When the
// context ends, Run returns its error and what was reached. A File that cannot be written is
// a note in the next event, and where it still cannot at the end, an *[Unsaved].
func (s Sweep) Run(ctx context.Context) (map[string][]float64, error) {
	file, err := s.read()
	if err != nil {
		return nil, err
	}
	names, open := map[string]bool{}, []Cell{}
	for _, c := range s.Cells {
		if names[c.Name] || c.Measure == nil {
			return nil, fmt.Errorf("train: sweep %s: the cell %q stands there twice, or does not say how it is measured", s.Name, c.Name)
		}
		if names[c.Name] = true; file.Cells[c.Name] == nil {
			open = append(open, c)
		}
	}
	began, done := time.Now(), len(s.Cells)-len(open)
	note := ""
	if done > 0 {
		note = fmt.Sprintf("resumed with %d of %d cells; ", done, len(s.Cells))
	}
	report := func(loss float64, what string, over bool) {
		if s.Report != nil {
			s.Report(Event{
				Name: s.Name, Unit: "cells", Done: done, Of: len(s.Cells), Loss: loss, Validation: math.NaN(), Best: math.NaN(),
				Elapsed: time.Since(began), Note: note + what, Over: over,
			})
		}
		note = ""
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var mu sync.Mutex // of the file, the reports and what follows
	var unsaved error // why the file lacks cells
	if err := par.Each(ctx, 0, len(open), func(_, i int) error {
		c, checkpoint := open[i], ""
		if s.File != "" {
			checkpoint = s.File + "." + url.PathEscape(c.Name)
		}
		values, err := c.values(ctx, checkpoint)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			err = fmt.Errorf("train: sweep %s, %s: %w", s.Name, c.Name, err)
			stop(err) // the first error is the cause
			return err
		}
		file.Cells[c.Name] = values
		if unsaved = s.save(file); unsaved != nil {
			note += fmt.Sprintf("the sweep goes on without its file: %v; ", unsaved)
		} else if checkpoint != "" {
			_ = os.Remove(checkpoint) // most cells have left none
		}
		done++
		report(trace.Mean(values), c.Name, done == len(s.Cells))
		return nil
	}); err != nil {
		err = context.Cause(ctx)
		report(math.NaN(), fmt.Sprintf("stopped with %d of %d cells: %v", done, len(s.Cells), err), true)
		return file.Cells, errors.Join(err, unsaved)
	}
	if unsaved != nil {
		return file.Cells, &Unsaved{fmt.Errorf("train: sweep %s: %w", s.Name, unsaved)}
	}
	return file.Cells, nil
}

// values are the numbers of a cell, as JSON can say them.
func (c Cell) values(ctx context.Context, checkpoint string) ([]float64, error) {
	values, err := c.Measure(ctx, checkpoint)
	var d *Divergence
	var u *Unsaved
	switch {
	case errors.As(err, &d):
		return []float64{Diverged}, nil
	case errors.As(err, &u) && len(values) > 0: // the checkpoint of what is complete
		err = nil
	}
	return Encodable(values), err
}

// Encodable puts [Diverged], in place, where values are not finite.
func Encodable(values []float64) []float64 {
	for i, v := range values {
		if !check.IsFinite(v) {
			values[i] = Diverged
		}
	}
	return values
}

// Decode returns the results in the content of a File, by the names of their cells. It
// refuses those of another sweep.
func (s Sweep) Decode(data []byte) (map[string][]float64, error) {
	key, err := json.Marshal(s.Key)
	if err != nil {
		return nil, fmt.Errorf("train: Sweep.Key: %w", err)
	}
	var got sweepFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // one may be the damaged name of the checksum
	if err := d.Decode(&got); err != nil || d.Decode(&got) != io.EOF || got.Sweep == "" {
		return nil, fmt.Errorf("train: sweep %s: this is no file of a sweep, or it is damaged: choose another one", s.Name)
	}
	if sum, err := got.sum(); got.Sum != "" && (err != nil || got.Sum != sum) {
		return nil, fmt.Errorf("train: sweep %s: this file is damaged: its checksum does not match; restore or delete it", s.Name)
	}
	for _, d := range [][3]string{{"name", got.Sweep, s.Name}, {"numerics version", got.Numerics, NumericsVersion}, {"key", string(got.Key), string(key)}} {
		if d[1] != d[2] {
			return nil, fmt.Errorf("train: sweep %s: this file is of another sweep: its %s is %s, here it is %s; delete it or choose another file", s.Name, d[0], d[1], d[2])
		}
	}
	return got.Cells, nil
}

// read returns what File holds, an empty sweep when it is not there.
func (s Sweep) read() (file sweepFile, err error) {
	key, err := json.Marshal(s.Key)
	if err != nil {
		return file, fmt.Errorf("train: Sweep.Key: %w", err)
	}
	file = sweepFile{Sweep: s.Name, Numerics: NumericsVersion, Key: key, Cells: map[string][]float64{}}
	if s.File == "" {
		return file, nil
	}
	data, err := os.ReadFile(s.File)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if err == nil {
		file.Cells, err = s.Decode(data)
	}
	if err != nil {
		return file, fmt.Errorf("%s: %w", s.File, err)
	}
	return file, nil
}

// save writes the cells, and with them those that another process put there meanwhile. It
// does not write over another sweep.
func (s Sweep) save(file sweepFile) error {
	if s.File == "" {
		return nil
	}
	return atomicfile.Update(s.File, func(old []byte) ([]byte, error) {
		if old != nil {
			there, err := s.Decode(old)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.File, err)
			}
			for name, values := range there {
				if file.Cells[name] == nil {
					file.Cells[name] = values
				}
			}
		}
		var err error
		if file.Sum, err = file.sum(); err != nil {
			return nil, err
		}
		data, err := json.Marshal(file)
		return append(data, '\n'), err
	})
}
