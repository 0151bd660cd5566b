//go:build !unix

package main

import (
	"os"
	"os/exec"
)

// run runs the program as a child.
func run(program string, args []string) error {
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
