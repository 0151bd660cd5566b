package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
)

// A repo is a checkout of the project. Everything that lab makes lies in its folder .l2o, or where L2O_HOME says.
type repo struct {
	root  string // absolute, symbolic links resolved
	state string // that folder, absolute
	tool  toolchain
}

// A toolchain is what lab needs to know about the go command.
type toolchain struct {
	command string // absolute path of go
	version string // go1.26.8
	flags   string // GOFLAGS of the user
	modules string // GOMODCACHE
	cache   string // GOCACHE
}

// findRepo looks for the checkout upwards from the working directory and asks the go command about itself.
func findRepo(ctx context.Context) (*repo, error) {
	root, state, err := checkout.Find()
	if err != nil {
		return nil, err
	}
	r := &repo{root: root, state: state}
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("there is no go command on PATH: install Go from https://go.dev/dl, then try again")
	}
	cmd := exec.CommandContext(ctx, command, "env", "GOROOT", "GOVERSION", "GOFLAGS", "GOMODCACHE", "GOCACHE")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ask the go command for its settings: %w", withStderr(err))
	}
	lines := strings.Split(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n")
	if len(lines) < 5 {
		return nil, fmt.Errorf("go env answered %q", out)
	}
	r.tool = toolchain{command: command, version: lines[1], flags: lines[2], modules: lines[3], cache: lines[4]}
	// The go command on PATH may have handed over to a newer one that go.mod asks for. The kernel uses that one
	// directly: it must not look for toolchains by itself.
	if direct := filepath.Join(lines[0], "bin", filepath.Base(command)); isFile(direct) {
		r.tool.command = direct
	}
	return r, nil
}

// path returns a path below .l2o.
func (r *repo) path(elem ...string) string {
	return filepath.Join(append([]string{r.state}, elem...)...)
}

// program returns the path of an executable below .l2o.
func (r *repo) program(elem ...string) string { return r.path(elem...) + checkout.Exe }

// gonb is the notebook kernel.
func (r *repo) gonb() string { return r.program("bin", "gonb") }

// goCommand prepares a go command in a folder of the repository. GOWORK and GOTOOLCHAIN are as the
// repository has them, whatever the caller's shell says: a workspace of theirs would change the versions.
func (r *repo) goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := checkout.Command(ctx, r.tool.command, dir, args...)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOTOOLCHAIN=local")
	return cmd
}

// relative shows a path as the user would type it.
func relative(path string) string {
	if dir, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return path
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// withStderr adds what a failed command printed to its error.
func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
