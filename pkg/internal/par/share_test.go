package par

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Every tile is done once, by whomever, also where many goroutines share at once and where
// there are more of them than cores and than rooms.
func TestShare(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 3, 7} {
		runtime.GOMAXPROCS(procs)
		var wait sync.WaitGroup
		for g := range 20 {
			wait.Go(func() {
				for round := range 300 {
					counts := make([]int, (g+round)%6)
					Share(len(counts), func(i int) { counts[i]++ })
					for i, n := range counts {
						if n != 1 {
							t.Errorf("%d cores: tile %d of %d was done %d times", procs, i, len(counts), n)
							return
						}
					}
				}
			})
		}
		wait.Wait()
	}
}

// Tiles may be cut into tiles.
func TestShareInside(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for range 100 {
		var sum [4]int
		Share(len(sum), func(i int) {
			parts := make([]int, 5)
			Share(len(parts), func(j int) { parts[j] = 10*i + j })
			for _, x := range parts {
				sum[i] += x
			}
		})
		if sum != [4]int{10, 60, 110, 160} {
			t.Fatal(sum)
		}
	}
}

// Helpers do come, as many as there are cores, and go when there is nothing more to do.
func TestHelpersComeAndGo(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	late := time.Now().Add(10 * time.Second)
	for together := false; !together; {
		var at, most atomic.Int64
		Share(3, func(int) {
			most.Store(max(most.Load(), at.Add(1)))
			for start := time.Now(); at.Load() < 3 && time.Since(start) < time.Millisecond; {
				runtime.Gosched()
			}
			most.Store(max(most.Load(), at.Load()))
		})
		together = most.Load() == 3
		if time.Now().After(late) {
			t.Fatal("no two helpers came in ten seconds")
		}
	}
	for helping.Load() > 0 {
		if time.Sleep(time.Millisecond); time.Now().After(late) {
			t.Fatal("helpers are still there")
		}
	}
}

// Where every core has a worker, nobody is called.
func TestShareAmongWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for helping.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	var called atomic.Bool
	var here, done sync.WaitGroup
	here.Add(2)
	done.Add(2)
	_ = Each(t.Context(), 2, 2, func(int, int) error {
		here.Done()
		here.Wait()
		Share(8, func(int) {
			if helping.Load() > 0 {
				called.Store(true)
			}
		})
		done.Done()
		done.Wait()
		return nil
	})
	if called.Load() {
		t.Error("a helper was called although all cores were busy")
	}
}

func BenchmarkShare(b *testing.B) {
	tile := func(int) {
		for start := time.Now(); time.Since(start) < 10*time.Microsecond; {
		}
	}
	for b.Loop() {
		Share(8, tile)
	}
}
