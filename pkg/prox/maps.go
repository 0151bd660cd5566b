package prox

import (
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
)

// clip is the projection onto lo ≤ x ≤ hi. The bounds are 1×1, a row, a column, or of v's
// shape; gradients flow into what each entry came from.
func clip(v, lo, hi ad.Value) ad.Value {
	out, low, high := ad.New(v.R, v.C, nil), place(v, lo), place(v, hi)
	for k, x := range v.Data {
		out.Data[k] = min(max(x, lo.Data[low(k)]), hi.Data[high(k)])
	}
	return ad.Record(out, []ad.Value{v, lo, hi}, func(g []float64, acc [][]float64) {
		for k, gk := range g {
			from, at := 0, k
			switch x := v.Data[k]; {
			case x <= lo.Data[low(k)]:
				from, at = 1, low(k)
			case x >= hi.Data[high(k)]:
				from, at = 2, high(k)
			}
			if acc[from] != nil {
				acc[from][at] += gk
			}
		}
	})
}

// place says which entry of b goes with entry k of v, b being broadcast over v.
func place(v, b ad.Value) func(k int) int {
	if (b.R != 1 && b.R != v.R) || (b.C != 1 && b.C != v.C) {
		panic(fmt.Sprintf("prox: a value of %s has parameters of %s: they have to be 1×1, a row, a column, or of the same shape", v.Shape(), b.Shape()))
	}
	switch {
	case b.Len() == 1:
		return func(int) int { return 0 }
	case b.R == v.R && b.C == v.C:
		return func(k int) int { return k }
	}
	row, col := min(b.R-1, 1)*b.C, min(b.C-1, 1)
	return func(k int) int { return k/v.C*row + k%v.C*col }
}

// where takes the entries of a that are on, and those of b that are not.
func where(on []bool, a, b ad.Value) ad.Value {
	out := ad.New(a.R, a.C, nil)
	for i, yes := range on {
		if yes {
			out.Data[i] = a.Data[i]
		} else {
			out.Data[i] = b.Data[i]
		}
	}
	return ad.Record(out, []ad.Value{a, b}, func(g []float64, acc [][]float64) {
		for i, yes := range on {
			to := acc[1]
			if yes {
				to = acc[0]
			}
			if to != nil {
				to[i] += g[i]
			}
		}
	})
}

// simplex is the projection of every column of v onto {x ≥ 0, Σx = total}: max(v − τ, 0)
// with the τ that makes the sum right (Held, Wolfe and Crowder 1974). The largest entry
// is taken off first, so that no digits are lost where it is large; entries −∞ become 0. A
// column with NaN stays NaN.
func simplex(v, total ad.Value) ad.Value {
	if v.R == 0 {
		panic("prox: a column without entries has no projection onto the simplex, " + v.Shape())
	}
	out, support := ad.New(v.R, v.C, nil), make([]float64, v.C)
	for j := range v.C {
		col := column(v, j)
		top := slices.Max(col)
		for i := range col {
			col[i] -= top
		}
		var tau float64
		tau, support[j] = threshold(col, total.Item())
		for i, x := range col {
			out.Data[i*v.C+j] = max(x-tau, 0)
		}
	}
	return ad.Record(out, []ad.Value{v, total}, func(g []float64, acc [][]float64) {
		for j := range v.C {
			var mean float64
			for k := j; k < len(g); k += v.C {
				if out.Data[k] > 0 {
					mean += g[k] / support[j]
				}
			}
			if acc[1] != nil {
				acc[1][0] += mean
			}
			for k := j; k < len(g) && acc[0] != nil; k += v.C {
				if out.Data[k] > 0 {
					acc[0][k] += g[k] - mean
				}
			}
		}
	})
}

