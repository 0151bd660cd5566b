package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/spare"
)

// A State is what an LSTM remembers between steps; each step moves it on in place. The
// first one comes from [LSTM.Zero], [LSTM.NormalState] or [LSTM.StateOf]; the zero State
// stands for "none yet", and no step can be taken from it. Steps on a tape that is later Reset leave the state as
// a constant: what they remembered goes on, gradients stop there.
//
// Only one copy of a State may take steps. Clone makes another one.
type State struct {
	h, c  []ad.Value // of each layer, rows×Hidden; nil where fused is not
	fused *memory    // the same in float32; nil in the composed form, and before the first step from given values
	part  bool       // of some rows alone, see Part
}

// IsZero reports whether s is the zero State, which stands for "none yet".
func (s State) IsZero() bool { return s.h == nil && s.fused == nil }

// Clone returns a state with the same numbers, as constants, and memory of its own.
func (s State) Clone() State {
	h, c := s.Values()
	return State{h: h, c: c}
}

// Release ends s, and has its memory used for states to come. It is for a caller who knows that no
// tape and no copy of s holds it any more.
func (s *State) Release() {
	if m := s.fused; m != nil && m.chain == nil {
		spare.Give32(m.home)
		spare.Give32(m.spare)
	}
	*s = State{}
}

// Part returns a state of rows lo to hi with the same numbers and memory of its own.
func (s State) Part(lo, hi int) State {
	p := State{part: true}
	if m := s.fused; m != nil {
		p.fused = newMemory(hi-lo, m.hidden, m.layers)
		p.fused.pack = m.pack
		for i := range m.layers {
			for kind := range 2 {
				copy(p.fused.part(p.fused.now, i, kind), m.part(m.now, i, kind)[lo*m.hidden:])
			}
		}
		return p
	}
	cut := func(v ad.Value) ad.Value { return ad.New(hi-lo, v.C, v.Data[lo*v.C:hi*v.C]) }
	for i := range s.h {
		p.h, p.c = append(p.h, cut(s.h[i])), append(p.c, cut(s.c[i]))
	}
	return p
}

// Zero returns the state of all zeros.
func (l LSTM) Zero(rows int) State { return l.NormalState(rows, 0, nil) }

// NormalState returns a state of independent entries N(0, scale²), in float32 unless the
// form is Composed; rng is not needed for scale 0.
func (l LSTM) NormalState(rows int, scale float64, rng *rand.Rand) State {
	if scale != 0 {
		need(rng, "NormalState")
	}
	if !l.Composed {
		return State{fused: l.normal(rows, scale, rng)}
	}
	draw := func() []ad.Value {
		vs := make([]ad.Value, l.Layers)
		for i := range vs {
			vs[i] = ad.New(rows, l.Hidden, nil)
			normals(vs[i].Data, scale, rng)
		}
		return vs
	}
	h := draw()
	return State{h: h, c: draw()}
}

// normal is NormalState in float32, of the same numbers.
func (l LSTM) normal(rows int, scale float64, rng *rand.Rand) *memory {
	m := newMemory(rows, l.Hidden, l.Layers)
	if scale == 0 {
		clear(m.now)
		return m
	}
	layer := spare.Take(rows * l.Hidden)
	for kind := range 2 {
		for i := range l.Layers {
			normals(layer, scale, rng)
			kern.Narrow32(m.part(m.now, i, kind), layer)
		}
	}
	spare.Give(layer)
	return m
}

// normals draws all entries of x, unless scale is 0.
func normals(x []float64, scale float64, rng *rand.Rand) {
	for i := range x {
		if scale != 0 {
			x[i] = scale * rng.NormFloat64()
		}
	}
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
	heir  *heir     // of a part that is replayed
}

// newMemory holds whatever it holds.
func newMemory(rows, hidden, layers int) *memory {
	now := spare.Take32(2 * layers * rows * hidden)
	return &memory{rows: rows, hidden: hidden, layers: layers, now: now, home: now}
}

// part returns the hidden (0) or cell values (1) of a layer in a memory like now.
func (m *memory) part(now []float32, layer, kind int) []float32 {
	n := m.rows * m.hidden
	return now[(2*layer+kind)*n:][:n]
}

// claim returns the float32 memory of s, for s to step on.
func (s *State) claim(l LSTM) *memory {
	if s.fused == nil {
		m := newMemory(s.rows(), l.Hidden, l.Layers)
		for i := range s.h {
			if s.h[i].Recorded() || s.c[i].Recorded() {
				panic("nn: LSTM: the fused form starts from constant states; use Composed to differentiate through the first one")
			}
			kern.Narrow32(m.part(m.now, i, 0), s.h[i].Data)
			kern.Narrow32(m.part(m.now, i, 1), s.c[i].Data)
		}
		*s = State{fused: m, part: s.part}
	}
	if m := s.fused; m.hidden != l.Hidden || m.layers != l.Layers {
		panic(fmt.Sprintf("nn: LSTM: a state of %d layers of %d hidden units for a network of %d of %d", m.layers, m.hidden, l.Layers, l.Hidden))
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
	if tape != nil {
		m.now = tape.Buffer32(len(prev))
		return prev, m.now
	}
	if m.now = m.spare; m.now == nil {
		m.now = spare.Take32(len(prev))
	}
	m.spare = nil
	if len(prev) > 0 && &prev[0] == &m.home[0] { // else it is the tape's
		m.spare = prev
	}
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
