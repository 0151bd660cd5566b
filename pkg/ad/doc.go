// Package ad computes with matrices and differentiates what it computed.
//
// A [Value] is an immutable matrix of float64. A [Tape] watches the values that
// a caller wants gradients for, and every operation on a watched value records
// how to send gradients back:
//
//	var tape ad.Tape
//	x := tape.Watch(ad.Col(1, 2, 3))
//	loss := x.Square().Sum()
//	loss.Backward()
//	fmt.Println(x.Grad()) // [2 4 6]
//
// Operations on values that nobody watches record nothing and cost nothing
// extra, so the same code runs a method, trains it, and tests it.
//
// # Generations
//
// [Tape.Reset] starts a new generation: every value recorded before turns into a
// constant. That is all that truncated back-propagation needs; no value has to be
// detached by hand. Values own their data, so they never become invalid unless their owner
// gives them up ([Recycle]); gradients and scratch belong to the tape and are recycled at
// Reset.
//
// # Extension
//
// [Record] registers an operation with a hand-derived backward pass. The fused
// LSTM of package nn and the proximal maps of package prox are built on it.
//
// # Shapes
//
// Vectors are columns (n×1). Element-wise operations broadcast a 1×1 value, a row
// (1×C) or a column (R×1) over an R×C value. Any other mismatch is a mistake in
// the program and panics, naming the operation and both shapes. Images are rows, one for
// each, see [Window].
package ad
