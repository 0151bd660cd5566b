package train

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/atomicfile"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/weights"
)

// A checkpoint file begins with the version of its format and the SHA-256 of what follows,
// which is a safetensors file: the parameters and the means of Adam, and in its metadata
// the identity of the training and its counters as JSON. Nothing in it can ask for more
// memory than it has bytes.
const (
	checkpointFormat = 4
	checkpointName   = "L2O Lab checkpoint "
)

// identity is what a checkpoint has to agree on with the training that resumes it.
type identity map[string]json.RawMessage

// checkpoint is the state of a training on disk.
type checkpoint struct {
	Result                 Result   // without Optimizer
	Adam, Pupil            *nn.Adam // the second one of imitation, else nil
	Phase, Done, Idle, Bad int
	Due                    bool
	Loss                   float64
	Past                   past
}

// identify is what decides the bits of a training. More minibatches may be asked for than
// before, where there are no phases. A family is known by what it says that it draws, and by
// its first problem, since two that a user wrote may say the same.
func (t *training) identify(first *optimizee.Problem) (identity, error) {
	start := ""
	if !t.c.Start.IsZero() {
		start = t.c.Start.Hash()
	}
	all := map[string]any{
		"numerics version": NumericsVersion, "optimizer": t.o.Name, "model": t.o.Config, "family": t.fam.String(), "Start": start,
	}
	var shapes []string
	for _, b := range first.Start.Blocks() {
		shapes = append(shapes, b+" "+first.Start.At(b).Shape())
	}
	all["first problem"] = fmt.Sprintf("%s of %q with F = %.6g at the start, %v", first.Name, shapes, first.Value(first.Start).Item(), first.Traits)
	config, err := json.Marshal(t.c)
	if err != nil {
		return nil, fmt.Errorf("train: Config: %w", err)
	}
	id := identity{}
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

// A number is written as a text, in which every float64 has a place.
type number float64

// MarshalText writes it.
func (x number) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(x), 'g', -1, 64), nil
}

// UnmarshalText reads what MarshalText wrote.
func (x *number) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	*x = number(f)
	return err
}

// ended is a phase that ended; what it was stands in the Config.
type ended struct {
	Minibatches int
	Value       number
}

// counters are a checkpoint without its parameters, as JSON.
type counters struct {
	Phase, Done, Idle, Bad, AdamSteps    int
	Due                                  bool
	Minibatches, Clipped, Skipped, Ended int
	Imitated, PupilSteps                 int `json:",omitempty"`
	Best, Loss                           number
	Validation                           []weights.Validation
	Phases                               []ended
	PastEvery                            int
	PastAfter                            []int
	PastLoss                             []number
}

// prefixes are those of θ, the last θ and both means of Adam, and of the one of imitation.
var prefixes = [6]string{"theta", "last", "m", "v", "pupil_m", "pupil_v"}

// encodeCheckpoint returns the content of a file.
func encodeCheckpoint(id identity, c checkpoint) ([]byte, error) {
	r := c.Result
	n := counters{
		c.Phase, c.Done, c.Idle, c.Bad, c.Adam.Steps, c.Due, r.Minibatches, r.Clipped, r.Skipped, r.Ended, r.Imitated, 0,
		number(r.Best), number(c.Loss), r.Validation, nil, c.Past.Every, c.Past.After, nil,
	}
	parts := []nn.Params{r.Theta, r.Last, c.Adam.M, c.Adam.V}
	if c.Pupil != nil {
		n.PupilSteps, parts = c.Pupil.Steps, append(parts, c.Pupil.M, c.Pupil.V)
	}
	for _, p := range r.Phases {
		n.Phases = append(n.Phases, ended{p.Minibatches, number(p.Value)})
	}
	for _, x := range c.Past.Loss {
		n.PastLoss = append(n.PastLoss, number(x))
	}
	meta := map[string]string{}
	for what, v := range map[string]any{"identity": id, "state": n} {
		data, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		meta[what] = string(data)
	}
	all := nn.NewParams()
	for i, th := range parts {
		for _, name := range th.Names() {
			all.Sub(prefixes[i]).Set(name, th.At(name))
		}
	}
	body, err := nn.Encode(all, meta)
	return sealed(body), err
}