// threshold returns the τ for which Σ max(col − τ, 0) is total, and how many entries are
// above it.
func threshold(col []float64, total float64) (tau, support float64) {
	sorted := slices.Clone(col)
	slices.Sort(sorted)
	slices.Reverse(sorted) // NaN comes last
	if math.IsNaN(sorted[len(sorted)-1]) {
		return math.NaN(), 0
	}
	sum := -total
	for i, x := range sorted {
		if sum += x; !(x-sum/float64(i+1) > 0) { // −∞ among them
			break
		}
		tau, support = sum/float64(i+1), float64(i+1)
	}
	return tau, support
}

// l1Ball is the projection of every column of v onto ‖x‖₁ ≤ radius: signs times the
// projection of |v| onto the simplex (Duchi and others 2008).
func l1Ball(v, radius ad.Value) ad.Value {
	out := make([]bool, v.Len())
	for j := range v.C {
		var sum float64
		for k := j; k < len(out); k += v.C {
			sum += math.Abs(v.Data[k])
		}
		for k := j; k < len(out); k += v.C {
			out[k] = !(sum <= radius.Item())
		}
	}
	if !slices.Contains(out, true) {
		return v
	}
	return where(out, simplex(v.Abs(), radius).Mul(v.Sign()), v)
}

// column is a copy of column j.
func column(v ad.Value, j int) []float64 {
	col := make([]float64, v.R)
	for i := range col {
		col[i] = v.Data[i*v.C+j]
	}
	return col
}

// groups are disjoint sets of rows; nil stands for the one of all rows.
type groups [][]int

// each calls f with the places of every group in every column of v.
func (gs groups) each(v ad.Value, f func(at []int)) {
	if gs == nil {
		gs = groups{places(v.R)}
	}
	var at []int
	for _, rows := range gs {
		for j := range v.C {
			at = at[:0]
			for _, i := range rows {
				if i >= v.R {
					panic(fmt.Sprintf("prox: a group holds row %d of a %s value", i, v.Shape()))
				}
				at = append(at, i*v.C+j)
			}
			f(at)
		}
	}
}

// norm is ‖x‖₂ of some places, without overflow.
func norm(x []float64, at []int) float64 {
	var top, sum float64
	for _, k := range at {
		top = max(top, math.Abs(x[k]))
	}
	if top == 0 {
		return 0
	}
	for _, k := range at {
		sum += x[k] / top * (x[k] / top)
	}
	return top * math.Sqrt(sum)
}

// units divides every group by its norm: x/‖x‖₂, 0 for a group of zeros and outside of all
// groups.
func (gs groups) units(x ad.Value) ad.Value {
	out, norms := ad.New(x.R, x.C, nil), []float64(nil)
	gs.each(x, func(at []int) {
		n := norm(x.Data, at)
		norms = append(norms, n)
		for _, k := range at {
			if n != 0 {
				out.Data[k] = x.Data[k] / n
			}
		}
	})
	return ad.Record(out, []ad.Value{x}, func(g []float64, acc [][]float64) {
		group := 0
		gs.each(x, func(at []int) {
			var along float64
			for _, k := range at {
				along += g[k] * out.Data[k]
			}
			for _, k := range at {
				if norms[group] != 0 {
					acc[0][k] += (g[k] - along*out.Data[k]) / norms[group]
				}
			}
			group++
		})
	})
}

// beyond says which entries are in a group of a norm that is not at most radius.
func (gs groups) beyond(x ad.Value, radius float64) []bool {
	on := make([]bool, x.Len())
	gs.each(x, func(at []int) {
		n := norm(x.Data, at)
		for _, k := range at {
			on[k] = !(n <= radius)
		}
	})
	return on
}

// norms are ‖x‖₂ of all groups of all columns.
func (gs groups) norms(x ad.Value) []float64 {
	var all []float64
	gs.each(x, func(at []int) { all = append(all, norm(x.Data, at)) })
	return all
}

// outside turns on the entries that are in no group.
func (gs groups) outside(x ad.Value, on []bool) {
	in := make([]bool, len(on))
	gs.each(x, func(at []int) {
		for _, k := range at {
			in[k] = true
		}
	})
	for k := range on {
		on[k] = on[k] || !in[k]
	}
}
