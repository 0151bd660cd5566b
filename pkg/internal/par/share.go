package par

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Share calls do(i) for 0 ≤ i < n, on every core that is free at once, and returns when
// all calls have. The n calls must not depend on one another; where they are cut must depend
// on shapes alone. Then which core did which shows nowhere but in the time, and
// one that is busy with something else costs what it would have done and no more.
//
// It is for tiles of 10 µs or more inside of one operation, and [Each] is for items that
// may fail or last long. Starting a goroutine for so little costs more than it saves. So
// there are helpers, at most one for every other core, which stay for patience after what
// they did last, looking for more: the operations of a method follow one another faster
// than that. Where all cores have a worker of Each nobody is called.
func Share(n int, do func(tile int)) {
	helpers := 0
	if n > 1 {
		helpers = min(n, free()) - 1
	}
	var j *job
	if helpers > 0 {
		j = vacant()
	}
	if j == nil {
		for i := range n {
			delay()
			do(i)
		}
		return
	}
	j.do, j.n = do, int64(n)
	j.open.Store(int64(n))
	j.left.Store(int64(n))
	invite(helpers)
	for j.tile() {
	}
	j.wait()
	j.do = nil
	j.owned.Store(false)
}

// Delay is nil but in tests: what every worker does before each item and each tile. A random
// one shows that results do not depend on who comes first.
var Delay func()

func delay() {
	if Delay != nil {
		Delay()
	}
}

// A job is work that is open to helpers. Jobs are used again: a helper that looks at one
// late finds nothing left, or tiles of other work, which it may take as well.
type job struct {
	do    func(tile int)
	n     int64
	left  atomic.Int64 // tiles that nobody took; never more than that, and below 0 in passing
	open  atomic.Int64 // tiles that nobody finished
	owned atomic.Bool
	_     [64]byte // one line of the cache for each
}

// jobs is room for so many operations at a time; one that finds none does all by itself.
var jobs [16]job

func vacant() *job {
	for i := range jobs {
		if j := &jobs[i]; !j.owned.Load() && j.owned.CompareAndSwap(false, true) {
			return j
		}
	}
	return nil
}

// tile does the next tile and reports whether there was one. The tile that was taken keeps
// the owner waiting, so do and n are those of the same work.
func (j *job) tile() bool {
	if j.left.Load() <= 0 {
		return false
	}
	k := j.left.Add(-1)
	if k < 0 {
		return false
	}
	delay()
	j.do(int(j.n - 1 - k))
	j.open.Add(-1)
	return true
}

// wait returns when all tiles are done. A helper that lost its core gets this one.
func (j *job) wait() {
	if j.open.Load() == 0 {
		return
	}
	for start := time.Now(); j.open.Load() != 0; {
		switch late := time.Since(start); {
		case late > 10*patience: // the machine is busy
			time.Sleep(patience)
		case late > patience:
			runtime.Gosched()
		}
	}
}

// helping is how many helpers there are or are on their way.
var helping atomic.Int64

// patience is for how long a core may look for something to do.
const patience = 20 * time.Microsecond

// invite sees to it that there are so many helpers.
func invite(n int) {
	for h := helping.Load(); h < int64(n); h = helping.Load() {
		if helping.CompareAndSwap(h, h+1) {
			go help()
		}
	}
}

// help does tiles until none came for a while.
func help() {
	for last := time.Now(); time.Since(last) < patience; {
		for i := range jobs {
			for jobs[i].tile() {
				last = time.Now()
			}
		}
	}
	helping.Add(-1)
}
