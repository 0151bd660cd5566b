//go:build (amd64 || arm64) && !purego

package kern

import (
	"runtime"
	"sync/atomic"
	"time"
)

// share runs both functions, which must not depend on one another: the second on
// another core if one is free to take it at once, else here after the first. Which of
// the two it was shows nowhere but in the time.
//
// Starting a goroutine for work of a few microseconds costs more than it saves. So
// there is one helper, which stays for patience after what it did last, looking for
// more: iterations of a method follow one another faster than that. Where all cores
// are busy no goroutine takes the second half, and the price is one goroutine that waits for
// its turn and finds nothing to do.
func share(first, second func()) {
	if runtime.GOMAXPROCS(0) == 1 {
		first()
		second()
		return
	}
	e := &errand{do: second}
	desk.Store(e)
	if !helping.Load() && helping.CompareAndSwap(false, true) {
		go help()
	}
	first()
	if e.take() {
		second()
	} else {
		e.wait()
	}
	e.do = nil // the desk may keep e, but nothing that it holds
}

// An errand is work that the first free goroutine takes.
type errand struct {
	do    func()
	state atomic.Int32
}

// States of an errand.
const (
	open = iota
	taken
	done
)

func (e *errand) take() bool { return e.state.Load() == open && e.state.CompareAndSwap(open, taken) }

// wait returns when the errand is done. A helper that lost its core gets this one.
func (e *errand) wait() {
	for start := time.Now(); e.state.Load() != done; {
		if time.Since(start) > patience {
			runtime.Gosched()
		}
	}
}

var (
	desk    atomic.Pointer[errand] // the latest
	helping atomic.Bool            // a helper is there or on its way
)

// patience is for how long a core may look for something to do.
const patience = 20 * time.Microsecond

// help does errands until none came for a while.
func help() {
	for last := time.Now(); time.Since(last) < patience; {
		if e := desk.Load(); e.take() {
			e.do()
			e.state.Store(done)
			last = time.Now()
		}
	}
	helping.Store(false)
}
