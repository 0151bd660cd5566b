package ad

import (
	"fmt"
	"sync/atomic"

	"github.com/l2olab/l2o/pkg/internal/spare"
)

// A Tape records how values were computed from the ones it watches. The zero
// Tape is ready to use. A tape belongs to one goroutine; values of its past
// generations may be used by any.
type Tape struct {
	gen    atomic.Int64 // also read through values of older generations
	nodes  []node
	ins    []int       // the inputs of all nodes, one after the other
	acc    [][]float64 // what Backward hands to a node, reused
	done   bool        // Backward ran in this generation
	stop   func() error
	grads  pool[float64]
	floats pool[float32]
	ends   []func()    // what Reset calls first
	spent  [][]float64 // what Reset hands on; see Recycle
}

// A node is one recorded operation. Its inputs are ins[from:to]; −1 is a constant.
type node struct {
	back     func(g []float64, acc [][]float64)
	sends    func(g []float64, to slots) // instead of back
	grad     []float64
	into     *Gradient // where grad lies, of the caller; nil for memory of the tape
	size     int
	from, to int
}

// Watch returns v as a leaf of the tape: the start of what is recorded.
func (t *Tape) Watch(v Value) Value { return t.push(v.Detach(), nil, nil) }

// WatchInto is Watch for a caller that has a place for the gradient, which outlasts Reset:
// Backward leaves it there instead of in memory of the tape.
func (t *Tape) WatchInto(v Value, grad *Gradient) Value {
	if grad.n != v.Len() {
		panic(fmt.Sprintf("ad: WatchInto: %d numbers for the gradient of a %s value", grad.n, v.Shape()))
	}
	grad.held = nothing
	v = t.Watch(v)
	t.nodes[v.id].into = grad
	return v
}

// Reset starts a new generation: it forgets what was recorded, turns every value
// of the old one into a constant, and takes back gradients and scratch.
func (t *Tape) Reset() {
	for _, end := range t.ends {
		end()
	}
	clear(t.ends)
	t.ends = t.ends[:0]
	t.gen.Add(1)
	clear(t.nodes) // lets go of the closures and what they hold
	t.nodes, t.ins, t.done = t.nodes[:0], t.ins[:0], false
	for _, s := range t.spent {
		spare.Give(s)
	}
	clear(t.spent)
	t.spent = t.spent[:0]
	t.grads.reset()
	t.floats.reset()
}

// AtReset makes the next Reset call f before it takes scratch back: memory that goes
// on over generations is brought to safety there.
func (t *Tape) AtReset(f func()) { t.ends = append(t.ends, f) }

// Len returns the number of recorded values in this generation.
func (t *Tape) Len() int { return len(t.nodes) }

// Scratch returns n zeros that stay valid until Reset; a nil tape allocates them.
func (t *Tape) Scratch(n int) []float64 {
	if t == nil {
		return make([]float64, n)
	}
	return t.grads.get(n)
}

// Scratch32 is Scratch in float32.
func (t *Tape) Scratch32(n int) []float32 {
	if t == nil {
		return make([]float32, n)
	}
	return t.floats.get(n)
}

// Buffer32 is Scratch32 without the zeros: it holds whatever it held, for callers that
// overwrite all of it.
func (t *Tape) Buffer32(n int) []float32 {
	if t == nil {
		return make([]float32, n)
	}
	return t.floats.take(n)
}

// Record is the extension point for operations: out was computed from ins, and
// back adds to acc[i] the gradient of ins[i], given the gradient g of out.
// acc[i] is nil where ins[i] is a constant. Nothing is recorded, and out comes
// back as it is, when all inputs are constants.
func Record(out Value, ins []Value, back func(g []float64, acc [][]float64)) Value {
	t := TapeOf(ins...)
	if t == nil {
		return out
	}
	return t.push(out, ins, back)
}

// TapeOf returns the tape on which any of the values is recorded, nil when all
// are constants. Values on two different tapes cannot meet: it panics.
func TapeOf(vs ...Value) *Tape {
	var tape *Tape
	for _, v := range vs {
		switch t := v.live(); {
		case t == nil || t == tape:
		case tape == nil:
			tape = t
		default:
			panic("ad: operands are recorded on two tapes; Detach one of them")
		}
	}
	return tape
}

// slots are where a node sends gradients, one for each input.
type slots struct {
	t   *Tape
	ins []int
}

// at returns the gradient of input i, nil if that is a constant. A fresh one holds
// anything: the first sender overwrites it, which spares large ones the zeros.
func (s slots) at(i int) (to []float64, fresh bool) {
	id := s.ins[i]
	if id < 0 {
		return nil, false
	}
	n := &s.t.nodes[id]
	if fresh = n.grad == nil; fresh {
		fresh = s.t.place(n)
	}
	return n.grad, fresh
}

