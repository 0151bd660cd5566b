package linear

import (
	"errors"
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// Triplets is the sparse matrix with the entry v[t] in row i[t] and column j[t], counted
// from 0. Entries of the same place are summed, in their order. It keeps a copy.
//
// Bound is the best of the norm of Frobenius and of bounds of |A|; Norm asks Lanczos, see
// [Operator].
func Triplets(rows, cols int, i, j []int, v []float64) Operator {
	a := Operator{Name: "sparse matrix", Rows: rows, Cols: cols}
	if a.Err = checkTriplets(rows, cols, i, j, v); a.Err != nil {
		return a
	}
	m := compress(rows, cols, i, j, v)
	a.Forward, a.Adjoint = m.forward, m.adjoint
	return a.estimated(func() float64 {
		abs := &csr{m.ptr, m.col, ad.New(len(m.val), 1, m.val).Abs().Data}
		return min(frobenius(m.val), collatz(rows, cols, abs.forward, abs.adjoint))
	})
}

// CSR is the sparse matrix of compressed rows: row i has the entries val[ptr[i]:ptr[i+1]]
// in the columns col[ptr[i]:ptr[i+1]], as scipy.sparse and libsvm's files order them. See
// [Triplets].
func CSR(rows, cols int, ptr, col []int, val []float64) Operator {
	bad := func(format string, args ...any) Operator {
		return Operator{Name: "sparse matrix", Rows: rows, Cols: cols, Err: fmt.Errorf(format, args...)}
	}
	if len(ptr) != rows+1 || len(ptr) == 0 || ptr[0] != 0 || ptr[rows] != len(val) {
		return bad("a sparse matrix of %d rows and %d entries: ptr has to hold %d numbers, from 0 to %d", rows, len(val), rows+1, len(val))
	}
	i := make([]int, len(val))
	for r := range rows {
		if ptr[r] > ptr[r+1] || ptr[r+1] > len(val) {
			return bad("a sparse matrix: row %d goes from entry %d to entry %d of %d", r, ptr[r], ptr[r+1], len(val))
		}
		for t := ptr[r]; t < ptr[r+1]; t++ {
			i[t] = r
		}
	}
	return Triplets(rows, cols, i, col, val)
}

func checkTriplets(rows, cols int, i, j []int, v []float64) error {
	err := errors.Join(sizes("a sparse matrix", rows, cols),
		check.That(len(i) == len(v) && len(j) == len(v), "a sparse matrix of %d rows, %d columns and %d numbers for its entries: they have to be as many", len(i), len(j), len(v)))
	if err != nil {
		return err
	}
	for t := range v {
		if i[t] < 0 || i[t] >= rows || j[t] < 0 || j[t] >= cols {
			return fmt.Errorf("a sparse matrix of %d×%d has entry number %d in row %d, column %d: they count from 0", rows, cols, t, i[t], j[t])
		}
		if math.IsNaN(v[t]) || math.IsInf(v[t], 0) {
			return fmt.Errorf("a sparse matrix holds %g in row %d, column %d: remove or impute it", v[t], i[t], j[t])
		}
	}
	return nil
}

// csr holds compressed rows with ascending columns.
type csr struct {
	ptr, col []int
	val      []float64
}

// compress sorts entries by rows and columns and sums those of one place.
func compress(rows, cols int, i, j []int, v []float64) *csr {
	order := make([]int, len(v))
	for t := range order {
		order[t] = t
	}
	order = sorted(sorted(order, j, cols), i, rows)
	m := &csr{ptr: make([]int, rows+1), col: make([]int, 0, len(v)), val: make([]float64, 0, len(v))}
	for at, t := range order {
		if at > 0 && i[order[at-1]] == i[t] && j[order[at-1]] == j[t] {
			m.val[len(m.val)-1] += v[t]
			continue
		}
		m.col, m.val = append(m.col, j[t]), append(m.val, v[t])
		m.ptr[i[t]+1] = len(m.val)
	}
	for r := range rows { // rows without entries end where the one before does
		m.ptr[r+1] = max(m.ptr[r+1], m.ptr[r])
	}
	return m
}

// sorted returns order sorted by the keys 0 ≤ key[t] < n of its entries t; those with the
// same key stay in their order.
func sorted(order, key []int, n int) []int {
	next := make([]int, n+1)
	for _, k := range key {
		next[k+1]++
	}
	for k := range n {
		next[k+1] += next[k]
	}
	out := make([]int, len(order))
	for _, t := range order {
		out[next[key[t]]] = t
		next[key[t]]++
	}
	return out
}

func (m *csr) forward(dst, x []float64) {
	for i := range dst {
		var sum float64
		val := m.val[m.ptr[i]:m.ptr[i+1]]
		for t, j := range m.col[m.ptr[i]:m.ptr[i+1]] {
			sum += val[t] * x[j]
		}
		dst[i] = sum
	}
}

func (m *csr) adjoint(dst, y []float64) {
	clear(dst)
	for i, s := range y {
		val := m.val[m.ptr[i]:m.ptr[i+1]]
		for t, j := range m.col[m.ptr[i]:m.ptr[i+1]] {
			dst[j] += val[t] * s
		}
	}
}
