//go:build !unix

package main

import (
	"runtime"
	"time"
)

var began = time.Now()

// cpuTime is the processor time that this process can have used: here it is not asked for, and a training uses all cores.
func cpuTime() time.Duration { return time.Since(began) * time.Duration(runtime.GOMAXPROCS(0)) }
