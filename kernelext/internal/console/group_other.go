//go:build !unix

package console

import "os/exec"

// OwnGroup does nothing: there are no process groups here.
func OwnGroup(*exec.Cmd) {}

// KillGroup kills the process itself.
func KillGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
