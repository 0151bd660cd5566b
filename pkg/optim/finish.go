package optim

import (
	"reflect"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// RememberLast is [Remember] for steps that keep none of the points that they returned but
// the last one: a loop that keeps none either may take the others back, see [KeepsLast]. What
// a run holds besides, end gives up when the loop ends it by [Finish]; nil for nothing.
//
//go:noinline
func RememberLast(begin func(x0 optimizee.Point) Step, end func()) Step {
	step, ended := Remember(begin), false
	return func(x optimizee.Point) optimizee.Point {
		switch {
		case ended:
			panic("optim: a step of a run that Finish has ended")
		case x.Same(theEnd):
			if ended = true; end != nil {
				end()
			}
			return x
		}
		return step(x)
	}
}

// RememberUnseen is [RememberLast] for steps that also show no point that they returned to an
// oracle of the problem: but for the last one nobody knows of it but the caller.
//
//go:noinline
func RememberUnseen(begin func(x0 optimizee.Point) Step) Step {
	step := RememberLast(begin, nil)
	return func(x optimizee.Point) optimizee.Point { return step(x) }
}

var (
	theEnd  = optimizee.X(ad.Scalar(0))                         // what Finish shows to a step
	theLast = reflect.ValueOf(RememberLast(nil, nil)).Pointer() // the code of all that RememberLast returns: one, because it is not inlined

	theUnseen = reflect.ValueOf(RememberUnseen(nil)).Pointer()
)

// KeepsLast reports whether a step is known to keep no point that it returned but the last
// one, because [RememberLast] or [RememberUnseen] made it. A step that wraps such a one is another.
func KeepsLast(s Step) bool { return reflect.ValueOf(s).Pointer() == theLast || Unseen(s) }

// Unseen reports whether a step is known to be one of [RememberUnseen].
func Unseen(s Step) bool { return reflect.ValueOf(s).Pointer() == theUnseen }

// Finish ends a run whose points nobody asks for any more, if its step is one of
// [RememberLast], so that runs to come use its memory. It is for the loop that started the
// run, and its last call: the next step panics.
func Finish(s Step) {
	if KeepsLast(s) {
		s(theEnd)
	}
}