// single is where the gradient of input i goes in float32, as zeros to be added to: in the
// place of a caller that nothing has reached. Elsewhere it is nil, and at is the way.
func (s slots) single(i int) []float32 {
	if id := s.ins[i]; id >= 0 && s.t.nodes[id].grad == nil {
		return s.t.nodes[id].into.narrow()
	}
	return nil
}

// recordSends is Record for operations that look at freshness.
func recordSends(out Value, ins []Value, sends func(g []float64, to slots)) Value {
	t := TapeOf(ins...)
	if t == nil {
		return out
	}
	out = t.push(out, ins, nil)
	t.nodes[out.id].sends = sends
	return out
}

func (t *Tape) push(out Value, ins []Value, back func(g []float64, acc [][]float64)) Value {
	if t.done {
		panic("ad: the tape was already played back; Reset it before recording more")
	}
	from := len(t.ins)
	for _, in := range ins {
		id := -1
		if in.live() != nil {
			id = in.id
		}
		t.ins = append(t.ins, id)
	}
	out.tape, out.id, out.gen = t, len(t.nodes), t.gen.Load()
	t.nodes = append(t.nodes, node{back: back, size: len(out.Data), from: from, to: len(t.ins)})
	return out
}

// live returns the tape that v is recorded on, nil when v is a constant.
func (v Value) live() *Tape {
	if v.tape == nil || v.gen != v.tape.gen.Load() {
		return nil
	}
	return v.tape
}

// Recorded reports whether gradients flow into v.
func (v Value) Recorded() bool { return v.live() != nil }

// Backward sends the gradient of the 1×1 value v to everything it was computed
// from. It runs once in a generation; afterwards [Value.Grad] returns the results.
func (v Value) Backward() { _ = v.BackwardUntil(func() error { return nil }) }

// BackwardUntil is Backward, and asks stop before each operation: its first error ends the
// way back, and leaves gradients that are good for nothing. Many goroutines may call stop.
func (v Value) BackwardUntil(stop func() error) error {
	t := v.live()
	if t == nil {
		panic("ad: Backward: this value was not computed from a watched one")
	}
	if len(v.Data) != 1 {
		panic("ad: Backward: needs a 1×1 value, this one is " + v.Shape())
	}
	if t.done {
		panic("ad: Backward: already ran in this generation; Reset the tape first")
	}
	t.done, t.stop = true, stop
	defer func() { t.stop = nil }()
	t.grad(v.id)[0] = 1
	for i := v.id; i >= 0; i-- {
		n := &t.nodes[i]
		if n.grad == nil || n.back == nil && n.sends == nil {
			continue
		}
		if err := stop(); err != nil {
			return err
		}
		if n.sends != nil {
			n.sends(n.grad, slots{t, t.ins[n.from:n.to]})
			continue
		}
		t.acc = t.acc[:0]
		for _, in := range t.ins[n.from:n.to] {
			if in < 0 {
				t.acc = append(t.acc, nil)
			} else {
				t.acc = append(t.acc, t.grad(in))
			}
		}
		n.back(n.grad, t.acc)
	}
	return nil
}

// Stopped is the error of the stop of a [Value.BackwardUntil] that is under way, and nil
// where it goes on. An operation whose way back is long asks it from time to time, from
// any goroutine, and leaves when there is one.
func (t *Tape) Stopped() error {
	if t == nil || t.stop == nil {
		return nil
	}
	return t.stop()
}

// Grad returns the gradient that Backward brought to v, row by row like Data; nil
// for constants, zeros where none arrived. It belongs to the tape: valid until Reset.
func (v Value) Grad() []float64 {
	t := v.live()
	if t == nil {
		return nil
	}
	return t.grad(v.id)
}

func (t *Tape) grad(id int) []float64 {
	n := &t.nodes[id]
	if n.grad == nil && t.place(n) {
		clear(n.grad)
	}
	return n.grad
}

// place gives a node a place for its gradient, and reports whether that holds anything
// instead of what arrived so far.
func (t *Tape) place(n *node) (fresh bool) {
	if n.into != nil {
		n.grad, fresh = n.into.widen()
		return fresh
	}
	n.grad = t.grads.take(n.size)
	return true
}

// A pool hands out slices and takes all of them back at once. Slices are
// kept by length: an unroll asks for the same lengths again and again.
type pool[T float32 | float64] struct {
	free, used map[int][][]T
}

func (p *pool[T]) get(n int) []T {
	s := p.take(n)
	clear(s)
	return s
}

// take is get without the zeros.
func (p *pool[T]) take(n int) []T {
	if p.used == nil {
		p.free, p.used = map[int][][]T{}, map[int][][]T{}
	}
	var s []T
	if f := p.free[n]; len(f) > 0 {
		s = f[len(f)-1]
		p.free[n] = f[:len(f)-1]
	} else {
		s = make([]T, n)
	}
	p.used[n] = append(p.used[n], s)
	return s
}

func (p *pool[T]) reset() {
	for n, used := range p.used {
		p.free[n] = append(p.free[n], used...)
		p.used[n] = used[:0]
	}
}
