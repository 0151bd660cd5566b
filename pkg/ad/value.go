package ad

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Value is an immutable R×C matrix, stored row by row. A Value that was
// computed from a watched one remembers its tape; all others are constants.
// The zero Value is "no value": see [Value.IsZero].
type Value struct {
	R, C int
	Data []float64 // row-major, length R·C; read it, never write it

	tape *Tape
	id   int
	gen  int64
}

// most is more numbers than any machine holds; products of sizes up to it do not overflow.
const most = 1 << (strconv.IntSize/2 + 10)

// New returns an r×c constant that takes over data, or zeros when data is nil.
func New(r, c int, data []float64) Value {
	n := size(r, c)
	if data == nil {
		data = make([]float64, n)
	}
	if len(data) != n {
		panic(fmt.Sprintf("ad: New: %d numbers for a %d×%d value", len(data), r, c))
	}
	return Value{R: r, C: c, Data: data}
}

// size is r·c, of a shape that can be.
func size(r, c int) int {
	if r < 0 || c < 0 {
		panic(fmt.Sprintf("ad: New: negative shape %d×%d", r, c))
	}
	if c > 0 && r > most/c {
		panic(fmt.Sprintf("ad: New: %d×%d numbers fit into no memory", r, c))
	}
	return r * c
}

// Scalar returns a 1×1 constant.
func Scalar(x float64) Value { return New(1, 1, []float64{x}) }

// Col returns a column (n×1) of its arguments.
func Col(xs ...float64) Value { return New(len(xs), 1, slices.Clone(xs)) }

// Row returns a row (1×n) of its arguments.
func Row(xs ...float64) Value { return New(1, len(xs), slices.Clone(xs)) }

// FromLists returns a matrix of its rows, which have to be equally long. It copies them.
func FromLists(rows [][]float64) Value {
	v := Value{R: len(rows), Data: []float64{}}
	for i, row := range rows {
		if v.C = len(rows[0]); len(row) != v.C {
			panic(fmt.Sprintf("ad: FromLists: row %d has %d entries and row 0 has %d", i, len(row), v.C))
		}
		v.Data = append(v.Data, row...)
	}
	return v
}

// Full returns an r×c constant with every entry x.
func Full(r, c int, x float64) Value {
	v := New(r, c, nil)
	for i := range v.Data {
		v.Data[i] = x
	}
	return v
}

// Eye returns the n×n identity.
func Eye(n int) Value {
	v := New(n, n, nil)
	for i := range n {
		v.Data[i*n+i] = 1
	}
	return v
}

// IsZero reports whether v is the zero Value, which stands for "none yet".
func (v Value) IsZero() bool { return v.Data == nil }

// Len returns the number of entries.
func (v Value) Len() int { return len(v.Data) }

// At returns the entry in row i and column j.
func (v Value) At(i, j int) float64 {
	if i < 0 || i >= v.R || j < 0 || j >= v.C {
		panic(fmt.Sprintf("ad: At: entry (%d, %d) of a %d×%d value", i, j, v.R, v.C))
	}
	return v.Data[i*v.C+j]
}

// Item returns the number in a 1×1 value.
func (v Value) Item() float64 {
	if len(v.Data) != 1 {
		panic(fmt.Sprintf("ad: Item: needs a 1×1 value, this one is %d×%d", v.R, v.C))
	}
	return v.Data[0]
}

// IsFinite reports whether no entry is NaN or infinite.
func (v Value) IsFinite() bool {
	for _, x := range v.Data {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// Lists returns the rows, for code that is to read without package ad. They are copies.
func (v Value) Lists() [][]float64 {
	rows := make([][]float64, v.R)
	for i := range rows {
		rows[i] = slices.Clone(v.Data[i*v.C : (i+1)*v.C])
	}
	return rows
}

// Same reports whether v and w are the same value: not equal numbers but the
// very result of one computation, recorded or not.
func (v Value) Same(w Value) bool {
	return len(v.Data) == len(w.Data) && len(v.Data) > 0 && &v.Data[0] == &w.Data[0]
}

// Is reports whether v and w are the same node of a tape in this generation.
func (v Value) Is(w Value) bool {
	return v.live() != nil && v.tape == w.tape && v.id == w.id && v.gen == w.gen
}

// Detach returns v as a constant.
func (v Value) Detach() Value { return Value{R: v.R, C: v.C, Data: v.Data} }

// Shape returns the shape as text, such as "20×40".
func (v Value) Shape() string { return fmt.Sprintf("%d×%d", v.R, v.C) }

// String shows small values in full and of large ones the corner.
func (v Value) String() string {
	const most = 8
	var b strings.Builder
	fmt.Fprintf(&b, "%s", v.Shape())
	for i := range min(v.R, most) {
		b.WriteString("\n[")
		for j := range min(v.C, most) {
			fmt.Fprintf(&b, " %.4g", v.Data[i*v.C+j])
		}
		if v.C > most {
			b.WriteString(" …")
		}
		b.WriteString(" ]")
	}
	if v.R > most {
		b.WriteString("\n…")
	}
	return b.String()
}

// sameShape panics unless a and b have one shape.
func sameShape(op string, a, b Value) {
	if a.R != b.R || a.C != b.C {
		panicShapes(op, a, b)
	}
}

func panicShapes(op string, a, b Value) {
	panic(fmt.Sprintf("ad: %s: %s by %s", op, a.Shape(), b.Shape()))
}
