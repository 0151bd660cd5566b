//go:build !unix

package main

import "context"

// become runs the program and hands on what it has to say: here no process can become another.
func become(ctx context.Context, program string, args []string) (code int, err error) {
	return run(ctx, program, args)
}
