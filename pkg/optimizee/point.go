package optimizee

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/l2olab/l2o/pkg/ad"
)

// A Point is an iterate: one or more named blocks in a fixed order. It is
// immutable. Arithmetic works block by block and needs the same blocks in both.
type Point struct {
	names []string
	vals  []ad.Value
}

// onlyX are the blocks of most points.
var onlyX = []string{"x"}

// X returns the point with the single block "x".
func X(v ad.Value) Point { return Point{onlyX, []ad.Value{v}} }

// Plus returns p with one more block at the end; Point{}.Plus("U", u).Plus("V", v)
// has two.
func (p Point) Plus(block string, v ad.Value) Point {
	if slices.Contains(p.names, block) {
		panic(fmt.Sprintf("optimizee: block %q is there already, among %q", block, p.names))
	}
	return Point{append(slices.Clone(p.names), block), append(slices.Clone(p.vals), v)}
}

// X returns the first block, the only one of most problems.
func (p Point) X() ad.Value {
	if len(p.vals) == 0 {
		panic("optimizee: this point has no blocks")
	}
	return p.vals[0]
}

// Blocks returns the names of the blocks in order.
func (p Point) Blocks() []string { return slices.Clone(p.names) }

// At returns a block by name; a name that is not there panics.
func (p Point) At(block string) ad.Value { return p.vals[p.index(block)] }

// With returns p with one block replaced.
func (p Point) With(block string, v ad.Value) Point {
	i := p.index(block)
	q := Point{p.names, slices.Clone(p.vals)}
	q.vals[i] = v
	return q
}

func (p Point) index(block string) int {
	i := slices.Index(p.names, block)
	if i < 0 {
		panic(fmt.Sprintf("optimizee: no block %q among %q", block, p.names))
	}
	return i
}

// Map returns the point with f of every block.
func (p Point) Map(f func(block string, v ad.Value) ad.Value) Point {
	q := Point{p.names, make([]ad.Value, len(p.vals))}
	for i, v := range p.vals {
		q.vals[i] = f(p.names[i], v)
	}
	return q
}

func (p Point) zip(q Point, f func(a, b ad.Value) ad.Value) Point {
	if !slices.Equal(p.names, q.names) {
		panic(fmt.Sprintf("optimizee: points of blocks %q and %q", p.names, q.names))
	}
	out := Point{p.names, make([]ad.Value, len(p.vals))}
	for i := range p.vals {
		out.vals[i] = f(p.vals[i], q.vals[i])
	}
	return out
}

// Add returns p + q.
func (p Point) Add(q Point) Point { return p.zip(q, ad.Value.Add) }

// Sub returns p − q.
func (p Point) Sub(q Point) Point { return p.zip(q, ad.Value.Sub) }

// Scale returns s·p.
func (p Point) Scale(s float64) Point {
	return p.Map(func(_ string, v ad.Value) ad.Value { return v.Scale(s) })
}

// Dot returns the inner product over all blocks, as a number.
func (p Point) Dot(q Point) float64 {
	var s float64
	p.zip(q, func(a, b ad.Value) ad.Value {
		s += a.Detach().Dot(b.Detach()).Item()
		return a
	})
	return s
}

// Norm returns ‖p‖, over all blocks, of numbers whose squares leave the range too.
func (p Point) Norm() float64 {
	if square := p.Dot(p); square > 1e-280 && square <= math.MaxFloat64 {
		return math.Sqrt(square)
	}
	var size float64
	for _, v := range p.vals {
		size = math.Hypot(size, floats.Norm(v.Data, 2))
	}
	return size
}

// Detach returns p as constants.
func (p Point) Detach() Point {
	return p.Map(func(_ string, v ad.Value) ad.Value { return v.Detach() })
}

// IsZero reports whether p is the zero Point, which stands for "none yet".
func (p Point) IsZero() bool { return len(p.vals) == 0 }

// Same reports whether p and q are the very same iterate, not just equal numbers.
// A step recognises by it the point that it returned itself.
func (p Point) Same(q Point) bool {
	return !p.IsZero() && slices.Equal(p.names, q.names) && slices.EqualFunc(p.vals, q.vals, ad.Value.Same)
}

// IsFinite reports whether no entry is NaN or infinite.
func (p Point) IsFinite() bool {
	return !slices.ContainsFunc(p.vals, func(v ad.Value) bool { return !v.IsFinite() })
}
