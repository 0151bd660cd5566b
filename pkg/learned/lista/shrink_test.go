package lista

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
)

// TestShrink compares with the definition: sort each column.
func TestShrink(t *testing.T) {
	rng := stream(1)
	for range 200 {
		n, cols := 1+rng.IntN(12), 1+rng.IntN(4)
		v := adtest.Random(rng, n, cols)
		thresholds := ad.Scalar(rng.NormFloat64())
		if rng.IntN(2) == 0 {
			thresholds = adtest.Random(rng, 1, cols)
		}
		pass := make([]int, cols)
		for j := range pass {
			pass[j] = rng.IntN(n+3) - 1
		}
		got, passed := shrink(v, thresholds, pass)
		var want []int
		for j := range cols {
			order := make([]int, n)
			for i := range order {
				order[i] = i
			}
			slices.SortFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(v.At(b, j)), math.Abs(v.At(a, j))) })
			s := thresholds.Data[min(j, thresholds.Len()-1)]
			for rank, i := range order {
				x := v.At(i, j)
				y := math.Copysign(max(math.Abs(x)-s, 0), x)
				if rank < pass[j] && math.Abs(x) > s {
					y = x
					want = append(want, i*cols+j)
				}
				if math.Abs(y-got.At(i, j)) > 1e-15 {
					t.Fatalf("entry %g of rank %d with threshold %g and %d to pass becomes %g, want %g", x, rank, s, pass[j], got.At(i, j), y)
				}
			}
		}
		if slices.Sort(want); !slices.Equal(passed, want) {
			t.Fatalf("%v passed, want %v", passed, want)
		}
	}
	if x, passed := shrink(ad.Col(math.NaN(), 3, 2, 2), ad.Scalar(1), []int{2}); !math.IsNaN(x.Data[0]) || x.Data[1] != 3 || x.Data[2] != 1 || len(passed) != 1 {
		t.Errorf("NaN has to stay and of two equal entries at the border none passes: %v", x)
	}
}

// TestShrinkGradient compares with finite differences, away from the kinks.
func TestShrinkGradient(t *testing.T) {
	v := ad.New(4, 2, []float64{3, -0.2, -1.5, 2.1, 0.3, -4, 1.1, 1})
	weights := adtest.Random(stream(2), 4, 2)
	for _, thresholds := range []ad.Value{ad.Scalar(0.5), ad.Row(0.5, 0.7)} {
		for _, pass := range [][]int{nil, {1, 2}, {0, 9}} {
			adtest.Check(t, 1e-6, func(xs ...ad.Value) ad.Value {
				x, _ := shrink(xs[0], xs[1], pass)
				return x.Mul(weights).Sum()
			}, v, thresholds)
		}
	}
}

// TestNth compares with sorting, ties included.
func TestNth(t *testing.T) {
	rng := stream(3)
	for range 500 {
		xs := make([]float64, 1+rng.IntN(20))
		for i := range xs {
			xs[i] = float64(rng.IntN(8))
		}
		sorted := slices.Clone(xs)
		slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
		n := rng.IntN(len(xs))
		if got := nth(slices.Clone(xs), n); got != sorted[n] {
			t.Fatalf("entry %d of %v is %g, want %g", n, xs, got, sorted[n])
		}
	}
}
