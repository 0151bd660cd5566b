package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// adoptOrphans makes the processes ours whose parents end below us.
func adoptOrphans() {
	const setChildSubreaper = 36 // PR_SET_CHILD_SUBREAPER of prctl(2)
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0)
}

// children lists the processes whose parent we are.
func children() (list []int) {
	all, _ := os.ReadDir("/proc")
	for _, e := range all {
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // no process, or one that has ended
		}
		var pid, parent int
		var state string
		behind := string(b)[strings.LastIndex(string(b), ") ")+1:] // a name, in brackets, may have some itself
		if _, err := fmt.Sscan(behind, &state, &parent); err == nil && parent == os.Getpid() {
			if _, err := fmt.Sscan(e.Name(), &pid); err == nil {
				list = append(list, pid)
			}
		}
	}
	return list
}
