// Package prox holds proximal maps,
//
//	prox_{t·r}(v) = argmin over x of r(x) + ‖x − v‖²/(2t),
//
// as operations that a tape can differentiate. Where a map has a kink, the
// derivative of the flat or inactive side is taken. Each map has a slow twin in
// the tests that minimises the definition.
package prox

import (
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
)

// Soft is the soft threshold sign(v)·max(|v| − t, 0), the proximal map of t‖x‖₁.
// t is 1×1, one threshold for all, or has the shape of v, one per entry; gradients
// flow into both. A negative t lengthens |v| by −t where v ≠ 0, which is what the
// formula says and what networks that learn their thresholds may run into.
func Soft(v, t ad.Value) ad.Value {
	each := t.R == v.R && t.C == v.C
	if !each && t.Len() != 1 {
		panic(fmt.Sprintf("prox: Soft: %s by threshold %s; it has to be 1×1 or of the same shape", v.Shape(), t.Shape()))
	}
	out := ad.New(v.R, v.C, nil)
	switch {
	case slices.ContainsFunc(t.Data, func(s float64) bool { return s < 0 }):
		lengthen(out.Data, v.Data, t.Data)
	case each:
		kern.SoftEach64(out.Data, v.Data, t.Data)
	default:
		kern.Soft64(out.Data, v.Data, t.Data[0])
	}
	return ad.Record(out, []ad.Value{v, t}, func(g []float64, acc [][]float64) {
		softBack(g, out.Data, acc[0], acc[1], each)
	})
}

// lengthen is the soft threshold where thresholds may be negative.
func lengthen(dst, v, t []float64) {
	for i, x := range v {
		switch s := t[min(i, len(t)-1)]; {
		case x > s && x > 0:
			dst[i] = x - s
		case x < -s && x < 0:
			dst[i] = x + s
		case x != x || s != s:
			dst[i] = math.NaN()
		}
	}
}

// softBack adds g to the gradient toV of v where the result y is not 0, and takes
// sign(y)·g from the gradient toT of the threshold. It has no branches on y, which no
// processor predicts.
func softBack(g, y, toV, toT []float64, each bool) {
	const signBit = 1 << 63
	var sum float64
	for i, y := range y[:len(g)] {
		b := math.Float64bits(y)
		on := uint64(int64(b<<1|-(b<<1)) >> 63) // all ones unless y is 0
		d := math.Float64bits(g[i]) & on
		if toV != nil {
			toV[i] += math.Float64frombits(d)
		}
		if toT == nil {
			continue
		}
		e := math.Float64frombits(d ^ b&signBit)
		if each {
			toT[i] -= e
		} else {
			sum += e
		}
	}
	if toT != nil && !each {
		toT[0] -= sum
	}
}

// NonNegative is max(v, 0), the projection onto x ≥ 0.
func NonNegative(v ad.Value) ad.Value { return Box(v, 0, math.Inf(1)) }

// Box is the projection onto lo ≤ x ≤ hi.
func Box(v ad.Value, lo, hi float64) ad.Value {
	if !(lo <= hi) {
		panic(fmt.Sprintf("prox: Box: the interval [%g, %g] is empty", lo, hi))
	}
	out := ad.New(v.R, v.C, make([]float64, v.Len()))
	for i, x := range v.Data {
		out.Data[i] = min(max(x, lo), hi)
	}
	return ad.Record(out, []ad.Value{v}, func(g []float64, acc [][]float64) {
		for i, gi := range g {
			if x := v.Data[i]; lo < x && x < hi {
				acc[0][i] += gi
			}
		}
	})
}

// Simplex is the projection of every column of v onto {x ≥ 0, Σx = 1}:
// max(v − τ, 0) with the τ that makes the sum 1 (Held, Wolfe and Crowder 1974).
// A column with NaN stays NaN.
func Simplex(v ad.Value) ad.Value {
	if v.R == 0 {
		panic("prox: Simplex: a column without entries has no projection, " + v.Shape())
	}
	out := ad.New(v.R, v.C, make([]float64, v.Len()))
	support := make([]int, v.C)
	col := make([]float64, v.R)
	for j := range v.C {
		for i := range v.R {
			col[i] = v.Data[i*v.C+j]
		}
		slices.SortFunc(col, func(a, b float64) int {
			if a > b {
				return -1
			}
			return 1
		})
		var sum, tau float64
		for i, x := range col {
			if sum += x; x-(sum-1)/float64(i+1) <= 0 {
				break
			}
			tau, support[j] = (sum-1)/float64(i+1), i+1
		}
		for i := range v.R {
			x := v.Data[i*v.C+j]
			out.Data[i*v.C+j] = max(x-tau, 0)
			if math.IsNaN(sum) {
				out.Data[i*v.C+j] = math.NaN()
			}
		}
	}
	return ad.Record(out, []ad.Value{v}, func(g []float64, acc [][]float64) {
		for j := range v.C {
			var mean float64
			for i := range v.R {
				if out.Data[i*v.C+j] > 0 {
					mean += g[i*v.C+j] / float64(support[j])
				}
			}
			for i := range v.R {
				if out.Data[i*v.C+j] > 0 {
					acc[0][i*v.C+j] += g[i*v.C+j] - mean
				}
			}
		}
	})
}
