//go:build (amd64 || arm64) && !purego

package kern

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Both halves are done once, on either goroutine, also where many goroutines
// share at once and where there are more of them than processors.
func TestShare(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(procs)
		var wait sync.WaitGroup
		for range 5 {
			wait.Go(func() {
				for range 2000 {
					var x, y int
					share(func() { x++ }, func() { y++ })
					if x != 1 || y != 1 {
						t.Errorf("%d processors: the first half was done %d times, the second %d", procs, x, y)
						return
					}
				}
			})
		}
		wait.Wait()
	}
}

// The helper does come, and it goes when there is nothing more to do.
func TestHelperComesAndGoes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var second atomic.Bool
	late := time.Now().Add(10 * time.Second)
	for helped := false; !helped; {
		second.Store(false)
		share(func() {
			for start := time.Now(); !second.Load() && time.Since(start) < time.Millisecond; {
			}
			helped = second.Load()
		}, func() { second.Store(true) })
		if time.Now().After(late) {
			t.Fatal("nobody took the second half in ten seconds")
		}
	}
	for helping.Load() {
		if time.Sleep(time.Millisecond); time.Now().After(late) {
			t.Fatal("the helper is still there")
		}
	}
}

// Large matrices are halved with the same bits for one and two processors.
func TestHalvesKeepTheirBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, s := range sets {
		for _, q := range [][2]int{{250, 500}, {7, 20001}, {20001, 7}, {11, 9001}, {1, 140000}, {140000, 1}} {
			halves[float32](t, s, q[0], q[1])
			halves[float64](t, s, q[0], q[1])
		}
	}
}

func halves[T number](t *testing.T, s set, m, n int) {
	t.Helper()
	p := of[T](s)
	a, x, y := random[T](m*n), random[T](n), random[T](m)
	compute := func(procs int) [][]T {
		runtime.GOMAXPROCS(procs)
		ax, aty, r, g := make([]T, m), make([]T, n), make([]T, m), make([]T, n)
		p.gemvN(m, n, a, x, ax)
		p.gemvT(m, n, a, y, aty)
		f := p.leastSquares(m, n, a, x, y, r, g)
		return [][]T{ax, aty, r, g, {T(f)}}
	}
	one := compute(1)
	for range 20 {
		for i, two := range compute(2) {
			bits(t, s.name, one[i], two)
		}
	}
}