// decodeBody reads what follows the sum.
func decodeBody(body []byte) (id identity, c checkpoint, err error) {
	all, meta, err := nn.Decode(body)
	if err != nil {
		return nil, c, err
	}
	var n counters
	if err := errors.Join(strict(meta["identity"], &id), strict(meta["state"], &n)); err != nil {
		return nil, c, err
	}
	var parts [len(prefixes)]nn.Params
	for i, prefix := range prefixes {
		parts[i] = all.Sub(prefix).Map(func(_ string, v ad.Value) ad.Value { return v })
	}
	c = checkpoint{
		Result: Result{
			Theta: parts[0], Last: parts[1], Best: float64(n.Best), Minibatches: n.Minibatches, Validation: n.Validation,
			Clipped: n.Clipped, Skipped: n.Skipped, Ended: n.Ended, Imitated: n.Imitated,
		},
		Adam:  &nn.Adam{Steps: n.AdamSteps, M: parts[2], V: parts[3]},
		Pupil: &nn.Adam{Steps: n.PupilSteps, M: parts[4], V: parts[5]},
		Phase: n.Phase, Done: n.Done, Idle: n.Idle, Bad: n.Bad, Due: n.Due, Loss: float64(n.Loss),
		Past: past{Every: n.PastEvery, After: n.PastAfter},
	}
	for _, p := range n.Phases {
		c.Result.Phases = append(c.Result.Phases, PhaseResult{Minibatches: p.Minibatches, Value: float64(p.Value)})
	}
	for _, x := range n.PastLoss {
		c.Past.Loss = append(c.Past.Loss, float64(x))
	}
	return id, c, nil
}

// strict reads JSON without fields that it does not know.
func strict(text string, to any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// sealed puts name, format and sum before a body.
func sealed(body []byte) []byte {
	return append(fmt.Appendf(nil, "%s%d\n%x\n", checkpointName, checkpointFormat, sha256.Sum256(body)), body...)
}

// decodeCheckpoint reads what encodeCheckpoint wrote.
func decodeCheckpoint(data []byte) (id identity, c checkpoint, err error) {
	front := data[:min(len(data), 1<<10)]
	head, rest, _ := bytes.Cut(front, []byte("\n"))
	format, ours := strings.CutPrefix(string(head), checkpointName)
	sum, _, whole := bytes.Cut(rest, []byte("\n"))
	switch {
	case !ours && bytes.Contains(front, []byte("\x08Identity")), ours && format != fmt.Sprint(checkpointFormat):
		return nil, c, fmt.Errorf("is a checkpoint of another version of L2O Lab, and this one reads format %d", checkpointFormat)
	case !ours:
		return nil, c, errors.New("is no checkpoint of a training by this version of L2O Lab")
	}
	body := data[min(len(data), len(head)+len(sum)+2):]
	if !whole || string(sum) != fmt.Sprintf("%x", sha256.Sum256(body)) {
		return nil, c, errors.New("is damaged: its checksum does not match")
	}
	if id, c, err = decodeBody(body); err != nil {
		return nil, c, fmt.Errorf("is damaged: %w", err)
	}
	return id, c, nil
}

// readCheckpoint returns the state in the file of this training; there is none where there
// is no file.
func (t *training) readCheckpoint() (c checkpoint, there bool, err error) {
	file := t.c.Checkpoint
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it has to be a regular file")
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return c, false, fmt.Errorf("train: the checkpoint %s: %w", file, err)
	}
	id, c, err := decodeCheckpoint(data)
	if err != nil {
		return c, false, fmt.Errorf("train: %s %w: choose another file, or delete it to start over", file, err)
	}
	if err := same(id, t.id); err != nil {
		return c, false, fmt.Errorf("train: %s is of another training: %w; delete it or choose another file", file, err)
	}
	return c, true, nil
}

