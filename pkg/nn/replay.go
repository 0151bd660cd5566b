package nn

import (
	"context"
	"slices"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/internal/tiles"
)

// A Local is a run in which no row sees another: the network of a coordinate-wise rule, or
// such a network with what the rule computes around it. See [Recurrent.Replay].
type Local interface {
	// Step moves the run on. It is shown x, which is what the step before returned or
	// where a path begins, and in, constants with as many numbers for each row; either may
	// be the zero Value where the run has no use for it.
	Step(th Params, x, in ad.Value) ad.Value
	// Part returns a run of rows lo to hi by themselves that goes on from the same numbers.
	Part(lo, hi int) Local
	// Memory is the state of the network.
	Memory() *State
}

// Replay is run.Step(th, x, in) for runs over many rows. For the way back Step keeps about
// a kilobyte for each row, which is nothing for 500 rows and too much for 15,910. Replay
// keeps what the run was shown, a few numbers for each row, and nothing of what it
// computed: on the way back, once the gradients G_k of all outputs o_k are there, it takes
// the steps again for one tile of rows after the other, on a small tape, and adds up the
// gradients of
//
//	Σ_k ⟨G_k, o_k(θ)⟩
//
// in the order of the tiles. A tile is taken by whichever worker is free, which the bits do
// not show. That is one more forward pass, in return for a memory that is smaller by a
// hundred times, and for all cores at work on one run. It is exact where all that a row
// learns of others arrives through in and through the outputs' gradients; so a run whose
// input is recorded stays on the one tape, and so do the float64 twin and few rows.
func (n Recurrent) Replay(run Local, th Params, x, in ad.Value) ad.Value {
	s := run.Memory()
	if in.Recorded() || !n.replays(s) {
		return run.Step(th, x, in)
	}
	var top ad.Value
	var r *replay
	if s.fused != nil && s.fused.chain != nil {
		top, r = s.fused.chain.top, s.fused.chain.replay
	}
	goesOn := r != nil && r.of(th) && (x.Is(top) || !x.Recorded())
	if !goesOn {
		r = newReplay(th, s.rows(), top.Recorded())
	}
	tape := ad.TapeOf(append(slices.Clone(r.watched), x, top)...)
	switch {
	case tape == nil:
		return run.Step(th, x, in)
	case !goesOn:
		r.start = run.Part(0, r.rows)
	}
	out := r.forward(run, x, in)
	m := s.fused
	if m.chain == nil {
		m.begin(tape)
	}
	m.chain.replay, m.chain.top = r, r.record(n, m, out, x, in, top)
	return m.chain.top
}

// replays reports whether steps from that state are taken again rather than kept.
func (n Recurrent) replays(s *State) bool {
	return !n.LSTM.Composed && !s.part && tiles.Worth(s.rows(), n.width())
}

// A replay is a chain of steps that will be taken again.
type replay struct {
	th      Params
	sets    int
	names   []string
	watched []ad.Value // the parameters of these names
	fixed   Params     // the same as constants

	rows    int
	chained bool // the steps before it, in this generation, want the gradient of its first state
	start   Local
	steps   []shown
}

// shown is what a step saw, and what its output was worth.
type shown struct {
	x, in ad.Value // no x where it is the output of the step before
	g     []float64
}

func newReplay(th Params, rows int, chained bool) *replay {
	r := &replay{th: th, sets: th.sets(), names: th.Names(), rows: rows, chained: chained}
	for _, name := range r.names {
		r.watched = append(r.watched, th.At(name))
	}
	r.fixed = th.Map(func(_ string, v ad.Value) ad.Value { return v.Detach() })
	return r
}

// of reports whether the parameters are still these.
func (r *replay) of(th Params) bool { return r.th == th && r.sets == th.sets() }

// record puts a step on the tape of the run. The way back hands it what its output was
// worth, and begins where the first step is reached, which comes last.
func (r *replay) record(n Recurrent, m *memory, out, x, in, top ad.Value) ad.Value {
	k, now, ins := len(r.steps), shown{in: in}, []ad.Value{top}
	if k == 0 || !x.Is(top) {
		now.x = x.Detach()
	}
	if r.steps = append(r.steps, now); k == 0 {
		ins = append(append(ins, x), r.watched...)
	}
	return ad.Record(out, ins, func(g []float64, acc [][]float64) {
		if r.steps[k].g = g; k == 0 {
			r.back(n, ad.TapeOf(ins...), m, acc[1], acc[2:])
		}
	})
}

// forward takes a step that nobody records.
func (r *replay) forward(run Local, x, in ad.Value) ad.Value {
	m := run.Memory().fused
	if m == nil {
		return run.Step(r.fixed, x.Detach(), in)
	}
	hidden := m.chain
	m.chain = nil
	defer func() { m.chain = hidden }()
	return run.Step(r.fixed, x.Detach(), in)
}

