package nn

import (
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// memory is the state after a fused step, with what its backward pass needs.
type memory struct {
	rows, hidden int
	top          ad.Value    // the hidden value that the step returned: its place on the tape
	layers       []layer     // one for each cell
	pack         *pack       // the weights that made it, for the next step to reuse
	dh, dc       [][]float32 // gradients that the next step sent back, per layer
	sums         *sums       // of the chain of steps that this one belongs to
	first        bool        // in that chain
}

// layer is the outcome of one cell: rows×hidden each, gates rows×4·hidden.
type layer struct{ h, c, gates, tanh []float32 }

// sums collects the gradients of the weights over a chain of steps with the same
// weights in one generation. The first step of the chain, whose backward pass runs
// last, hands them over.
type sums struct{ layers []kern.LSTMGrads }

// pack holds the weights in float32, in both orientations.
type pack struct {
	of    []ad.Value // the parameters, four per layer
	cells []*cell
}

type cell struct{ ih, hh, ihT, hhT, bias []float32 }

// packed returns the weights of th for the kernels: those of the last step if they
// are still the very same values. Values are immutable, so identity is enough.
func (l LSTM) packed(th Params, last *pack) *pack {
	p := &pack{of: make([]ad.Value, 0, 4*l.Layers)}
	for i := range l.Layers {
		for k := range 4 {
			p.of = append(p.of, th.At(param(k, i)))
		}
	}
	if last != nil && len(last.of) == len(p.of) {
		same := true
		for i, v := range p.of {
			same = same && v.Same(last.of[i])
		}
		if same {
			p.cells = last.cells
			return p
		}
	}
	h, in := l.Hidden, l.In
	for i := range l.Layers {
		w := p.of[4*i:]
		c := &cell{ih: narrow(nil, w[0].Data), hh: narrow(nil, w[1].Data), bias: narrow(nil, w[2].Detach().Add(w[3].Detach()).Data)}
		c.ihT, c.hhT = make([]float32, len(c.ih)), make([]float32, len(c.hh))
		transpose32(c.ihT, c.ih, 4*h, in)
		transpose32(c.hhT, c.hh, 4*h, h)
		p.cells = append(p.cells, c)
		in = h
	}
	return p
}

// step is the LSTM as one operation in float32.
func (l LSTM) step(th Params, x ad.Value, s State) (ad.Value, State) {
	prev := s.fused
	if prev == nil {
		prev = narrowState(s, l.Hidden)
	}
	r, h := x.R, l.Hidden
	p := l.packed(th, prev.pack)
	ins := append([]ad.Value{x, prev.top}, p.of...)
	tape := ad.TapeOf(ins...)
	x32 := narrow(tape, x.Data)
	next := &memory{rows: r, hidden: h, pack: p, layers: make([]layer, l.Layers), sums: prev.sums}
	if next.first = !prev.top.Recorded() || p.cells[0] != prev.pack.cells[0]; next.first {
		next.sums = new(sums)
	}
	input, width := x32, l.In
	for i, w := range p.cells {
		own := make([]float32, 2*r*h) // outlives the tape's generation
		cur, before := layer{h: own[:r*h], c: own[r*h:], gates: tape.Buffer32(4 * r * h), tanh: tape.Buffer32(r * h)}, prev.layers[i]
		kern.LSTMForward(r, width, h, input, before.h, w.ihT, w.hhT, w.bias, before.c, cur.gates, cur.c, cur.tanh, cur.h)
		next.layers[i], input, width = cur, cur.h, h
	}
	next.top = ad.Record(ad.New(r, h, widen(input)), ins, func(g []float64, acc [][]float64) {
		l.back(tape, x32, prev, next, g, acc)
	})
	return next.top, State{fused: next}
}

// back walks the cells from the top down. acc is in the order x, prev.top,
// parameters; the gradient of prev's hidden and cell values goes to prev.dh and
// prev.dc, where the backward pass of the step before finds it.
func (l LSTM) back(tape *ad.Tape, x32 []float32, prev, cur *memory, g []float64, acc [][]float64) {
	r, h := cur.rows, l.Hidden
	through := acc[1] != nil // the step before is recorded too
	if cur.sums.layers == nil {
		cur.sums.layers = l.newSums(tape, acc[2:])
	}
	dh, dz := narrow(tape, g), tape.Buffer32(4*max(r, 64)*h)
	for i := l.Layers - 1; i >= 0; i-- {
		var dc []float32
		if cur.dh != nil {
			add32(dh, cur.dh[i])
			dc = cur.dc[i]
		}
		now, before, w := cur.layers[i], prev.layers[i], cur.pack.cells[i]
		to, dcPrev := cur.sums.layers[i], tape.Buffer32(r*h)
		input, width := x32, l.In
		switch {
		case i > 0:
			input, width = cur.layers[i-1].h, h
			to.X = tape.Scratch32(r * h)
		case acc[0] != nil:
			to.X = tape.Scratch32(r * width)
		}
		if through {
			to.H = tape.Scratch32(r * h)
		}
		kern.LSTMBackward(r, width, h, input, before.h, w.ih, w.hh, now.gates, before.c, now.tanh, dh, dc, dcPrev, dz, to)
		if through {
			prev.receive(i, to.H, dcPrev)
		}
		dh = to.X
	}
	if acc[0] != nil {
		kern.AddWide(acc[0], dh)
	}
	if cur.first {
		cur.sums.handOver(acc[2:])
	}
}

// newSums makes room for the gradients that acc asks for, four parameters a layer.
func (l LSTM) newSums(tape *ad.Tape, acc [][]float64) []kern.LSTMGrads {
	sums := make([]kern.LSTMGrads, l.Layers)
	room := func(wanted bool, n int) []float32 {
		if !wanted {
			return nil
		}
		return tape.Scratch32(n)
	}
	for i := range sums {
		a := acc[4*i:]
		sums[i] = kern.LSTMGrads{
			Wx:   room(a[0] != nil, len(a[0])),
			Wh:   room(a[1] != nil, len(a[1])),
			Bias: room(a[2] != nil || a[3] != nil, 4*l.Hidden),
		}
	}
	return sums
}

// handOver adds the sums to the gradients of the parameters.
func (s *sums) handOver(acc [][]float64) {
	for i, to := range s.layers {
		for k, sum := range [][]float32{to.Wx, to.Wh, to.Bias, to.Bias} { // both biases enter in the same way
			if acc[4*i+k] != nil {
				kern.AddWide(acc[4*i+k], sum)
			}
		}
	}
	s.layers = nil
}

// receive adds gradients of the state's layer i; a state may have several successors.
func (m *memory) receive(i int, dh, dc []float32) {
	if m.dh == nil {
		m.dh, m.dc = make([][]float32, len(m.layers)), make([][]float32, len(m.layers))
	}
	if m.dh[i] == nil {
		m.dh[i], m.dc[i] = dh, dc
		return
	}
	add32(m.dh[i], dh)
	add32(m.dc[i], dc)
}

func add32(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

// narrowState is the state in float32.
func narrowState(s State, hidden int) *memory {
	m := &memory{rows: s.rows(), hidden: hidden}
	for i := range s.h {
		if s.h[i].Recorded() || s.c[i].Recorded() {
			panic("nn: LSTM: the fused form starts from constant states; use Composed to differentiate through the first one")
		}
		m.layers = append(m.layers, layer{h: narrow(nil, s.h[i].Data), c: narrow(nil, s.c[i].Data)})
	}
	return m
}

// values returns the state in float64.
func (m *memory) values() (h, c []ad.Value) {
	for _, l := range m.layers {
		h, c = append(h, ad.New(m.rows, m.hidden, widen(l.h))), append(c, ad.New(m.rows, m.hidden, widen(l.c)))
	}
	return h, c
}
