//go:build unix

// Command shim stands between the notebook kernel and what it starts. Its name says as what:
//
//	go     the go command, see [goCommand]
//	line   what runs a shell line of a cell, see [line]
//	drain  what reads the output of processes that a shell line has left behind
//	guard  what ends a kernel or a server when the process that started it is gone, see [guard]
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "line":
		os.Exit(line(os.Args[1:]))
	case "drain":
		drain()
	case "guard":
		os.Exit(guard(os.Args[1:]))
	default:
		os.Exit(goCommand(os.Args[1:]))
	}
}

// exitCode is what a shell would say of a program that ended with err: its exit code, or 128 and
// the number of the signal. 127 is for a program that could not be started.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if status := waitStatus(exit); status.Signaled() {
			return 128 + int(status.Signal())
		}
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, err)
	return 127
}
