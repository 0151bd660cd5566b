package train

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/weights"
)

// checkpointFormat is the version of the file.
const checkpointFormat = 2

// checkpoint is the part of a training that is not parameters.
type checkpoint struct {
	Format   int
	Identity map[string]json.RawMessage // what it has to agree on with the training that resumes it
	State    state
}

type state struct {
	Phase, Done, Idle, Minibatches int
	Due                            bool
	Adam                           int // steps
	Best, Loss                     number
	Validation                     []mark
	Phases                         []mark // of those that ended: minibatches and value
	Counts                         [4]int // clipped, skipped, ended, ended in a row
}

type mark struct {
	After int
	Value number
}

// number is a float64 that may be NaN or infinite, which JSON cannot say.
type number float64

// MarshalText writes all digits.
func (n number) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// UnmarshalText is the inverse.
func (n *number) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	*n = number(v)
	return err
}

// identity is what decides the bits of a training. More minibatches may be asked for than
// before, where there are no phases.
func (t *training) identity() (map[string]json.RawMessage, error) {
	all := map[string]any{"numerics version": NumericsVersion, "optimizer": t.o.Name, "model": t.o.Config, "family": t.fam.String()}
	config, err := json.Marshal(t.c)
	if err != nil {
		return nil, fmt.Errorf("train: Config: %w", err)
	}
	id := map[string]json.RawMessage{}
	if err := json.Unmarshal(config, &id); err != nil {
		return nil, fmt.Errorf("train: Config: %w", err)
	}
	if len(t.c.Phases) == 0 {
		delete(id, "Minibatches")
	}
	for k, v := range all {
		if id[k], err = json.Marshal(v); err != nil {
			return nil, fmt.Errorf("train: the %s: %w", k, err)
		}
	}
	return id, nil
}

// parts are the parameters that a checkpoint holds, by name.
func (t *training) parts() []part {
	return []part{{"last", &t.Last}, {"best", &t.Theta}, {"adam.m", &t.opt.M}, {"adam.v", &t.opt.V}}
}

type part struct {
	name string
	*nn.Params
}

// save writes the state to the checkpoint file, if there is one.
func (t *training) save() error {
	t.saved = time.Now()
	if t.c.Checkpoint == "" {
		return nil
	}
	id, err := t.identity()
	if err != nil {
		return err
	}
	s := state{
		Phase: t.phase, Done: t.done, Idle: t.idle, Minibatches: t.Minibatches, Due: t.due, Adam: t.opt.Steps,
		Best: number(t.Best), Loss: number(t.loss), Counts: [4]int{t.Clipped, t.Skipped, t.Ended, t.bad},
	}
	for _, v := range t.Result.Validation {
		s.Validation = append(s.Validation, mark{v.After, number(v.Value)})
	}
	for _, p := range t.Result.Phases {
		s.Phases = append(s.Phases, mark{p.Minibatches, number(p.Value)})
	}
	meta, err := json.Marshal(checkpoint{checkpointFormat, id, s})
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	all := nn.NewParams()
	for _, p := range t.parts() {
		for _, n := range p.Names() {
			all.Sub(p.name).Set(n, p.At(n))
		}
	}
	if err := nn.Save(t.c.Checkpoint, all, map[string]string{"training": string(meta)}); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return nil
}

// resume takes up the checkpoint file, if it is there.
func (t *training) resume() error {
	file := t.c.Checkpoint
	if file == "" {
		return nil
	}
	all, meta, err := nn.Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w; delete it to start over", err)
	}
	var got checkpoint
	if err := json.Unmarshal([]byte(meta["training"]), &got); err != nil || got.Format != checkpointFormat {
		if meta["checkpoint"] != "" || meta["supervised checkpoint"] != "" || got.Format != 0 {
			return fmt.Errorf("train: %s is a checkpoint of another version of L2O Lab, which alone can go on from it; delete it to start over", file)
		}
		return fmt.Errorf("train: %s is no checkpoint of a training: choose another file", file)
	}
	want, err := t.identity()
	if err != nil {
		return err
	}
	if err := same(got.Identity, want); err != nil {
		return fmt.Errorf("train: %s is of another training: %w; delete it or choose another file", file, err)
	}
	s := got.State
	for i, m := range s.Phases {
		t.Result.Phases = append(t.Result.Phases, PhaseResult{t.phases[i], m.After, float64(m.Value)})
	}
	if t.phase = s.Phase; t.phase > 0 {
		t.enter()
	}
	for _, p := range t.parts() {
		read := all.Sub(p.name).Map(func(_ string, v ad.Value) ad.Value { return v })
		if err := nn.Match(read, *p.Params); err != nil {
			return fmt.Errorf("train: %s, %s: %w", file, p.name, err)
		}
		*p.Params = read
	}
	t.done, t.idle, t.due, t.Minibatches, t.opt.Steps = s.Done, s.Idle, s.Due, s.Minibatches, s.Adam
	t.Best, t.loss = float64(s.Best), float64(s.Loss)
	t.Clipped, t.Skipped, t.Ended, t.bad = s.Counts[0], s.Counts[1], s.Counts[2], s.Counts[3]
	for _, m := range s.Validation {
		t.Result.Validation = append(t.Result.Validation, weights.Validation{After: m.After, Value: float64(m.Value)})
	}
	if p := t.phases[t.phase]; t.done > p.Minibatches {
		return fmt.Errorf("train: %s has done %d minibatches already, more than the %d asked for", file, t.done, p.Minibatches)
	}
	t.note = fmt.Sprintf("resumed at minibatch %d", t.Minibatches)
	return nil
}

// same names a thing in which two trainings differ.
func same(got, want map[string]json.RawMessage) error {
	var names []string
	for n := range want {
		names = append(names, n)
	}
	for n := range got {
		if _, ok := want[n]; !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		if string(got[n]) != string(want[n]) {
			return fmt.Errorf("its %s is %s, here it is %s", n, cmp.Or(string(got[n]), "not set"), cmp.Or(string(want[n]), "not set"))
		}
	}
	return nil
}
