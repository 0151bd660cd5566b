package train

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
)

// checkpointFormat is the version of the file.
const checkpointFormat = 3

// checkpoint is a training on disk, in the encoding of package gob.
type checkpoint struct {
	Format   int
	Identity map[string]json.RawMessage // what it has to agree on with the training that resumes it

	Result                 Result // without Optimizer
	Adam                   *nn.Adam
	Phase, Done, Idle, Bad int
	Due                    bool
	Loss                   float64
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
	c := checkpoint{checkpointFormat, id, t.Result, t.opt, t.phase, t.done, t.idle, t.bad, t.due, t.loss}
	c.Result.Optimizer = learned.Optimizer{}
	var file bytes.Buffer
	if err = gob.NewEncoder(&file).Encode(c); err == nil {
		err = atomicfile.Write(t.c.Checkpoint, file.Bytes())
	}
	if err != nil {
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
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	var c checkpoint
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&c); err != nil || c.Format != checkpointFormat {
		return fmt.Errorf("train: %s is no checkpoint of a training by this version of L2O Lab: choose another file, or delete it to start over", file)
	}
	want, err := t.identity()
	if err != nil {
		return err
	}
	if err := same(c.Identity, want); err != nil {
		return fmt.Errorf("train: %s is of another training: %w; delete it or choose another file", file, err)
	}
	for i := range c.Result.Phases {
		c.Result.Phases[i].Phase = t.phases[i]
	}
	c.Result.Optimizer = t.o
	t.Result = c.Result
	if t.phase = c.Phase; t.phase > 0 {
		t.enter()
	}
	t.Result, t.opt, t.done, t.idle, t.bad, t.due, t.loss = c.Result, c.Adam, c.Done, c.Idle, c.Bad, c.Due, c.Loss
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
