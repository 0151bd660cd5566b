package kernelext

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// grace is how long after Stop a race may take to end by itself.
const grace = 50 * time.Millisecond

// errGone is the outcome of what ended its goroutine instead of returning.
var errGone = errors.New("it ended without a result")

// caught runs what calls a reader's functions: a panic becomes an error that says where it
// came from. What a cell fails with inside of an exercise goes on to it.
func caught[T any](what string, run func() (T, error)) (v T, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			panic(r)
		default:
			err = fmt.Errorf("%s panics: %s%s", what, reason(r), inReaders(fmt.Sprint(r)+string(debug.Stack())))
		}
	}()
	return run()
}

// until is caught, and no longer than the context: what does not end with it is left
// alone, since the process ends soon.
func until[T any](ctx context.Context, what string, run func() (T, error)) (T, error) {
	type end struct {
		v      T
		err    error
		failed any
	}
	done := make(chan end, 1)
	go func() {
		e := end{err: errGone}
		defer func() {
			if r := recover(); r != nil {
				e.failed = r
			}
			done <- e
		}()
		e.v, e.err = caught(what, run)
	}()
	var e end
	select {
	case e = <-done:
	case <-ctx.Done():
		select {
		case e = <-done:
		case <-time.After(grace):
			e.err = fmt.Errorf("%s was stopped: %w", what, ctx.Err())
		}
	}
	if e.failed != nil {
		panic(e.failed)
	}
	return e.v, e.err
}

// reason is what a panic says, without the stack that it brings from a worker.
func reason(r any) string {
	if err, ok := r.(error); ok {
		if re := runtime.Error(nil); errors.As(err, &re) {
			return re.Error()
		}
	}
	text, _, _ := strings.Cut(fmt.Sprint(r), "\n\nin a worker:\n")
	return text
}

// A reader's functions are in package main; closures go by the function around them.
var readers = regexp.MustCompile(`(?m)^main\.(\(?\*?\w+\)?(?:\.[A-Za-z_]\w*)?)`)

var closure = regexp.MustCompile(`\.func\d.*$`)

// inReaders names the reader's function that a stack goes through last, "" where there is
// none.
func inReaders(stack string) string {
	m := readers.FindStringSubmatch(stack)
	if m == nil {
		return ""
	}
	return ", in " + closure.ReplaceAllString(m[1], "")
}
