//go:build unix

package jupyter

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// gone waits up to 5 s for a process to end. A zombie counts as ended: nobody but init can remove it.
func gone(pid int) bool {
	for range 100 {
		if syscall.Kill(pid, 0) != nil || isZombie(pid) {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// isZombie reads the state from /proc where there is one.
func isZombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(b), ") Z ")
}
