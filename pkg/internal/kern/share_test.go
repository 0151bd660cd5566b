package kern

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/internal/par/partest"
)

// What is cut into tiles has the same bits for any number of workers, in
// whatever order they take the tiles.
func TestTilesKeepTheirBits(t *testing.T) {
	for _, s := range sets {
		for _, q := range [][3]int{
			{130, 400, 500},  // columns
			{500, 500, 512},  // a is packed as well, in float64
			{900, 20, 200},   // rows
			{150, 701, 2000}, // several blocks of the sum
			{2000, 70, 40},
			{1100, 230, 260}, // several blocks of packed rows
		} {
			sameFor[float32](t, s, q, tiledProducts[float32])
			sameFor[float64](t, s, q, tiledProducts[float64])
		}
		for _, q := range [][3]int{{250, 500, 1}, {7, 20001, 1}, {20001, 7, 1}, {11, 9001, 1}, {1, 140000, 1}, {140000, 1, 1}} {
			sameFor[float32](t, s, q, tiledVectors[float32])
			sameFor[float64](t, s, q, tiledVectors[float64])
		}
		for _, q := range [][3]int{{100, 300, 300}, {700, 2, 20}} {
			sameFor[float32](t, s, q, tiledLSTM)
		}
	}
}

// sameFor compares what f computes for one worker with what it does for more.
func sameFor[T number](t *testing.T, s set, q [3]int, f func(s set, q [3]int) map[string][]T) {
	t.Helper()
	var one map[string][]T
	for round, workers := range []int{1, 2, 3, 7} {
		if s.name == "go" && round > 1 {
			break // cuts nothing
		}
		partest.Delayed(workers, func() {
			got := f(s, q)
			if one == nil {
				one = got
			}
			for _, what := range slices.Sorted(maps.Keys(got)) {
				bits(t, fmt.Sprintf("%s %s %T %d×%d×%d, %d workers", s.name, what, got[what], q[0], q[1], q[2], workers), one[what], got[what])
			}
		})
	}
}

func tiledProducts[T number](s set, q [3]int) map[string][]T {
	m, n, k := q[0], q[1], q[2]
	return every(of[T](s), m, n, k, random[T](m*k), random[T](k*n), random[T](m*n))
}

func tiledVectors[T number](s set, q [3]int) map[string][]T {
	m, n := q[0], q[1]
	p, a, x, y := of[T](s), random[T](m*n), random[T](n), random[T](m)
	ax, aty, r, g := make([]T, m), make([]T, n), make([]T, m), make([]T, n)
	p.gemvN(m, n, a, x, ax)
	p.gemvT(m, n, a, y, aty)
	f := p.leastSquares(m, n, a, x, y, r, g)
	return map[string][]T{"gemvN": ax, "gemvT": aty, "residual": r, "gradient": g, "half square": {T(f)}}
}

func tiledLSTM(s set, q [3]int) map[string][]float32 {
	k := newLSTM(q[0], q[1], q[2])
	with(s, func() { k.forward(); k.backward() })
	return map[string][]float32{"gates": k.gates, "c": k.c, "h": k.hOut, "dh": k.dh, "dc": k.dc, "dx": k.to.X, "dWx": k.to.Wx, "dWh": k.to.Wh, "db": k.to.Bias}
}

// The mixture sums over parts of the points.
func TestMixtureKeepsItsBits(t *testing.T) {
	var one *Mixture
	for _, workers := range []int{1, 2, 3, 7} {
		partest.Delayed(workers, func() {
			x, m := blobs(6000, 8, 5)
			e := NewEM(6000, 8, 5, Full, x)
			for range 3 {
				if _, err := e.Step(m, 1e-3); err != nil {
					t.Fatal(err)
				}
			}
			if one == nil {
				one = m
			}
			bits(t, fmt.Sprintf("means, %d workers", workers), one.Mean, m.Mean)
			bits(t, fmt.Sprintf("covariances, %d workers", workers), one.Cov, m.Cov)
		})
	}
}
