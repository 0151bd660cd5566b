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
}

// layer is the outcome of one cell: rows×hidden each, gates rows×4·hidden.
type layer struct{ h, c, gates, tanh []float32 }

// pack holds the weights in float32, in both orientations.
type pack struct {
	of    []ad.Value // the parameters, four per layer
	cells []cell
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
		c := cell{ih: narrow(nil, w[0].Data), hh: narrow(nil, w[1].Data), bias: narrow(nil, w[2].Detach().Add(w[3].Detach()).Data)}
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
	tape := ad.TapeOf(append([]ad.Value{x, prev.top}, p.of...)...)
	x32 := narrow(tape, x.Data)
	next := &memory{rows: r, hidden: h, pack: p, layers: make([]layer, l.Layers)}
	input, width := x32, l.In
	for i, w := range p.cells {
		own := make([]float32, 2*r*h) // outlives the tape's generation
		cur := layer{h: own[:r*h], c: own[r*h:], gates: tape.Scratch32(4 * r * h), tanh: tape.Scratch32(r * h)}
		kern.AddBias32(r, 4*h, w.bias, cur.gates)
		kern.Gemm32(r, 4*h, width, input, w.ihT, cur.gates)
		kern.Gemm32(r, 4*h, h, prev.layers[i].h, w.hhT, cur.gates)
		kern.CellForward(r, h, cur.gates, prev.layers[i].c, cur.c, cur.tanh, cur.h)
		next.layers[i], input, width = cur, cur.h, h
	}
	ins := append([]ad.Value{x, prev.top}, p.of...)
	next.top = ad.Record(ad.New(r, h, widen(input)), ins, func(g []float64, acc [][]float64) {
		l.back(tape, x32, prev, next, g, acc)
	})
	return next.top, State{fused: next}
}

// back walks the cells from the top down. acc is in the order x, prev.top,
// parameters; the gradient of prev's hidden and cell values goes to prev.dh and
// prev.dc, where the backward pass of the step before finds it.
func (l LSTM) back(tape *ad.Tape, x32 []float32, prev, cur *memory, g []float64, acc [][]float64) {
	r, h, top := cur.rows, l.Hidden, l.Layers-1
	through := acc[1] != nil // the step before is recorded too
	dh := narrow(tape, g)
	dz, dw := tape.Scratch32(4*r*h), tape.Scratch32(4*h*max(h, l.In))
	for i := top; i >= 0; i-- {
		var dc []float32
		if cur.dh != nil {
			add32(dh, cur.dh[i])
			dc = cur.dc[i]
		}
		now, before, w := cur.layers[i], prev.layers[i], cur.pack.cells[i]
		dcPrev := tape.Scratch32(r * h)
		kern.CellBackward(r, h, now.gates, before.c, now.tanh, dh, dc, dz, dcPrev)
		if through {
			dhPrev := tape.Scratch32(r * h)
			kern.Gemm32(r, h, 4*h, dz, w.hh, dhPrev)
			prev.receive(i, dhPrev, dcPrev)
		}
		input, width := x32, l.In
		if i > 0 {
			input, width = cur.layers[i-1].h, h
			dh = tape.Scratch32(r * h)
			kern.Gemm32(r, h, 4*h, dz, w.ih, dh)
		} else if acc[0] != nil {
			dx := tape.Scratch32(r * width)
			kern.Gemm32(r, width, 4*h, dz, w.ih, dx)
			addWide(acc[0], dx)
		}
		weights := acc[2+4*i:]
		product := func(dst []float64, in []float32, width int) {
			if dst != nil {
				clear(dw[:4*h*width])
				kern.GemmTN32(4*h, width, r, dz, in, dw)
				addWide(dst, dw[:4*h*width])
			}
		}
		product(weights[0], input, width)
		product(weights[1], before.h, h)
		if weights[2] != nil || weights[3] != nil {
			clear(dw[:4*h])
			kern.SumRows32(r, 4*h, dz, dw)
			for _, b := range weights[2:4] { // both biases enter in the same way
				if b != nil {
					addWide(b, dw[:4*h])
				}
			}
		}
	}
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
