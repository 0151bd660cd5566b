package nn

import (
	"context"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/internal/spare"
	"github.com/l2olab/l2o/pkg/internal/tiles"
)

// A chain is the sequence of fused steps of one state in one generation. Its way back
// goes from the last step to the first and hands gradients on in place.
type chain struct {
	top    ad.Value    // what the last step returned: its place on the tape
	dh, dc [][]float32 // gradients of the state on their way back, per layer
	dz, dx []float32   // scratch for a tile of rows
	sums   *sums       // of the weights, over the steps that have the same ones
	replay *replay     // that the last step belongs to, if it will be taken again
}

// sums collects the gradients of the weights, in the order of pack.of; nil where
// none is wanted. The first step of a chain, whose way back comes last, hands them
// over.
type sums [][]float32

// tracks are what a step leaves for its way back, for all rows; a step without a tape
// has room for a tile of them.
type tracks struct {
	x           []float32   // rows×In
	gates, tanh [][]float32 // of each cell, rows×4·hidden and rows×hidden
	out         [][]float32 // of each linear layer after ReLU, rows×out
}

// carve lays out the tracks of so many rows; see width.
func (n Recurrent) carve(buf []float32, rows int) tracks {
	take := func(width int) (part []float32) {
		part, buf = buf[:rows*width], buf[rows*width:]
		return part
	}
	layers := n.LSTM.Layers
	all := make([][]float32, 2*layers+n.Head.layers())
	t := tracks{x: take(n.LSTM.In), gates: all[:layers], tanh: all[layers:][:layers], out: all[2*layers:]}
	for l := range layers {
		t.gates[l], t.tanh[l] = take(4*n.LSTM.Hidden), take(n.LSTM.Hidden)
	}
	for i := range t.out {
		t.out[i] = take(n.Head.layer(i).Out)
	}
	return t
}

// width is how many numbers the tracks of a row are.
func (n Recurrent) width() int {
	w := n.LSTM.In + 5*n.LSTM.Layers*n.LSTM.Hidden
	for i := range n.Head.layers() {
		w += n.Head.layer(i).Out
	}
	return w
}

// rooms hold the tracks of steps without a tape.
var rooms = sync.Pool{New: func() any { return new([]float32) }}

// step is the whole network as one operation. Without linear layers its output is the
// hidden value of the last cell.
func (n Recurrent) step(cells, heads Params, x ad.Value, s *State) ad.Value {
	m := s.claim(n.LSTM)
	p := n.packed(cells, heads, m.pack)
	var top ad.Value
	if m.chain != nil {
		top = m.chain.top
	}
	ins := []ad.Value{x, top}
	first := !top.Recorded() || !p.same(m.pack) // of the chain: the weights enter here
	m.pack = p
	if first {
		ins = append(ins, p.of...)
	}
	tape := ad.TapeOf(ins...)
	prev, now := m.next(tape)
	if tape == nil {
		return n.unrecorded(p, m, x, prev, now)
	}
	if m.chain == nil {
		m.begin(tape)
	}
	c, t := m.chain, n.carve(tape.Buffer32(m.rows*n.width()), m.rows)
	c.replay = nil
	if first {
		c.sums = new(sums)
	}
	sum, chained := c.sums, top.Recorded() || m.heir.wanted()
	c.top = ad.Record(n.forward(p, m, x, prev, now, t), ins, func(g []float64, acc [][]float64) {
		if c.dz == nil {
			c.prepare(tape, n, m)
		}
		if *sum == nil {
			*sum = newSums(tape, p.of, len(p.cells))
		}
		n.backward(p, m, c, *sum, prev, now, t, g, acc[0], chained)
		if first {
			sum.handOver(n.LSTM, acc[2:])
		}
	})
	return c.top
}

// blank is room for the output of so many rows.
func (n Recurrent) blank(rows int) ad.Value {
	return ad.New(rows, n.out(), spare.Take(rows*n.out()))
}

