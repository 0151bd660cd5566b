// Package partest shows that results do not depend on who computes what and when.
package partest

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/l2olab/l2o/pkg/internal/par"
)

// Delayed runs f on so many cores, on each of which every worker loses a random time before
// each of its items and tiles. One core loses nothing: it is what the others are compared with.
func Delayed(cores int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	if cores > 1 {
		par.Delay = lose
		defer func() { par.Delay = nil }()
	}
	f()
}

var losses atomic.Uint64

// lose gives up the core, sleeps, works in vain, or does nothing of these.
func lose() {
	rng := rand.New(rand.NewPCG(16, losses.Add(1)))
	long := time.Duration(rng.IntN(50)) * time.Microsecond
	switch rng.IntN(4) {
	case 0:
		runtime.Gosched()
	case 1:
		time.Sleep(long)
	case 2:
		for start := time.Now(); time.Since(start) < long; {
		}
	}
}
