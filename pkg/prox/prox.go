// Package prox holds regularisers r, the non-smooth part of F = f + r, with their proximal
// maps
//
//	prox_{t·r}(v) = argmin over x of r(x) + ‖x − v‖²/(2t)
//
// as operations that a tape can differentiate, in v and in t. Where a map has a kink, the
// derivative of the flat or inactive side is taken. Each map has a slow twin in the tests
// that minimises the definition.
//
//	separable  None L1 WeightedL1 ElasticNet SquaredL2 Huber Linear
//	           NonNegative Box BoxEach Equal
//	columns    Group L2 LInf TotalVariation Nuclear SquaredDistance
//	           Simplex L1Ball L2Ball Halfspace Affine
//	made       Sum, and of one r: Translate Scale Stretch Moreau Rows
//
// A separable r is a sum over entries, and its map takes a step for each of them. The others
// act on each column of x, which is an instance by itself, and r is the sum over columns.
//
// A set is the r that is 0 in it and +Inf outside. A point counts as inside up to 1e-9 of the
// largest number that takes part, so that projections are inside however they are rounded.
// [Check] tests one of your own.
//
// What stays out: sets and penalties that are not convex, complex numbers, exponential and
// semidefinite cones.
package prox

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/kern"
	"github.com/l2olab/l2o/pkg/internal/spare"
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
	out := ad.New(v.R, v.C, spare.Take(v.Len()))
	if each {
		softEach(out.Data, v.Data, t.Data)
	} else {
		softBy(out.Data, v.Data, t.Data[0])
	}
	if !v.Recorded() && !t.Recorded() {
		return out
	}
	y := out.Data
	return ad.Record(out, []ad.Value{v, t}, func(g []float64, acc [][]float64) {
		softBack(g, y, acc[0], acc[1], each)
	})
}

// soft is Soft by a number.
func soft(v ad.Value, t float64) ad.Value {
	if v.Recorded() {
		return Soft(v, ad.Scalar(t))
	}
	out := ad.New(v.R, v.C, spare.Take(v.Len()))
	softBy(out.Data, v.Data, t)
	return out
}

func softBy(dst, v []float64, t float64) {
	if t < 0 {
		lengthen(dst, v, []float64{t})
	} else {
		kern.Soft64(dst, v, t)
	}
}

func softEach(dst, v, t []float64) {
	for _, s := range t {
		if s < 0 {
			lengthen(dst, v, t)
			return
		}
	}
	kern.SoftEach64(dst, v, t)
}

// lengthen is the soft threshold where thresholds may be negative.
func lengthen(dst, v, t []float64) {
	clear(dst)
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
