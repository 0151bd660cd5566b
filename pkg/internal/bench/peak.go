package main

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/l2olab/l2o/pkg/internal/kern"
)

// fmaPeak measures the float32 multiplications and additions per second, in GF/s, of
// all cores at once: independent fused multiply-adds on registers.
func fmaPeak() float64 {
	return perSecond(func() float64 {
		if done := kern.FMAs(1 << 16); done > 0 {
			return done
		}
		return products(1 << 16)
	}) * 1e-9
}

// transcendentalRate measures the transcendental functions per second of all cores at
// once: cells of an LSTM on data in the first-level cache, five for each unit.
func transcendentalRate() float64 {
	const r, h = 16, 16
	return perSecond(func() float64 {
		n := r * h
		z, prev, c, t, out := make([]float32, 4*n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for range 200 {
			kern.CellForward(r, h, z, prev, c, t, out)
		}
		return 200 * 5 * r * h
	})
}

// perSecond runs f, which returns how much it did, on all cores. The best of several
// short times counts: a neighbour on the machine only takes away.
func perSecond(f func() float64) float64 {
	rates := make([][]float64, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for w := range rates {
		wait.Go(func() {
			for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
				began, done := time.Now(), 0.
				for time.Since(began) < 5*time.Millisecond {
					done += f()
				}
				rates[w] = append(rates[w], done/time.Since(began).Seconds())
			}
		})
	}
	wait.Wait()
	var sum float64
	for _, r := range rates {
		sum += slices.Max(r)
	}
	return sum
}

// products is the fastest that plain Go has: a matrix product in the first-level
// cache, repeated for about the work of n fused multiply-adds of eight numbers.
func products(n int) float64 {
	const size = 32
	a, b, c := make([]float32, size*size), make([]float32, size*size), make([]float32, size*size)
	times := max(1, 12*8*n/(size*size*size))
	for range times {
		kern.Gemm32(size, size, size, a, b, c)
	}
	return float64(times) * 2 * size * size * size
}
