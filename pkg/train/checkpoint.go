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
	meta, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	all := nn.NewParams()
	for _, part := range t.parts() {
		for _, n := range part.params.Names() {
			all.Sub(part.name).Set(n, part.params.At(n))
		}
	}
	if err := nn.Save(t.c.Checkpoint, all, map[string]string{"checkpoint": string(meta)}); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return nil
}

// resume takes up the checkpoint file, if it is there.
func (t *training) resume() error {
	if t.c.Checkpoint == "" {
		return nil
	}
	all, meta, err := nn.Load(t.c.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w; delete it to start over", err)
	}
	var got checkpoint
	if err := json.Unmarshal([]byte(meta["checkpoint"]), &got); err != nil {
		return fmt.Errorf("train: %s is no checkpoint of a training: choose another file", t.c.Checkpoint)
	}
	want, err := t.identity()
	if err != nil {
		return err
	}
	if err := same(got, want); err != nil {
		return fmt.Errorf("train: %s is of another training: %w; delete it or choose another file", t.c.Checkpoint, err)
	}
	for _, part := range t.parts() {
		p := all.Sub(part.name).Map(keep)
		if err := nn.Match(p, *part.params); err != nil {
			return fmt.Errorf("train: %s, %s: %w", t.c.Checkpoint, part.name, err)
		}
		*part.params = p
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