// tapes are those on which tiles are replayed.
var tapes = sync.Pool{New: func() any { return new(ad.Tape) }}

// back takes the steps again, tile by tile, and adds the gradients of x and the parameters.
func (r *replay) back(n Recurrent, tape *ad.Tape, m *memory, toX []float64, to [][]float64) {
	if r.chained {
		m.chain.gradients(tape, m)
	}
	job := tiles.Job(r.rows)
	sums := make([][]float64, (r.rows+job-1)/job)
	err := par.Each(context.Background(), 0, len(sums), func(_, j int) error {
		own := tapes.Get().(*ad.Tape)
		defer tapes.Put(own)
		sums[j] = make([]float64, r.fixed.Count())
		for lo := j * job; lo < min(r.rows, (j+1)*job); lo += tiles.Rows {
			if err := tape.Stopped(); err != nil {
				return err
			}
			r.tile(n, own, m, to, lo, min(r.rows, lo+tiles.Rows), sums[j], toX)
		}
		return nil
	})
	if err != nil { // the way back ends here
		return
	}
	for _, sum := range sums {
		for i, v := range r.watched {
			if to[i] != nil {
				kern.Axpy64(1, sum[:v.Len()], to[i])
			}
			sum = sum[v.Len():]
		}
	}
}

// tile takes the steps of rows lo to hi again, and goes back through them.
func (r *replay) tile(n Recurrent, tape *ad.Tape, m *memory, to [][]float64, lo, hi int, sum, toX []float64) {
	live := NewParams()
	for i, name := range r.names {
		v := r.watched[i].Detach()
		if to[i] != nil {
			v = tape.Watch(v)
		}
		live.Set(name, v)
	}
	cut := func(v ad.Value) ad.Value {
		if v.IsZero() {
			return v
		}
		w := v.Len() / r.rows
		return ad.New(hi-lo, w, v.Data[lo*w:hi*w])
	}
	run := r.start.Part(lo, hi)
	h := &heir{of: m.chain, row: lo, chained: r.chained}
	run.Memory().follow(n, h)
	loss, first, y := ad.Scalar(0), ad.Value{}, ad.Value{}
	for k, s := range r.steps {
		if !s.x.IsZero() {
			y = cut(s.x)
		}
		if k == 0 && toX != nil {
			first = tape.Watch(y)
			y = first
		}
		if y = run.Step(live, y, cut(s.in)); s.g != nil {
			w := y.Len() / (hi - lo)
			loss = loss.Add(y.Dot(ad.New(y.R, y.C, s.g[lo*w:hi*w])))
		}
	}
	if !loss.Recorded() {
		return
	}
	loss.Backward()
	for i, name := range r.names {
		if to[i] != nil {
			kern.Axpy64(1, live.At(name).Grad(), sum[:r.watched[i].Len()])
		}
		sum = sum[r.watched[i].Len():]
	}
	if toX != nil {
		w := len(toX) / r.rows
		kern.Axpy64(1, first.Grad(), toX[lo*w:hi*w])
	}
	h.handOver(run.Memory().fused)
	tape.Reset()
}

// network is the run of a network alone.
type network struct {
	Recurrent
	state *State
}

func (r network) Memory() *State { return r.state }

func (r network) Part(lo, hi int) Local {
	s := r.state.Part(lo, hi)
	return network{r.Recurrent, &s}
}

func (r network) Step(th Params, _, in ad.Value) ad.Value {
	return r.step(th.Sub("lstm"), th, in, r.state)
}

// An heir is a part of a state on the way back: the gradients of its last numbers come
// from the chain of the whole, and where steps came before, those of its first go there.
type heir struct {
	of      *chain
	row     int
	chained bool
}

// follow makes the state of a part an heir.
func (s *State) follow(n Recurrent, h *heir) { s.claim(n.LSTM).heir = h }

// wanted reports whether gradients of the first state go anywhere.
func (h *heir) wanted() bool { return h != nil && h.chained }

// inherit sets the gradients of the state after the last step.
func (h *heir) inherit(c *chain, m *memory) {
	if h != nil {
		for l := range h.of.dh {
			copy(c.dh[l], h.of.dh[l][h.row*m.hidden:])
			copy(c.dc[l], h.of.dc[l][h.row*m.hidden:])
		}
	}
}

// handOver sends on those of the state before the first step.
func (h *heir) handOver(m *memory) {
	if h.chained {
		for l := range m.layers {
			copy(h.of.dh[l][h.row*m.hidden:], m.chain.dh[l])
			copy(h.of.dc[l][h.row*m.hidden:], m.chain.dc[l])
		}
	}
}
