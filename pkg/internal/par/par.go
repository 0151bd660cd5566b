// Package par is the parallel loop, [Each] over items and [Share] over the tiles of one
// operation, and the one way to leave what a context has ended.
package par

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// busy is how many workers there are in the process, those among them that wait for a
// loop inside of theirs.
var busy atomic.Int64

// free is how many workers a loop gets: as many as there are cores without a worker, and
// one in any case, which takes the place of the worker that waits for it.
func free() int {
	procs := runtime.GOMAXPROCS(0)
	return min(procs, 1+max(0, procs-int(busy.Load())))
}

// Each calls f(worker, i) for 0 ≤ i < n from so many workers at once, 0 for one on each
// core that is free, and returns when all calls have. Workers are numbered from 0, so that each can
// have scratch of its own. Items are taken one by one in order, since some last longer
// than others; f leaves results under their index, so that they do not depend on the
// number of workers.
//
// After an error or a panic, or when the context ends, no further item begins. Each
// returns the error of the lowest index, which is the same for any number of workers
// because everything before it has begun; where no item failed, that of the context. A
// panic takes the place of an error: it goes on in the caller as a [*PanicError].
func Each(ctx context.Context, workers, n int, f func(worker, i int) error) error {
	if workers < 1 {
		workers = free()
	}
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var wait sync.WaitGroup
	for w := range min(workers, n) {
		busy.Add(1)
		wait.Go(func() {
			defer busy.Add(-1)
			for !failed.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				delay()
				if errs[i] = call(f, w, i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wait.Wait()
	err := cmp.Or(errs...)
	if p, ok := err.(*PanicError); ok { //nolint:errorlint // a panic that f caught elsewhere and returned stays an error
		panic(p)
	}
	return cmp.Or(err, ctx.Err())
}

// grace is how long after the end of its context what [Until] runs may take to end by itself.
const grace = 50 * time.Millisecond

// Until returns what f returns or, where the context ends and f does not soon after it, the
// error of the context. What looks at the context ends by itself; a norm, a factorisation or
// a single step of a large problem cannot look. Until leaves that alone: it goes on to its
// own end, unseen. So a caller that gets an error reads nothing that f may still write.
// A panic goes on in the caller as a [*PanicError].
func Until(ctx context.Context, f func() error) error {
	if ctx == nil {
		panic("the context is nil: context.Background() is one that never ends")
	}
	if ctx.Done() == nil {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- call(func(int, int) error { return f() }, 0, 0) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(grace):
			return ctx.Err()
		}
	}
	if p, ok := err.(*PanicError); ok { //nolint:errorlint // as in Each
		panic(p)
	}
	return err
}

func call(f func(worker, i int) error, worker, i int) (err error) {
	defer func() {
		if v := recover(); v != nil {
			p, ok := v.(*PanicError) // of a loop inside this one
			if !ok {
				p = &PanicError{v, debug.Stack()}
			}
			err = p
		}
	}()
	return f(worker, i)
}

// PanicError is a panic of a worker on its way through the caller.
type PanicError struct {
	Value any
	Stack []byte // of the worker
}

// Error returns the value and the worker's stack.
func (p *PanicError) Error() string { return fmt.Sprintf("%v\n\nin a worker:\n%s", p.Value, p.Stack) }

// Unwrap returns the value if it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}
