package completion

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// entries lists the observed entries line by line, a line being a row or, in the
// transposed list, a column: those of line i are start[i] to start[i+1], in rising
// order of the place at.
type entries struct {
	start []int
	at    []int32
	value []float64
}

// sorted returns the entries by rows and by columns, in an order that does not depend
// on the one they came in.
func (o Observed) sorted() (byRow, byCol entries) {
	first := make([]int, len(o.Value))
	for k := range first {
		first[k] = k
	}
	cols, colStart := bucket(first, o.Col, o.Cols)
	rows, rowStart := bucket(cols, o.Row, o.Rows)
	cols, _ = bucket(rows, o.Col, o.Cols)
	return o.list(rows, rowStart, o.Col), o.list(cols, colStart, o.Row)
}

func (o Observed) list(order, start, at []int) entries {
	e := entries{start: start, at: make([]int32, len(order)), value: make([]float64, len(order))}
	for i, k := range order {
		e.at[i], e.value[i] = int32(at[k]), o.Value[k]
	}
	return e
}

// bucket sorts the order by key < n and keeps it where keys are equal; start[i] is
// where key i begins.
func bucket(order, key []int, n int) (sorted, start []int) {
	start = make([]int, n+1)
	for _, k := range key {
		start[k+1]++
	}
	for i := range n {
		start[i+1] += start[i]
	}
	next, sorted := append([]int{}, start...), make([]int, len(order))
	for _, k := range order {
		sorted[next[key[k]]] = k
		next[key[k]]++
	}
	return sorted, start
}

// sweep returns ½Σ e² with e = ⟨aᵢ, b_j⟩ − r over the entries and adds the gradient
// Σ e·b_j of every line to g, which may be nil.
func (e *entries) sweep(p int, a, b, g []float64) (half float64) {
	for i := range len(e.start) - 1 {
		ai := a[i*p:][:p]
		for k := e.start[i]; k < e.start[i+1]; k++ {
			bj := b[int(e.at[k])*p:][:p]
			off := kern.ShortDot(ai, bj) - e.value[k]
			half += off * off
			if g != nil {
				kern.ShortAxpy(off, bj, g[i*p:][:p])
			}
		}
	}
	return half / 2
}

// back takes the adjoint h of the gradient in a to a and b: with t = ⟨hᵢ, b_j⟩,
// t·b_j to aᵢ and t·aᵢ + e·hᵢ to b_j. Where an accumulator is nil nothing is added.
func (e *entries) back(p int, a, b, h, toA, toB []float64) {
	for i := range len(e.start) - 1 {
		ai, hi := a[i*p:][:p], h[i*p:][:p]
		for k := e.start[i]; k < e.start[i+1]; k++ {
			j := int(e.at[k]) * p
			bj := b[j:][:p]
			t := kern.ShortDot(hi, bj)
			if toA != nil {
				kern.ShortAxpy(t, bj, toA[i*p:][:p])
			}
			if toB != nil {
				kern.ShortAxpy(t, ai, toB[j:][:p])
				kern.ShortAxpy(kern.ShortDot(ai, bj)-e.value[k], hi, toB[j:][:p])
			}
		}
	}
}

// terms are the data part ½‖P_Ω(R − UVᵀ)‖² and its gradient in a block.
type terms struct{ f, g ad.Value }

// data computes those of the two that are wanted from one pass over the entries, as
// recorded operations of U and V.
func (c *Data) data(x optimizee.Point, block string, value, gradient bool) (t terms) {
	u, v := x.At("U"), x.At("V")
	if u.R != c.Rows || v.R != c.Cols || u.C != v.C {
		panic(fmt.Sprintf("completion: U is %s and V is %s for a %d×%d matrix", u.Shape(), v.Shape(), c.Rows, c.Cols))
	}
	own, a, b := &c.byRow, u, v
	if block == "V" {
		own, a, b = &c.byCol, v, u
	}
	p, slope := u.C, []float64(nil)
	if gradient {
		slope = make([]float64, a.Len())
	}
	half := own.sweep(p, a.Data, b.Data, slope)
	if value {
		tape := ad.TapeOf(u, v)
		t.f = ad.Record(ad.Scalar(half), []ad.Value{u, v}, func(bar []float64, acc [][]float64) {
			for i, side := range []struct {
				e    *entries
				a, b ad.Value
			}{{&c.byRow, u, v}, {&c.byCol, v, u}} {
				if acc[i] != nil {
					g := tape.Scratch(side.a.Len())
					side.e.sweep(p, side.a.Data, side.b.Data, g)
					kern.Axpy64(bar[0], g, acc[i])
				}
			}
		})
	}
	if gradient {
		t.g = ad.Record(ad.New(a.R, a.C, slope), []ad.Value{a, b}, func(bar []float64, acc [][]float64) {
			own.back(p, a.Data, b.Data, bar, acc[0], acc[1])
		})
	}
	return t
}