// forward is a step that leaves its tracks.
func (n Recurrent) forward(p *pack, m *memory, x ad.Value, prev, now []float32, t tracks) ad.Value {
	out, tile := n.blank(m.rows), kern.Tile(m.rows, m.hidden)
	for i := 0; i < m.rows; i += tile {
		n.tile(p, m, x, out, prev, now, i, min(tile, m.rows-i), t, i)
	}
	return out
}

// unrecorded is a step that leaves no tracks. Many rows are shared among the cores.
func (n Recurrent) unrecorded(p *pack, m *memory, x ad.Value, prev, now []float32) ad.Value {
	out, tile, job := n.blank(m.rows), kern.Tile(m.rows, m.hidden), m.rows
	if tile < m.rows && tiles.Worth(m.rows, n.width()) {
		job = (tiles.Job(m.rows) + tile - 1) / tile * tile
	}
	piece := func(from int) {
		room := rooms.Get().(*[]float32)
		defer rooms.Put(room)
		if need := tile * n.width(); len(*room) < need {
			*room = make([]float32, need)
		}
		t := n.carve(*room, tile)
		for i := from; i < min(m.rows, from+job); i += tile {
			n.tile(p, m, x, out, prev, now, i, min(tile, m.rows-i), t, 0)
		}
	}
	if job >= m.rows {
		piece(0)
		return out
	}
	_ = par.Each(context.Background(), 0, (m.rows+job-1)/job, func(_, j int) error {
		piece(j * job)
		return nil
	}) // fails with none of ours
	return out
}

// tile goes through all layers for rows i to i+rows. Their tracks are those from at on.
func (n Recurrent) tile(p *pack, m *memory, x, out ad.Value, prev, now []float32, i, rows int, t tracks, at int) {
	h := m.hidden
	in, width := t.x[at*n.LSTM.In:][:rows*n.LSTM.In], n.LSTM.In
	kern.Narrow32(in, x.Data[i*n.LSTM.In:][:rows*n.LSTM.In])
	for l, w := range p.cells {
		up := m.part(now, l, 0)[i*h:][:rows*h]
		kern.LSTMForward(rows, width, h, in, m.part(prev, l, 0)[i*h:], w.ihT, w.hhT, w.bias, m.part(prev, l, 1)[i*h:],
			t.gates[l][at*4*h:], m.part(now, l, 1)[i*h:], t.tanh[l][at*h:], up)
		in, width = up, h
	}
	for l, w := range p.heads {
		up := t.out[l][at*w.out:][:rows*w.out]
		w.forward(rows, in, up)
		if l < len(p.heads)-1 {
			kern.Relu32(up)
		}
		in = up
	}
	kern.Widen32(out.Data[i*out.C:], in)
}

// forward sets y = x·wᵀ + b.
func (w head) forward(rows int, x, y []float32) {
	kern.Repeat32(y, w.b)
	if w.out < 8 { // too narrow for whole vectors of columns
		kern.GemmNT32(rows, w.out, w.in, x, w.w, y)
		return
	}
	kern.Gemm32(rows, w.out, w.in, x, w.wT, y)
}

