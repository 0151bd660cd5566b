package nn

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/internal/tiles"
)

// A Rowwise is a function in which no row sees another: row i of what it returns is made of
// row i of each of the rows, of what all rows share, and of parameters.
type Rowwise func(th Params, rows, shared []ad.Value) ad.Value

// ByTiles is f(th, rows, shared) for many rows. On a tape f keeps all that it computes for
// its way back; width says how many numbers that is for a row. Where it is much, ByTiles
// keeps the arguments and the result alone. On the way back f is computed again for
// one tile of rows after the other, on a small tape: one more forward pass, in return for a
// memory of few numbers for each row, and with all cores at work. Gradients of what rows
// share are added in the order of the tiles, so bits do not depend on the number of
// cores, and whether it is done depends on shapes alone.
func (f Rowwise) ByTiles(th Params, rows, shared []ad.Value, width int) ad.Value {
	n := rows[0].R
	for _, v := range rows {
		if v.R != n {
			panic(fmt.Sprintf("nn: ByTiles: arguments of %s and %s: each needs a row for each row of the others", rows[0].Shape(), v.Shape()))
		}
	}
	if !tiles.Worth(n, width) {
		return f(th, rows, shared)
	}
	b := byTiles{f: f, n: n, rows: rows, shared: slices.Clone(shared), names: th.Names()}
	for _, name := range b.names {
		b.shared = append(b.shared, th.At(name))
	}
	ins := slices.Concat(rows, b.shared)
	return ad.Record(b.forward(), ins, func(g []float64, acc [][]float64) {
		b.back(ad.TapeOf(ins...), g, acc[:len(rows)], acc[len(rows):])
	})
}

// byTiles is such a call.
type byTiles struct {
	f      Rowwise
	n      int
	rows   []ad.Value
	shared []ad.Value // and the parameters of these names
	names  []string
}

// tile is f of rows lo to hi alone.
func (b byTiles) tile(lo, hi int, rows, shared []ad.Value) ad.Value {
	th, own := NewParams(), len(shared)-len(b.names)
	for i, name := range b.names {
		th.Set(name, shared[own+i])
	}
	y := b.f(th, rows, shared[:own])
	if y.R != hi-lo {
		panic(fmt.Sprintf("nn: ByTiles: %d rows of arguments gave %s", hi-lo, y.Shape()))
	}
	return y
}

// cut is what rows lo to hi are made of, as constants.
func (b byTiles) cut(lo, hi int) (rows, shared []ad.Value) {
	for _, v := range b.rows {
		rows = append(rows, ad.New(hi-lo, v.C, v.Data[lo*v.C:hi*v.C]))
	}
	for _, v := range b.shared {
		shared = append(shared, v.Detach())
	}
	return rows, shared
}

// each calls f for all tiles; those of one job follow each other.
func (b byTiles) each(f func(job, lo, hi int) error) error {
	size := tiles.Job(b.n)
	return par.Each(context.Background(), 0, b.jobs(), func(_, j int) error {
		for lo := j * size; lo < min(b.n, (j+1)*size); lo += tiles.Rows {
			if err := f(j, lo, min(b.n, lo+tiles.Rows)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b byTiles) jobs() int { size := tiles.Job(b.n); return (b.n + size - 1) / size }

func (b byTiles) forward() ad.Value {
	var out ad.Value
	var once sync.Once
	_ = b.each(func(_, lo, hi int) error {
		rows, shared := b.cut(lo, hi)
		y := b.tile(lo, hi, rows, shared)
		once.Do(func() { out = ad.New(b.n, y.C, nil) })
		copy(out.Data[lo*y.C:], y.Data)
		return nil
	}) // fails with none of ours
	return out
}

// back adds the gradients of the rows and of what they share.
func (b byTiles) back(tape *ad.Tape, g []float64, toRows, toShared [][]float64) {
	sums := make([][][]float64, b.jobs())
	watch := func(own *ad.Tape, vs []ad.Value, to [][]float64) {
		for i := range vs {
			if to[i] != nil {
				vs[i] = own.Watch(vs[i])
			}
		}
	}
	err := b.each(func(j, lo, hi int) error {
		if err := tape.Stopped(); err != nil {
			return err
		}
		own := tapes.Get().(*ad.Tape)
		defer tapes.Put(own)
		rows, shared := b.cut(lo, hi)
		watch(own, rows, toRows)
		watch(own, shared, toShared)
		y := b.tile(lo, hi, rows, shared)
		if y.Recorded() {
			y.Dot(ad.New(y.R, y.C, g[lo*y.C:hi*y.C])).Backward()
			for i, to := range toRows {
				if to != nil {
					c := rows[i].C
					kern.Axpy64(1, rows[i].Grad(), to[lo*c:hi*c])
				}
			}
			if sums[j] == nil {
				sums[j] = make([][]float64, len(toShared))
			}
			for i, to := range toShared {
				if to == nil {
					continue
				}
				if sums[j][i] == nil {
					sums[j][i] = make([]float64, len(to))
				}
				kern.Axpy64(1, shared[i].Grad(), sums[j][i])
			}
		}
		own.Reset()
		return nil
	})
	if err != nil { // the way back ends here
		return
	}
	for _, sum := range sums {
		for i, s := range sum {
			if s != nil {
				kern.Axpy64(1, s, toShared[i])
			}
		}
	}
}
