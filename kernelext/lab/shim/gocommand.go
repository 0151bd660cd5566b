//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// goCommand is the real go command, which the variable L2O_GO names, but for two things.
//
// GoNB runs "go get" (or "go get -t") before it compiles a cell, to fetch what the cell imports. Cells
// of this project see the project's module through a workspace, in which every version is fixed: the
// request is needless, and without a network it fails. So a go get that names no package does nothing.
//
// The program of a cell is built without collecting the garbage of the compiler and the linker, which live
// for half a second: see [inHaste].
//
// Where L2O_INPUT says that lab runs the notebook, the program of a cell gets the standard input that
// [input] explains, for which a line of shell is put before it.
func goCommand(args []string) int {
	if getsNothing(args) {
		return 0
	}
	program, err := realGo()
	if err != nil {
		fmt.Fprintln(os.Stderr, "go (through the L2O kernel):", err)
		return 1
	}
	at, env := cellProgram(args), os.Environ()
	if at >= 0 {
		env = (&exec.Cmd{Env: append(env, inHaste...)}).Environ() // each variable once
	}
	if at < 0 || os.Getenv("L2O_INPUT") == "" {
		err = syscall.Exec(program, append([]string{program}, args...), env)
		fmt.Fprintln(os.Stderr, "go (through the L2O kernel):", err)
		return 1
	}
	starter := args[at]
	behind := filepath.Join(filepath.Dir(starter), ".real", filepath.Base(starter))
	args = slices.Clone(args)
	args[at] = behind
	cmd := exec.Command(program, args...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if code := exitCode(cmd.Run()); code != 0 {
		return code
	}
	text := fmt.Sprintf("#!/bin/sh\nexec %s \"$@\" <&%s\n", quoted(behind), os.Getenv("L2O_INPUT"))
	if err := os.WriteFile(starter, []byte(text), 0o755); err != nil {
		fmt.Fprintln(os.Stderr, "go (through the L2O kernel):", err)
		return 1
	}
	return 0
}

// inHaste keeps the go command and what it starts from collecting garbage until they hold so much, which
// takes a seventh off the time of a build.
var inHaste = []string{"GOGC=off", "GOMEMLIMIT=512MiB"}

// quoted is s as one word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// cellProgram returns where args name the program that GoNB is about to make of a cell, −1 if they do not.
func cellProgram(args []string) int {
	at := slices.Index(args, "-o") + 1
	if at == 0 || at == len(args) || os.Getenv("GOOS") == "js" || args[0] != "build" && args[0] != "test" ||
		!strings.HasPrefix(filepath.Base(args[at]), "gonb_") {
		return -1
	}
	return at
}

// getsNothing reports whether args are a go get that names no package.
func getsNothing(args []string) bool {
	if len(args) == 0 || args[0] != "get" {
		return false
	}
	for _, a := range args[1:] {
		if !strings.HasPrefix(a, "-") || a == "-C" || a == "-h" || a == "-help" || a == "--help" {
			return false
		}
	}
	return true
}

// realGo finds the go command: the one that L2O_GO names, else the first one on PATH that is not this program.
func realGo() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	me, err := os.Stat(self)
	if err != nil {
		return "", err
	}
	candidates := []string{os.Getenv("L2O_GO")}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		candidates = append(candidates, filepath.Join(dir, "go"))
	}
	for _, c := range candidates {
		info, err := os.Stat(c)
		if err == nil && info.Mode().IsRegular() && !os.SameFile(info, me) {
			return c, nil
		}
	}
	return "", errors.New("there is no go command on PATH; run \"go run ./kernelext/lab setup\" again where there is one")
}
