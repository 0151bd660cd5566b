package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// A State is what an LSTM remembers between steps; each step moves it on in place. The
// first one comes from [LSTM.Zero], [LSTM.NormalState] or [LSTM.StateOf]; the zero State
// stands for "none yet", and no step can be taken from it. Steps on a tape that is later Reset leave the state as
// a constant: what they remembered goes on, gradients stop there.
//
// Only one copy of a State may take steps. Clone makes another one.
type State struct {
	h, c  []ad.Value // of each layer, rows×Hidden; nil in the fused form from its first step on
	fused *memory    // the same in float32; nil before that and in the composed form
}

// IsZero reports whether s is the zero State, which stands for "none yet".
func (s State) IsZero() bool { return s.h == nil && s.fused == nil }

// Clone returns a state with the same numbers, as constants, and memory of its own.
func (s State) Clone() State {
	h, c := s.Values()
	return State{h: h, c: c}
}

// Zero returns the state of all zeros.
func (l LSTM) Zero(rows int) State { return l.NormalState(rows, 0, nil) }

// NormalState returns a state of independent entries N(0, scale²); rng is not
// needed for scale 0.
func (l LSTM) NormalState(rows int, scale float64, rng *rand.Rand) State {
	draw := func() []ad.Value {
		vs := make([]ad.Value, l.Layers)
		for i := range vs {
			if vs[i] = ad.New(rows, l.Hidden, nil); scale != 0 {
				vs[i] = Normal(rng, rows, l.Hidden, scale)
			}
		}
		return vs
	}
	h := draw()
	return State{h: h, c: draw()}
}

// StateOf returns the state with the given hidden and cell values, one rows×Hidden
// constant for each layer.
func (l LSTM) StateOf(h, c []ad.Value) State {
	if len(h) != l.Layers || len(c) != l.Layers {
		panic(fmt.Sprintf("nn: LSTM: state of %d and %d layers for a network of %d", len(h), len(c), l.Layers))
	}
	for i := range h {
		if h[i].C != l.Hidden || c[i].C != l.Hidden || h[i].R != c[i].R || h[i].R != h[0].R {
			panic(fmt.Sprintf("nn: LSTM: state h %s and c %s in layer %d of %d hidden units", h[i].Shape(), c[i].Shape(), i, l.Hidden))
		}
	}
	return State{h: h, c: c}
}

// Values returns the hidden and cell values of each layer as constants.
func (s State) Values() (h, c []ad.Value) {
	if m := s.fused; m != nil {
		for i := range m.layers {
			h = append(h, ad.New(m.rows, m.hidden, widen(m.part(m.now, i, 0))))
			c = append(c, ad.New(m.rows, m.hidden, widen(m.part(m.now, i, 1))))
		}
		return h, c
	}
	for i := range s.h {
		h, c = append(h, s.h[i].Detach()), append(c, s.c[i].Detach())
	}
	return h, c
}

func (s State) rows() int {
	if s.fused != nil {
		return s.fused.rows
	}
	return s.h[0].R
}

// memory is a state in float32. Its numbers lie in memory of its own, or during a
// generation in the tape's: the steps of an unroll all stay there for the way back,
// and Reset moves the last one home.
type memory struct {
	rows, hidden, layers int

	owner *State    // the copy that takes steps
	now   []float32 // per layer the hidden and the cell values, rows×hidden each
	home  []float32 // where now lies between generations
	spare []float32 // where a step without a tape goes next
	chain *chain    // of the steps on a tape in this generation
	pack  *pack     // the weights of the last step, for the next one to use again
}

// part returns the hidden (0) or cell values (1) of a layer in a memory like now.
func (m *memory) part(now []float32, layer, kind int) []float32 {
	n := m.rows * m.hidden
	return now[(2*layer+kind)*n:][:n]
}

// claim returns the float32 memory of s, for s to step on.
func (s *State) claim(l LSTM) *memory {
	if s.fused == nil {
		now := make([]float32, 2*l.Layers*s.rows()*l.Hidden)
		m := &memory{rows: s.rows(), hidden: l.Hidden, layers: l.Layers, now: now, home: now}
		for i := range s.h {
			if s.h[i].Recorded() || s.c[i].Recorded() {
				panic("nn: LSTM: the fused form starts from constant states; use Composed to differentiate through the first one")
			}
			kern.Narrow32(m.part(m.now, i, 0), s.h[i].Data)
			kern.Narrow32(m.part(m.now, i, 1), s.c[i].Data)
		}
		*s = State{fused: m}
	}
	switch m := s.fused; m.owner {
	case nil:
		m.owner = s
	case s:
	default:
		panic("nn: LSTM: this State is a copy of one that took steps; use Clone for a second one")
	}
	return s.fused
}

// next returns room for the state after a step, which becomes now.
func (m *memory) next(tape *ad.Tape) (prev, now []float32) {
	prev = m.now
	switch {
	case tape != nil:
		m.now = tape.Buffer32(len(prev))
		return prev, m.now
	case m.spare == nil:
		m.spare = make([]float32, len(prev))
	}
	m.now, m.spare = m.spare, prev
	m.home = m.now
	return prev, m.now
}

// begin starts the chain of a generation of the tape.
func (m *memory) begin(tape *ad.Tape) {
	m.chain = new(chain)
	tape.AtReset(func() {
		copy(m.home, m.now)
		m.now, m.chain = m.home, nil
	})
}
