package learned

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// shrink is the soft threshold with support selection (Chen et al. 2018, eq. 12): in
// column j the pass[j] largest entries stay as they are where they exceed the
// threshold, all others are shrunk by it. Which entries pass counts as constant on the
// way back. t is 1×1 or a row with one threshold for each column; a negative one
// lengthens, as in [prox.Soft]. passed tells the entries that passed; both it and pass
// may be nil, for none.
func shrink(v, t ad.Value, pass []int) (x ad.Value, passed []bool) {
	if pass == nil && t.Len() == 1 {
		return prox.Soft(v, t), nil
	}
	if t.Len() != 1 && (t.R != 1 || t.C != v.C) || pass != nil && len(pass) != v.C {
		panic(fmt.Sprintf("learned: shrink: %s by thresholds of %s with %d counts", v.Shape(), t.Shape(), len(pass)))
	}
	threshold := func(j int) float64 { return t.Data[min(j, t.Len()-1)] }
	cut := make([]float64, v.C) // what an entry has to exceed to pass
	room := make([]float64, 0, v.R)
	for j := range cut {
		if cut[j] = math.Inf(1); pass != nil {
			cut[j] = cutoff(v, j, threshold(j), pass[j], room)
		}
	}
	out := ad.New(v.R, v.C, nil)
	passed = make([]bool, v.Len())
	for i := range v.R {
		for j := range v.C {
			at := i*v.C + j
			switch x, s := v.Data[at], threshold(j); {
			case math.Abs(x) > cut[j]:
				out.Data[at], passed[at] = x, true
			case x > s && x > 0:
				out.Data[at] = x - s
			case x < -s && x < 0:
				out.Data[at] = x + s
			case x != x || s != s:
				out.Data[at] = math.NaN()
			}
		}
	}
	return ad.Record(out, []ad.Value{v, t}, func(g []float64, acc [][]float64) {
		for i, gi := range g {
			y := out.Data[i]
			if y == 0 {
				continue
			}
			if acc[0] != nil {
				acc[0][i] += gi
			}
			if acc[1] != nil && !passed[i] {
				acc[1][min(i%v.C, t.Len()-1)] -= math.Copysign(gi, gi*y)
			}
		}
	}), passed
}

// cutoff is the largest number that count entries of column j exceed at most, but not
// less than the threshold.
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
