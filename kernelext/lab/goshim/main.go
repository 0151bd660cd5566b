// Command goshim stands before the go command on the PATH of the notebook kernel.
//
// GoNB runs "go get" (or "go get -t") before it compiles a cell, to fetch what the cell imports. Cells of this project see
// the project's module through a workspace, in which every version is fixed: the request is needless, and without a
// network it fails. So a go get that names no package does nothing here; everything else is the real go command, which
// the variable L2O_GO names.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	if getsNothing(os.Args[1:]) {
		return
	}
	program, err := realGo()
	if err == nil {
		err = run(program, os.Args[1:])
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "go (through the L2O kernel):", err)
		os.Exit(1)
	}
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
	name := "go"
	if runtime.GOOS == "windows" {
		name = "go.exe"
	}
	candidates := []string{os.Getenv("L2O_GO")}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		candidates = append(candidates, filepath.Join(dir, name))
	}
	for _, c := range candidates {
		info, err := os.Stat(c)
		if err == nil && info.Mode().IsRegular() && !os.SameFile(info, me) {
			return c, nil
		}
	}
	return "", errors.New("there is no go command on PATH; run \"go run ./kernelext/lab setup\" again where there is one")
}
