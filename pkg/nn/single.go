package nn

import (
	"maps"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
)

// singles are parameters in float32 by their full names, shared by the stores that Map and
// Watch make of one another: the instances of a minibatch run with the same weights.
type singles struct {
	mu    sync.Mutex
	moves uint64 // of Adam, when they were right
	of    map[string]ad.Single
}

// Single is a parameter for products in float32. It is rounded when it is first asked for,
// and again in a step of Adam over p; until then copies that Map and Watch made of p share it, on
// any number of goroutines. Gradients flow into At(name).
func (p Params) Single(name string) ad.Single {
	v := p.At(name)
	s := p.store.singles
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := moves.Load(); s.of == nil || s.moves != now {
		s.of, s.moves = map[string]ad.Single{}, now
	}
	name = p.prefix + name
	if !s.of[name].Of(v) {
		s.of[name] = ad.Round32(v.Detach())
	}
	return s.of[name].For(v)
}

// current are the singles before a step of Adam, which keeps them right and then calls moved.
func (s *singles) current() map[string]ad.Single {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moves != moves.Load() {
		s.of = nil
	}
	return maps.Clone(s.of)
}

// moved counts a step of Adam.
func (s *singles) moved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moves = moves.Add(1)
}
