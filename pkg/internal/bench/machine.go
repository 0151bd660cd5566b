package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/l2olab/l2o/pkg/internal/kern"
)

// machine is the line that says where numbers were measured.
func machine(peak float64) string {
	return fmt.Sprintf("# %s, %d cores, %s %s/%s, kernels %s, FMA peak %.0f GF/s (float32), load before %s",
		processor(), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH, kern.Name(), peak, load())
}

// isBusy reports whether the machine was occupied with something else during the last minute.
func isBusy() bool {
	busy, err := strconv.ParseFloat(load(), 64)
	return err == nil && busy > 0.5
}

// processor is the model's name where the system tells it.
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(data)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				return strings.TrimSpace(v)
			}
		}
	}
	return runtime.GOARCH + " processor"
}

// load is the average number of running processes of the last minute: on a quiet
// machine near 0.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(data)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}

// peakMB is the largest memory that this process ever had resident, 0 where the
// system does not tell.
func peakMB() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			return kb / 1024
		}
	}
	return 0
}

// cpuTime is how long this process has been computing, on all processors together, 0 where the
// system does not tell.
func cpuTime() time.Duration {
	data, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	var ticks time.Duration
	f := strings.Fields(string(data)[strings.LastIndex(string(data), ")")+1:]) // the name before may have spaces
	for _, i := range []int{11, 12} {                                          // in user mode and in the system
		if len(f) > i {
			n, _ := strconv.Atoi(f[i])
			ticks += time.Duration(n)
		}
	}
	return ticks * 10 * time.Millisecond // USER_HZ is 100 everywhere that Go runs
}
