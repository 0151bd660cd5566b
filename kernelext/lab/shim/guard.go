//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// guard runs a program and sees to it that nothing of it outlives the process that started the guard, not even
// if that one is killed:
//
//	guard [-tmp] [-remove FOLDER]… PROGRAM ARGUMENT…
//
// With -tmp the program gets a temporary folder of its own. That folder and those behind -remove are gone
// at the end.
func guard(args []string) int {
	parent := os.Getppid()
	var folders []string
	env := os.Environ()
	for len(args) > 1 && (args[0] == "-tmp" || args[0] == "-remove") {
		if args[0] == "-remove" {
			folders, args = append(folders, args[1]), args[2:]
			continue
		}
		dir, err := os.MkdirTemp("", "l2o-kernel-")
		if err != nil {
			fmt.Fprintln(os.Stderr, "guard:", err)
			return 1
		}
		folders, env, args = append(folders, dir), append(env, "TMPDIR="+dir), args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "guard: no program")
		return 2
	}
	adoptOrphans()
	if syscall.Getpgrp() != os.Getpid() {
		_ = syscall.Setpgid(0, 0) // the leader of a session is that of its group already
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, env
	code := watch(cmd, parent)
	endOthers()
	for _, f := range folders {
		if err := os.RemoveAll(f); err != nil {
			fmt.Fprintln(os.Stderr, "guard:", err)
		}
	}
	return code
}

// grace is how long a program may take to end when it is asked to: Jupyter ends its kernels first.
const grace = 8 * time.Second

// watch runs the program, hands on our signals, and ends it when the parent is gone.
func watch(cmd *exec.Cmd, parent int) (code int) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := cmd.Start(); err != nil {
		return exitCode(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var kill <-chan time.Time
	for {
		select {
		case err := <-ended:
			return exitCode(err)
		case s := <-signals:
			_ = cmd.Process.Signal(s)
		case <-kill:
			_ = cmd.Process.Kill()
		case <-tick.C:
			if kill == nil && os.Getppid() != parent {
				kill = time.After(grace)
				_ = cmd.Process.Signal(syscall.SIGTERM)
			}
		}
	}
}

// endOthers ends what the program has left: processes of our group, of which this one takes no notice of
// the signal, and, where the system gives us the orphans, all below us.
func endOthers() {
	_ = syscall.Kill(0, syscall.SIGTERM)
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		left := children()
		if len(left) == 0 {
			return
		}
		sign := syscall.SIGTERM
		if time.Since(start) > 2*time.Second {
			sign = syscall.SIGKILL
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, sign)
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		}
	}
}

func waitStatus(exit *exec.ExitError) syscall.WaitStatus {
	return exit.Sys().(syscall.WaitStatus)
}
