// Package par is the one parallel loop.
package par

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Each calls f(worker, i) for 0 ≤ i < n from so many workers at once, 0 for one on each
// core, and returns when all calls have. Workers are numbered from 0, so that each can
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
		workers = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var wait sync.WaitGroup
	for w := range min(workers, n) {
		wait.Go(func() {
			for !failed.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
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
