//go:build unix

package main

import "syscall"

// terminate asks a program to end. Jupyter answers SIGINT with a question, SIGTERM by stopping its kernels and leaving.
var terminate = syscall.SIGTERM
