package linear

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// Func is the linear map of a pair of functions that a user gives: forward puts Ax of m = rows
// numbers into dst, adjoint Aᵀy of n = cols numbers, and dst holds zeros before. Both may
// be called from several goroutines at once. [Check] finds out whether they belong
// together.
//
// Norm and Bound come from Lanczos with a random start, see [Operator].
func Func(rows, cols int, forward, adjoint func(dst, x []float64)) Operator {
	zeroed := func(f func(dst, x []float64)) func(dst, x []float64) {
		return func(dst, x []float64) { clear(dst); f(dst, x) }
	}
	a := Operator{
		Name: "function", Rows: rows, Cols: cols,
		Err: errors.Join(sizes("a pair of functions", rows, cols),
			check.That(forward != nil && adjoint != nil, "a pair of functions needs both of them, A and its adjoint")),
	}
	if a.Err != nil {
		return a
	}
	a.Forward, a.Adjoint = zeroed(forward), zeroed(adjoint)
	return a.estimated(nil)
}

// Identity is x itself, for n numbers.
func Identity(n int) Operator {
	same := func(x ad.Value) ad.Value { return x }
	move := func(dst, x []float64) { copy(dst, x) }
	return Operator{
		Name: "identity", Rows: n, Cols: n, Forward: move, Adjoint: move,
		apply: same, transpose: same, Err: sizes("the identity", n, n),
	}.exactly(1)
}

// Diagonal is diag(d): Compose(Diagonal(d), a) weights the rows of a, as samples are
// weighted, and Compose(a, Diagonal(d)) its columns.
func Diagonal(d []float64) Operator {
	d = slices.Clone(d)
	var top float64
	for _, v := range d {
		top = max(top, math.Abs(v))
	}
	times := func(dst, x []float64) {
		for i, v := range d {
			dst[i] = v * x[i]
		}
	}
	return Operator{
		Name: "diagonal", Rows: len(d), Cols: len(d), Forward: times, Adjoint: times,
		Err: errors.Join(sizes("a diagonal", len(d), len(d)), check.Values("the diagonal", ad.New(len(d), 1, d))),
	}.exactly(top)
}

// Mask keeps the entries i of n numbers with i in keep, in that order: what was seen of an
// image or of a matrix. Its norm is 1.
func Mask(n int, keep []int) Operator {
	keep = slices.Clone(keep)
	return Operator{
		Name: "mask", Rows: len(keep), Cols: n,
		Forward: func(dst, x []float64) {
			for i, j := range keep {
				dst[i] = x[j]
			}
		},
		Adjoint: func(dst, y []float64) {
			clear(dst)
			for i, j := range keep {
				dst[j] = y[i]
			}
		},
		Err: errors.Join(sizes("a mask", len(keep), n), distinct(n, keep)),
	}.exactly(1)
}

// distinct refuses indices outside of n entries, and those that come twice.
func distinct(n int, keep []int) error {
	seen := make([]bool, max(n, 0))
	for i, j := range keep {
		switch {
		case j < 0 || j >= n:
			return fmt.Errorf("a mask of %d entries keeps entry %d (number %d of its list): there are 0 to %d", n, j, i, n-1)
		case seen[j]:
			return fmt.Errorf("a mask keeps entry %d twice (the second is number %d of its list)", j, i)
		}
		seen[j] = true
	}
	return nil
}

// Difference is x ↦ (x₂ − x₁, …, xₙ − xₙ₋₁), n−1 numbers. Its norm is 2cos(π/2n), below 2.
func Difference(n int) Operator {
	return Operator{
		Name: "difference", Rows: n - 1, Cols: n,
		Forward: func(dst, x []float64) {
			for i := range dst {
				dst[i] = x[i+1] - x[i]
			}
		},
		Adjoint: func(dst, y []float64) {
			clear(dst)
			for i, v := range y {
				dst[i] -= v
				dst[i+1] += v
			}
		},
		Err: check.That(n >= 2, "differences of %d numbers: there have to be at least 2", n),
	}.exactly(2 * math.Cos(math.Pi/float64(2*max(n, 1))))
}

// Gradient is the discrete gradient of an h×w image: h·w differences to the right
// neighbour, above h·w differences to the one below, with zeros at the far edges, so that
// rows i and h·w+i belong to pixel i ([Chambolle 2004]). ‖Gradient·x‖₁ is the
// anisotropic total variation, and with a group for each pixel it is the isotropic one.
//
// Its norm, from the eigenvalues 2 − 2cos(πk/h) + 2 − 2cos(πl/w) of the Laplacian, is
// 2√(cos²(π/2h) + cos²(π/2w)), below √8.
//
// [Chambolle 2004]: https://doi.org/10.1023/B:JMIV.0000011325.36760.1e
func Gradient(h, w int) Operator {
	n := h * w
	return Operator{
		Name: "gradient", Rows: 2 * n, Cols: n,
		Forward: func(dst, x []float64) {
			clear(dst)
			right, below := dst[:n], dst[n:]
			for at := 0; at < n; at += w {
				to, row := right[at:at+w], x[at:at+w]
				for j := range w - 1 {
					to[j] = row[j+1] - row[j]
				}
			}
			for i, v := range x[min(w, n):] {
				below[i] = v - x[i]
			}
		},
		Adjoint: func(dst, y []float64) {
			clear(dst)
			right, below := y[:n], y[n:]
			for at := 0; at < n; at += w {
				to, row := dst[at:at+w], right[at:at+w]
				for j, v := range row[:w-1] {
					to[j] -= v
					to[j+1] += v
				}
			}
			for i, v := range below[:max(n-w, 0)] {
				dst[i] -= v
				dst[i+w] += v
			}
		},
		Err: errors.Join(sides(h, w), check.That(n >= 2, "the gradient of an image of %d×%d: it has to have at least 2 pixels", h, w)),
	}.exactly(2 * math.Hypot(math.Cos(math.Pi/float64(2*max(h, 1))), math.Cos(math.Pi/float64(2*max(w, 1)))))
}

// sizes refuses what has no rows or no columns, or so many that no vector fits into memory.
func sizes(what string, rows, cols int) error {
	return check.That(rows > 0 && cols > 0 && max(rows, cols) <= 1<<40, "%s is %d×%d: it has to have rows and columns, and to fit into memory", what, rows, cols)
}

// sides is sizes for an image, which is a column of h·w numbers.
func sides(h, w int) error {
	if err := sizes("an image", h, w); err != nil {
		return err
	}
	return check.That(h <= 1<<40/w, "an image of %d×%d does not fit into memory", h, w)
}