// backward walks the layers from the top down, tile by tile. What a layer sends down
// is added right where the layer below collects it.
func (n Recurrent) backward(p *pack, m *memory, c *chain, sum sums, prev, now []float32, t tracks, g, toX []float64, chained bool) {
	h, tile, top := m.hidden, kern.Tile(m.rows, m.hidden), n.LSTM.Layers-1
	for i := 0; i < m.rows; i += tile {
		rows := min(tile, m.rows-i)
		dy := c.dx[:rows*n.out()]
		kern.Narrow32(dy, g[i*n.out():][:rows*n.out()])
		spare := c.dx[len(dy):]
		if len(p.heads) == 0 {
			kern.AddBias32(1, len(dy), dy, c.dh[top][i*h:])
		}
		for l := len(p.heads) - 1; l >= 0; l-- {
			w, own := p.heads[l], sum[4*n.LSTM.Layers+2*l:]
			if l == 0 {
				w.backward(rows, m.part(now, top, 0)[i*h:], dy, c.dh[top][i*h:], own)
				break
			}
			in, dx := t.out[l-1][i*w.in:][:rows*w.in], spare[:rows*w.in]
			clear(dx)
			w.backward(rows, in, dy, dx, own)
			kern.ReluBack32(dx, in)
			dy, spare = dx, spare[len(dx):]
		}
		for l := top; l >= 0; l-- {
			w := p.cells[l]
			to := kern.LSTMGrads{Wx: sum[4*l], Wh: sum[4*l+1], Bias: sum[4*l+2]}
			in, width := t.x[i*n.LSTM.In:], n.LSTM.In
			switch {
			case l > 0:
				in, width, to.X = m.part(now, l-1, 0)[i*h:], h, c.dh[l-1][i*h:]
			case toX != nil:
				to.X = c.dx[:rows*width]
				clear(to.X)
			}
			kern.LSTMBackward(rows, width, h, in, m.part(prev, l, 0)[i*h:], w.ih, w.hh, t.gates[l][i*4*h:], m.part(prev, l, 1)[i*h:],
				t.tanh[l][i*h:], c.dh[l][i*h:], c.dc[l][i*h:], c.dz, chained, to)
		}
		if toX != nil {
			kern.AddWide(toX[i*n.LSTM.In:], c.dx[:rows*n.LSTM.In])
		}
	}
}

// backward adds dy·w to dx, and the gradients of w and b to own.
func (w head) backward(rows int, x, dy, dx []float32, own sums) {
	kern.Gemm32(rows, w.in, w.out, dy, w.w, dx)
	if own[0] != nil {
		kern.GemmTN32(w.out, w.in, rows, dy, x, own[0])
	}
	if own[1] != nil {
		kern.SumRows32(rows, w.out, dy, own[1])
	}
}

// prepare makes room for the way back.
func (c *chain) prepare(tape *ad.Tape, n Recurrent, m *memory) {
	tile := min(m.rows, kern.Tile(m.rows, m.hidden))
	c.gradients(tape, m)
	m.heir.inherit(c, m)
	c.dz = tape.Buffer32(max(tile, 1) * 4 * m.hidden)
	c.dx = tape.Buffer32(tile * (n.width() + n.out()))
}

// gradients makes room for those of the state, unless a later step did.
func (c *chain) gradients(tape *ad.Tape, m *memory) {
	for len(c.dh) < m.layers {
		c.dh, c.dc = append(c.dh, tape.Scratch32(m.rows*m.hidden)), append(c.dc, tape.Scratch32(m.rows*m.hidden))
	}
}

// newSums makes room for the gradients of the recorded ones among the parameters.
func newSums(tape *ad.Tape, of []ad.Value, cells int) sums {
	s := make(sums, len(of))
	for i, v := range of {
		if v.Recorded() {
			s[i] = tape.Scratch32(v.Len())
		}
	}
	for i := range cells { // both biases of a cell enter in the same way
		in, hidden := &s[4*i+2], &s[4*i+3]
		if *in == nil {
			*in = *hidden
		}
		*hidden = *in
	}
	return s
}

// handOver adds the sums to the gradients of the parameters.
func (s sums) handOver(l LSTM, acc [][]float64) {
	for i, to := range acc {
		inputs := l.Hidden
		if i == 0 {
			inputs = l.In
		}
		switch {
		case to == nil:
		case i < 4*l.Layers && i%4 < 2 && kern.Across(inputs, l.Hidden):
			addTransposed(to, s[i], inputs)
		default:
			kern.AddWide(to, s[i])
		}
	}
}

// addTransposed adds the transpose of a matrix of so many rows.
func addTransposed(to []float64, x []float32, rows int) {
	columns := len(x) / rows
	for i := range rows {
		for j, v := range x[i*columns:][:columns] {
			to[j*rows+i] += float64(v)
		}
	}
}
