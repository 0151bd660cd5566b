package ad

import "github.com/l2olab/l2o/pkg/internal/spare"

// Recycle hands the memory of temporaries, which result was made of, to values to come: at
// once where all of them are constants, and at the next Reset where a tape recorded one. It
// is for values that the caller made and showed to nobody, and whose numbers nobody reads
// again: values own their data, and this is how an owner gives it up. What shares its memory
// with result is left alone.
func Recycle(result Value, temporaries ...Value) {
	tape := result.live()
	for _, v := range temporaries {
		if t := v.live(); t != nil {
			tape = t
		}
	}
	for _, v := range temporaries {
		switch {
		case v.Same(result):
		case tape == nil:
			spare.Give(v.Data)
		default:
			tape.spent = append(tape.spent, v.Data)
		}
	}
}

// Copy returns v in memory of its own: the same numbers and, of a recorded one, the same node
// of the tape. So each of two owners has one.
func (v Value) Copy() Value {
	data := spare.Take(len(v.Data))
	copy(data, v.Data)
	v.Data = data
	return v
}

// blank is an r×c constant whose numbers may be anything, for operations that set them all.
func blank(r, c int) Value { return Value{R: r, C: c, Data: spare.Take(size(r, c))} }

// zeros is one of zeros, for operations that add to them.
func zeros(r, c int) Value { return Value{R: r, C: c, Data: spare.Zeros(size(r, c))} }
