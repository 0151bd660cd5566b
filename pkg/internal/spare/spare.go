// Package spare keeps vectors that nobody reads any more for the next ones of their length:
// to make and to collect one of 500 numbers costs more than to compute with it.
package spare

import (
	"maps"
	"math"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Shorter vectors than least are cheaper to make than to keep; those below few, of which
// small problems are made, have their shelves in a table.
const least, few = 16, 1024

// shelves are pools, one for each length: near has the short lengths, far all others that
// were ever given.
type shelves[T float32 | float64] struct {
	near    [few]sync.Pool
	far     atomic.Pointer[map[int]*sync.Pool]
	growing sync.Mutex
}

var (
	wide   shelves[float64]
	narrow shelves[float32]
)

// Poison is for tests: where it is set, vectors that are given are filled with a NaN of its
// own, and none of them is taken again, so that a late reader shows in the results,
// and giving one twice panics.
var Poison atomic.Bool

const poison, poison32 = 0x7ff8_dead_dead_dead, 0x7fc0_dead // the bits of that NaN

// Take returns n numbers that may be anything, for callers that overwrite them all.
func Take(n int) []float64 { return wide.take(n) }

// Take32 is Take in float32.
func Take32(n int) []float32 { return narrow.take(n) }

// Zeros is Take with zeros.
func Zeros(n int) []float64 {
	s := Take(n)
	clear(s)
	return s
}

// Give hands s over: nobody may read or write it from now on.
func Give(s []float64) {
	if Poison.Load() && len(s) >= least {
		if math.Float64bits(s[0]) == poison {
			panic("spare: a vector was given twice")
		}
		fill(s, math.Float64frombits(poison))
		return
	}
	wide.give(s)
}

// Give32 is Give in float32.
func Give32(s []float32) {
	if Poison.Load() && len(s) >= least {
		if math.Float32bits(s[0]) == poison32 {
			panic("spare: a vector was given twice")
		}
		fill(s, math.Float32frombits(poison32))
		return
	}
	narrow.give(s)
}

func fill[T float32 | float64](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}

func (l *shelves[T]) take(n int) []T {
	if n >= least {
		if shelf := l.find(n); shelf != nil {
			if first, ok := shelf.Get().(*T); ok {
				return unsafe.Slice(first, n)
			}
		}
	}
	return make([]T, n)
}

func (l *shelves[T]) give(s []T) {
	if len(s) < least {
		return
	}
	shelf := l.find(len(s))
	if shelf == nil {
		shelf = l.add(len(s))
	}
	shelf.Put(&s[0])
}

// find returns the shelf for a length, nil where there is none yet.
func (l *shelves[T]) find(n int) *sync.Pool {
	if n < few {
		return &l.near[n]
	}
	if all := l.far.Load(); all != nil {
		return (*all)[n]
	}
	return nil
}

// add puts up a shelf, unless somebody else did.
func (l *shelves[T]) add(n int) *sync.Pool {
	l.growing.Lock()
	defer l.growing.Unlock()
	if shelf := l.find(n); shelf != nil {
		return shelf
	}
	more := map[int]*sync.Pool{n: new(sync.Pool)}
	if all := l.far.Load(); all != nil {
		maps.Copy(more, *all)
	}
	l.far.Store(&more)
	return more[n]
}
