package lista

import (
	"fmt"
	"math"
	"slices"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// shrink is the soft threshold with support selection (Chen et al. 2018, eq. 12): in
// column j the pass[j] largest entries stay as they are where they exceed the
// threshold, all others are shrunk by it. Which entries pass counts as constant on the
// way back. t is 1×1 or a row with one threshold for each column; a negative one
// lengthens, as in [prox.Soft]. It also returns the places of the entries that passed,
// row by row. A nil pass lets none pass.
func shrink(v, t ad.Value, pass []int) (x ad.Value, passed []int) {
	each := t
	if t.Len() != 1 {
		each = ad.Full(v.R, 1, 1).MatMul(t)
	}
	x = prox.Soft(v, each)
	if pass == nil {
		return x, nil
	}
	passed = largest(v, t, pass)
	out := ad.New(v.R, v.C, slices.Clone(x.Data))
	for _, i := range passed {
		out.Data[i] = v.Data[i]
	}
	return ad.Record(out, []ad.Value{x, v}, func(g []float64, acc [][]float64) {
		if acc[0] != nil {
			for i, gi := range g {
				acc[0][i] += gi
			}
			for _, i := range passed {
				acc[0][i] -= g[i]
			}
		}
		if acc[1] != nil {
			for _, i := range passed {
				acc[1][i] += g[i]
			}
		}
	}), passed
}

// largest returns the places of the count[j] largest entries of each column j, those
// that do not exceed the threshold left out. Of equal ones at the border none is taken.
func largest(v, t ad.Value, count []int) (places []int) {
	if len(count) != v.C {
		panic(fmt.Sprintf("lista: shrink: %d counts for %s", len(count), v.Shape()))
	}
	cut, room := make([]float64, v.C), make([]float64, 0, v.R)
	for j := range cut {
		cut[j] = cutoff(v, j, t.Data[min(j, t.Len()-1)], count[j], room)
	}
	for i := 0; i < v.Len(); i += v.C {
		for j, x := range v.Data[i : i+v.C] {
			if math.Abs(x) > cut[j] {
				places = append(places, i+j)
			}
		}
	}
	return places
}

// cutoff is the smallest number not below the threshold that at most count entries of
// column j exceed; room is for its work.
func cutoff(v ad.Value, j int, threshold float64, count int, room []float64) float64 {
	if count <= 0 {
		return math.Inf(1)
	}
	above := room[:0]
	for i := j; i < v.Len(); i += v.C {
		if x := math.Abs(v.Data[i]); x > threshold {
			above = append(above, x)
		}
	}
	if len(above) <= count {
		return threshold
	}
	return nth(above, count)
}

// nth returns the entry that n others stand before when the largest come first. It
// reorders xs (quickselect, Hoare 1961).
func nth(xs []float64, n int) float64 {
	for lo, hi := 0, len(xs)-1; lo < hi; {
		pivot, i, j := xs[lo+(hi-lo)/2], lo, hi
		for i <= j {
			for xs[i] > pivot {
				i++
			}
			for xs[j] < pivot {
				j--
			}
			if i <= j {
				xs[i], xs[j] = xs[j], xs[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			hi = j
		case n >= i:
			lo = i
		default:
			return xs[n]
		}
	}
	return xs[n]
}
