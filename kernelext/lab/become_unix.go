//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// become replaces this process by the program: its parent, its terminal and its exit status stay what they are.
func become(_ context.Context, program string, args []string) (code int, err error) {
	err = syscall.Exec(program, append([]string{program}, args...), os.Environ())
	return 0, fmt.Errorf("start %s: %w", program, err)
}
