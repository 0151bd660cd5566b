package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
)

// checkpoint is the part of a training's state that is not parameters.
type checkpoint struct {
	Numerics  string
	Optimizer string
	Model     json.RawMessage // Optimizer.Config
	Config    Config
	Minibatch int
	Adam      float64 // steps of Adam
	Best      *float64
	Points    []Point
	Counts    [4]int // clipped, skipped, ended, ended in a row
}

// identity is what a checkpoint has to agree on with the training that resumes it.
// More minibatches may be asked for than before.
func (t *training) identity() (checkpoint, error) {
	model, err := json.Marshal(t.o.Config)
	if err != nil {
		return checkpoint{}, fmt.Errorf("train: the optimizer's Config: %w", err)
	}
	c := t.c
	c.Minibatches = 0
	return checkpoint{Numerics: NumericsVersion, Optimizer: t.o.Name, Model: model, Config: c}, nil
}

// save writes the state to the checkpoint file, if there is one.
func (t *training) save() error {
	if t.c.Checkpoint == "" {
		return nil
	}
	t.lastSaved = time.Now()
	state, err := t.identity()
	if err != nil {
		return err
	}
	state.Minibatch, state.Adam, state.Points = t.Minibatch, t.opt.t, t.Result.Validation
	state.Counts = [4]int{t.Clipped, t.Skipped, t.Ended, t.badInARow}
	if !math.IsNaN(t.Best) {
		state.Best = &t.Best
	}
	return writeCheckpoint(t.c.Checkpoint, "checkpoint", state, t.parts())
}

// resume takes up the checkpoint file, if it is there.
func (t *training) resume() error {
	var got checkpoint
	all, err := readCheckpoint(t.c.Checkpoint, "checkpoint", &got)
	if err != nil || all == (nn.Params{}) {
		return err
	}
	want, err := t.identity()
	if err != nil {
		return err
	}
	if err := same(got, want); err != nil {
		return fmt.Errorf("train: %s is of another training: %w; delete it or choose another file", t.c.Checkpoint, err)
	}
	if err := takeParts(t.c.Checkpoint, all, t.parts()); err != nil {
		return err
	}
	t.Minibatch, t.opt.t, t.Result.Validation = got.Minibatch, got.Adam, got.Points
	t.Clipped, t.Skipped, t.Ended, t.badInARow = got.Counts[0], got.Counts[1], got.Counts[2], got.Counts[3]
	if got.Best != nil {
		t.Best = *got.Best
	}
	if t.Minibatch > t.c.Minibatches {
		return fmt.Errorf("train: %s has done %d minibatches already, more than the %d asked for", t.c.Checkpoint, t.Minibatch, t.c.Minibatches)
	}
	t.note = fmt.Sprintf("resumed at minibatch %d", t.Minibatch)
	return nil
}

// part is a set of parameters that a checkpoint holds under a name.
type part struct {
	name   string
	params *nn.Params
}

func (t *training) parts() []part {
	return []part{{"last", &t.Last}, {"best", &t.Theta}, {"adam.m", &t.opt.m}, {"adam.v", &t.opt.v}}
}

func keep(_ string, v ad.Value) ad.Value { return v }

// writeCheckpoint writes the parts with the state of a training of this kind.
func writeCheckpoint(file, kind string, state any, parts []part) error {
	meta, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	all := nn.NewParams()
	for _, part := range parts {
		for _, n := range part.params.Names() {
			all.Sub(part.name).Set(n, part.params.At(n))
		}
	}
	if err := nn.Save(file, all, map[string]string{kind: string(meta)}); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return nil
}

// readCheckpoint reads a file of [writeCheckpoint] and fills state. Without a file, or a
// name for one, it returns the zero Params.
func readCheckpoint(file, kind string, state any) (nn.Params, error) {
	if file == "" {
		return nn.Params{}, nil
	}
	all, meta, err := nn.Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nn.Params{}, nil
	}
	if err != nil {
		return nn.Params{}, fmt.Errorf("train: checkpoint: %w; delete it to start over", err)
	}
	if err := json.Unmarshal([]byte(meta[kind]), state); err != nil {
		return nn.Params{}, fmt.Errorf("train: %s is no %s of a training: choose another file", file, kind)
	}
	return all, nil
}

// takeParts sets the parts to what was read, if that fits.
func takeParts(file string, all nn.Params, parts []part) error {
	for _, part := range parts {
		p := all.Sub(part.name).Map(keep)
		if err := nn.Match(p, *part.params); err != nil {
			return fmt.Errorf("train: %s, %s: %w", file, part.name, err)
		}
		*part.params = p
	}
	return nil
}

// same names the first thing in which two trainings differ.
func same(got, want checkpoint) error {
	for _, d := range []struct {
		what      string
		got, want any
	}{
		{"numerics version", got.Numerics, want.Numerics},
		{"optimizer", got.Optimizer, want.Optimizer},
		{"model", string(got.Model), string(want.Model)},
		{"batch", got.Config.Batch, want.Config.Batch},
		{"iterations", got.Config.Iterations, want.Config.Iterations},
		{"segment", got.Config.Segment, want.Config.Segment},
		{"learning rate", got.Config.LR, want.Config.LR},
		{"halving of the rate", got.Config.Halve, want.Config.Halve},
		{"seed", got.Config.Seed, want.Config.Seed},
		{"validation", got.Config.Validation, want.Config.Validation},
		{"guard", got.Config.Guard, want.Config.Guard},
	} {
		if d.got != d.want {
			return fmt.Errorf("its %s is %v, here it is %v", d.what, d.got, d.want)
		}
	}
	return nil
}
