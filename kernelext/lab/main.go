// Command lab runs the notebooks of L2O Lab: in JupyterLab, or by itself without Python. "go run ./kernelext/lab help" lists what
// it can do.
//
// All of that is in kernelext/lab/program. What is here compiles that program into .l2o, shows how far it is, and becomes it. It
// needs little of the standard library and nothing else, so that Go, which compiles in silence, is soon done with it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/console"
)

const programPackage = checkout.Module + "/kernelext/lab/program"

func main() {
	ctx, stop := console.UntilTheEnd()
	code, err := start(ctx, os.Args[1:])
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err != nil && interrupted:
		fmt.Fprintln(os.Stderr, "lab: interrupted")
		code = 130
	case err != nil:
		fmt.Fprintln(os.Stderr, "lab:", err)
		code = 1
	}
	os.Exit(code)
}

// start compiles the program and becomes it. Where nothing can be written it runs it from a temporary folder.
func start(ctx context.Context, args []string) (code int, err error) {
	root, state, err := checkout.Find()
	if err != nil {
		return 0, err
	}
	if checkout.Writable(state) == nil {
		program := checkout.Program(state)
		if err := compile(ctx, root, program); err != nil {
			return 0, err
		}
		return become(ctx, program, args)
	}
	temporary, err := os.MkdirTemp("", "l2o-lab-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	program := checkout.Program(temporary)
	if err := compile(ctx, root, program); err != nil {
		return 0, err
	}
	return run(ctx, program, args)
}

// compile makes the program of the checkout in root. It reports on standard error: the program may print JSON.
func compile(ctx context.Context, root, program string) error {
	s := console.NewStep(os.Stderr, "Compile lab")
	soon := time.AfterFunc(time.Second, s.Show) // Go has just compiled us in silence
	defer soon.Stop()
	goCommand := func(args ...string) *exec.Cmd { return checkout.Command(ctx, "go", root, args...) }
	err := checkout.Build(ctx, goCommand, []string{programPackage},
		[]string{"-buildvcs=false", "-ldflags=-s -w", "-o", program, programPackage}, s.Set)
	s.End(err)
	return err
}

// run starts the program, asks it to end when ctx does, and returns its exit status.
func run(ctx context.Context, program string, args []string) (code int, err error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(console.Terminate) }
	if err := cmd.Run(); cmd.ProcessState == nil {
		return 0, err
	}
	return max(cmd.ProcessState.ExitCode(), -cmd.ProcessState.ExitCode()), nil // −1 is a signal's
}
