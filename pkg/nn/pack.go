package nn

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// pack holds the weights of a recurrent network in float32, in both orientations.
type pack struct {
	from  version
	of    []ad.Value // the parameters: four per cell, two per linear layer
	cells []cell
	heads []head
}

// version changes when the parameters have to be looked up again.
type version struct {
	store        *store
	sets         int
	cells, heads string
	moves        uint64
}

// moves counts the steps of Adam in the process. They change values in place, so that what
// was rounded before one is old, although it is of the same values.
var moves atomic.Uint64

// cell has its weights in both orientations, the transposed ones for the way forward.
type cell struct {
	ih, hh, ihT, hhT kern.Weights
	bias             []float32
}

// head is a linear layer: w is out×in.
type head struct {
	in, out  int
	w, wT, b []float32
}

// parameters lists the parameters of n in the order of [pack].
func (n Recurrent) parameters(cells, heads Params) []ad.Value {
	of := make([]ad.Value, 0, 4*n.LSTM.Layers+2*n.Head.layers())
	take := func(th Params, name string, r, c int) {
		v := th.At(name)
		if v.R != r || v.C != c {
			panic(fmt.Sprintf("nn: parameter %q is %s, this network needs %d×%d", th.prefix+name, v.Shape(), r, c))
		}
		of = append(of, v)
	}
	gates, in := 4*n.LSTM.Hidden, n.LSTM.In
	for i := range n.LSTM.Layers {
		for k, shape := range [4][2]int{{gates, in}, {gates, n.LSTM.Hidden}, {1, gates}, {1, gates}} {
			take(cells, param(k, i), shape[0], shape[1])
		}
		in = n.LSTM.Hidden
	}
	for i := range n.Head.layers() {
		th, l := heads.Sub(n.Head.name(i)), n.Head.layer(i)
		take(th, "weight", l.Out, l.In)
		take(th, "bias", 1, l.Out)
	}
	return of
}

// recent is the pack that was rounded last in the process: the instances of a
// minibatch all run with the same weights.
var recent atomic.Pointer[pack]

// packed rounds the weights, unless the last step or another state had the very same
// values. Values are immutable but for steps of Adam, so identity is enough.
func (n Recurrent) packed(cells, heads Params, last *pack) *pack {
	from := version{cells.store, cells.store.sets, cells.prefix, heads.prefix, moves.Load()}
	if last != nil && last.from == from {
		return last
	}
	p := &pack{from: from, of: n.parameters(cells, heads)}
	for _, old := range []*pack{last, recent.Load()} {
		if old != nil && old.from.moves == from.moves && len(old.cells) == n.LSTM.Layers && slices.EqualFunc(p.of, old.of, ad.Value.Same) {
			p.cells, p.heads = old.cells, old.heads
			return p
		}
	}
	in := n.LSTM.In
	for i := range n.LSTM.Layers {
		w, h := p.of[4*i:], n.LSTM.Hidden
		ih, hh := round(w[0].Data), round(w[1].Data)
		p.cells = append(p.cells, cell{
			ih: kern.NewWeights(4*h, in, ih), hh: kern.NewWeights(4*h, h, hh),
			ihT: kern.NewWeightsT(in, 4*h, ih), hhT: kern.NewWeightsT(h, 4*h, hh),
			bias: round(w[2].Detach().Add(w[3].Detach()).Data),
		})
		in = h
	}
	for i := range n.Head.layers() {
		l, w := n.Head.layer(i), p.of[4*n.LSTM.Layers+2*i:]
		h := head{in: l.In, out: l.Out, w: round(w[0].Data), b: round(w[1].Data)}
		h.wT = transposed(h.w, l.Out, l.In)
		p.heads = append(p.heads, h)
	}
	recent.Store(&pack{from: version{moves: from.moves}, of: detached(p.of), cells: p.cells, heads: p.heads})
	return p
}

// same reports whether p and q hold the same nodes of a tape, or the same constants.
func (p *pack) same(q *pack) bool {
	return p == q || q != nil && slices.EqualFunc(p.of, q.of, func(v, w ad.Value) bool {
		return v.Is(w) || !v.Recorded() && !w.Recorded() && v.Same(w)
	})
}

// detached lets go of the tape.
func detached(vs []ad.Value) []ad.Value {
	out := make([]ad.Value, len(vs))
	for i, v := range vs {
		out[i] = v.Detach()
	}
	return out
}

func round(x []float64) []float32 { return narrow(nil, x) }

// narrow rounds to float32, into scratch of the tape.
func narrow(t *ad.Tape, x []float64) []float32 {
	y := t.Buffer32(len(x))
	kern.Narrow32(y, x)
	return y
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	kern.Widen32(y, x)
	return y
}

// transposed returns the transpose of the r×c matrix src.
func transposed(src []float32, r, c int) []float32 {
	dst := make([]float32, len(src))
	for i := range r {
		for j, x := range src[i*c:][:c] {
			dst[j*r+i] = x
		}
	}
	return dst
}
