// Package checkout is the folder of the project that lab works in, and the go command there. It needs the standard library alone,
// like package console.
package checkout

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Module is the module whose checkout lab works in.
const Module = "github.com/l2olab/l2o"

// HomeVariable names another folder for what lab makes, for checkouts that cannot be written to.
const HomeVariable = "L2O_HOME"

// Exe is what executables end in.
var Exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// Program returns where the program behind lab lies in the folder for what lab makes.
func Program(state string) string { return filepath.Join(state, "lab") + Exe }

// Find looks for the checkout upwards from the working directory. root is absolute, with symbolic links resolved; state is the
// folder for all that lab makes: root/.l2o, or where L2O_HOME says.
func Find() (root, state string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	if root, err = Root(dir); err != nil {
		return "", "", err
	}
	state = filepath.Join(root, ".l2o")
	if home := os.Getenv(HomeVariable); home != "" {
		state, err = filepath.Abs(home)
	}
	return root, state, err
}

// Root returns the folder of the project's go.mod at dir or above it.
func Root(dir string) (string, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if b, err := os.ReadFile(filepath.Join(at, "go.mod")); err == nil {
			for line := range bytes.Lines(b) {
				if strings.TrimSpace(string(line)) == "module "+Module {
					return at, nil
				}
			}
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not inside a checkout of %s: change into one", dir, Module)
		}
	}
}

// Writable makes sure that something can be built into a folder, which it makes.
func Writable(state string) error {
	err := os.MkdirAll(state, 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(state, ".try-*"); err == nil {
			return errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("lab builds into %s and cannot write there (%w): set %s to a folder that is yours, as in\n  %s=$HOME/l2o go run ./kernelext/lab",
		state, err, HomeVariable, HomeVariable)
}
