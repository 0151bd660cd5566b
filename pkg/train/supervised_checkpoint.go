package train

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/l2olab/l2o/pkg/nn"
)

// supervisedState is the part of a supervised training's state that is not parameters.
type supervisedState struct {
	Numerics  string
	Optimizer string
	Model     string // hash of Optimizer.Config, which may hold a whole dictionary
	Config    string // Supervision as JSON
	Phase     int
	Step      int
	Idle      int
	Total     int
	Due       bool
	Value     *float64 // nil for NaN
	Phases    []Reached
	Points    []Point
}

// identity is what a checkpoint has to agree on with the training that resumes it.
func (s *supervised) identity() (supervisedState, error) {
	model, err := json.Marshal(s.o.Config)
	if err != nil {
		return supervisedState{}, fmt.Errorf("train: the optimizer's Config: %w", err)
	}
	config, err := json.Marshal(s.c)
	if err != nil {
		return supervisedState{}, fmt.Errorf("train: Supervision: %w", err)
	}
	return supervisedState{Numerics: NumericsVersion, Optimizer: s.o.Name, Model: fmt.Sprintf("%x", sha256.Sum256(model)), Config: string(config)}, nil
}

// save writes the state to the checkpoint file, if there is one.
func (s *supervised) save() error {
	s.saved = time.Now()
	if s.c.Checkpoint == "" {
		return nil
	}
	state, err := s.identity()
	if err != nil {
		return err
	}
	state.Phase, state.Step, state.Idle, state.Total, state.Due = s.phase, s.step, s.idle, s.total, s.due
	state.Phases, state.Points = s.phases, s.validation
	if !math.IsNaN(s.value) {
		state.Value = &s.value
	}
	return writeCheckpoint(s.c.Checkpoint, supervisedKind, state, s.parts())
}

const supervisedKind = "supervised checkpoint"

// parts are the sets of parameters in a checkpoint.
func (s *supervised) parts() []part {
	return []part{{"last", &s.theta}, {"best", &s.best}, {"adam.m", &s.m}, {"adam.v", &s.v}}
}

// resume takes up the checkpoint file, if it is there.
func (s *supervised) resume() error {
	var got supervisedState
	all, err := readCheckpoint(s.c.Checkpoint, supervisedKind, &got)
	if err != nil || all == (nn.Params{}) {
		return err
	}
	want, err := s.identity()
	if err != nil {
		return err
	}
	for _, d := range []struct{ what, got, want string }{
		{"numerics version", got.Numerics, want.Numerics},
		{"optimizer", got.Optimizer, want.Optimizer},
		{"model (as a hash)", got.Model, want.Model},
		{"settings", got.Config, want.Config},
	} {
		if d.got != d.want {
			return fmt.Errorf("train: %s is of another training: its %s is %s, here it is %s; delete it or choose another file", s.c.Checkpoint, d.what, d.got, d.want)
		}
	}
	if got.Phase < 0 || got.Phase > len(s.c.Phases) {
		return fmt.Errorf("train: %s has done %d phases of %d: it is damaged; delete it", s.c.Checkpoint, got.Phase, len(s.c.Phases))
	}
	s.phase = got.Phase
	s.enter()
	if err := takeParts(s.c.Checkpoint, all, s.parts()); err != nil {
		return err
	}
	s.step, s.idle, s.total, s.due = got.Step, got.Idle, got.Total, got.Due
	s.phases, s.validation, s.value = got.Phases, got.Points, math.NaN()
	if got.Value != nil {
		s.value = *got.Value
	}
	s.note = fmt.Sprintf("resumed at step %d", s.total)
	return nil
}
