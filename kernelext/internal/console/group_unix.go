//go:build unix

package console

import (
	"os/exec"
	"syscall"
)

// OwnGroup makes the command the leader of a new process group.
func OwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// KillGroup kills every process of the command's group. It is no error if there is none left.
func KillGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
