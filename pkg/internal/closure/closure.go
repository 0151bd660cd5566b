// Package closure tells function values apart, which Go does not compare.
package closure

import "unsafe"

// An ID is the identity of a function value, 0 for nil. It keeps the function alive, so
// that no other one gets the same.
type ID unsafe.Pointer

// Of is the identity of the function that f points to: of one closure, not of the code that
// it shares with others. A function that somebody put in the place of another, a wrapper
// among them, has another one.
func Of[F any](f *F) ID { return *(*ID)(unsafe.Pointer(f)) }