// save writes the state to the checkpoint file, if there is one, and never over the state
// of another training.
func (t *training) save() error {
	t.saved = time.Now()
	if t.c.Checkpoint == "" {
		return nil
	}
	if _, _, err := t.readCheckpoint(); err != nil {
		return err
	}
	data, err := encodeCheckpoint(t.id, checkpoint{t.Result, t.opt, t.pupil, t.phase, t.done, t.idle, t.bad, t.due, t.loss, t.past})
	if err == nil {
		err = atomicfile.Write(t.c.Checkpoint, data)
	}
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return nil
}

// resume takes up the checkpoint file, if it is there.
func (t *training) resume() error {
	if t.c.Checkpoint == "" {
		return nil
	}
	c, there, err := t.readCheckpoint()
	if err != nil || !there {
		return err
	}
	if err := c.check(t); err != nil {
		return fmt.Errorf("train: %s is damaged: %w; delete it to start over", t.c.Checkpoint, err)
	}
	for i := range c.Result.Phases {
		c.Result.Phases[i].Phase = t.phases[i]
	}
	c.Result.Optimizer = t.o
	t.Result = c.Result
	if t.phase = c.Phase; t.phase > 0 {
		t.enter()
	}
	err = errors.Join(nn.Match(c.Adam.M, t.opt.M), nn.Match(c.Adam.V, t.opt.V))
	if t.pupil != nil {
		err = errors.Join(err, nn.Match(c.Pupil.M, t.pupil.M), nn.Match(c.Pupil.V, t.pupil.V))
		t.pupil = c.Pupil
	}
	if err != nil {
		return fmt.Errorf("train: %s is damaged: %w; delete it to start over", t.c.Checkpoint, err)
	}
	t.Result, t.opt, t.done, t.idle, t.bad, t.due, t.loss = c.Result, c.Adam, c.Done, c.Idle, c.Bad, c.Due, c.Loss
	t.past = c.Past
	t.told = t.events()
	if p := t.phases[t.phase]; t.done > p.Minibatches {
		return fmt.Errorf("train: %s has done %d minibatches already, more than the %d asked for", t.c.Checkpoint, t.done, p.Minibatches)
	}
	t.note = fmt.Sprintf("resumed at minibatch %d", t.Minibatches)
	return nil
}

// check refuses a state that no training can have been in. The sum of the file is right, so
// it is for those that were made by other programs.
func (c checkpoint) check(t *training) error {
	r := c.Result
	for _, n := range []int{c.Phase, c.Done, c.Idle, c.Bad, r.Minibatches, r.Clipped, r.Skipped, r.Ended, r.Imitated, c.Pupil.Steps} {
		if n < 0 {
			return fmt.Errorf("a count of %d", n)
		}
	}
	if c.Phase >= len(t.phases) || len(r.Phases) != c.Phase {
		return fmt.Errorf("%d phases have ended before phase %d of %d", len(r.Phases), c.Phase+1, len(t.phases))
	}
	all := c.Done
	for _, p := range r.Phases {
		if p.Minibatches < 0 {
			return fmt.Errorf("a phase of %d minibatches", p.Minibatches)
		}
		all += p.Minibatches
	}
	if all != r.Minibatches || len(c.Past.After) != len(c.Past.Loss) || c.Past.Every < 0 {
		return fmt.Errorf("its phases make %d minibatches, and it has done %d", all, r.Minibatches)
	}
	if c.Adam.Steps < 0 {
		return errors.New("it has no state of Adam that can be")
	}
	return errors.Join(nn.Match(r.Theta, t.Theta), nn.Match(r.Last, t.Theta), r.Theta.Finite(), r.Last.Finite())
}

// same names a thing in which two trainings differ.
func same(got, want identity) error {
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		if string(got[n]) != string(want[n]) {
			return fmt.Errorf("its %s is %s, here it is %s", n, cmp.Or(string(got[n]), "not set"), cmp.Or(string(want[n]), "not set"))
		}
	}
	return nil
}
