//go:build unix

package console

import (
	"os"
	"syscall"
)

// Terminate asks a program to end. Jupyter answers SIGINT with a question, SIGTERM by stopping its kernels and leaving.
var Terminate os.Signal = syscall.SIGTERM
