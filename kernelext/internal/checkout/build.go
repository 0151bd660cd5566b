package checkout

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/console"
)

// Command prepares a go command in a folder. When ctx ends, it is killed with its compilers, which would go on without it.
func Command(ctx context.Context, command, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	console.OwnGroup(cmd)
	cmd.Cancel = func() error {
		console.KillGroup(cmd)
		return nil
	}
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// OwnTemp gives a go command a temporary folder of its own. remove removes it when the command has ended, with what one that was killed left.
func OwnTemp(cmd *exec.Cmd) (remove func(), err error) {
	dir, err := os.MkdirTemp("", "l2o-build-")
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Environ(), "GOTMPDIR="+dir)
	return func() { _ = os.RemoveAll(dir) }, nil
}

// Build runs "go build -v args" with the commands that goCommand makes, and tells report which module is fetched or which package
// is compiled, and as what of how many. What is up to date is compiled in silence. packages are those that args name.
func Build(ctx context.Context, goCommand func(args ...string) *exec.Cmd, packages, args []string, report func(done, total int, what string)) error {
	var problems []string
	var compiled, total atomic.Int64
	var counting sync.WaitGroup
	count := sync.OnceFunc(func() { // when the modules are here
		counting.Go(func() {
			out, err := goCommand(append([]string{"list", "-deps", "-f", "{{.Stale}}"}, packages...)...).Output()
			if err == nil { // those that are being compiled are still out of date, unlike those before them
				before := compiled.Load() - int64(runtime.NumCPU())
				total.Store(int64(bytes.Count(out, []byte("true\n"))) + max(before, 0))
			}
		})
	})
	cmd := goCommand(append([]string{"build", "-v"}, args...)...)
	cmd.Stderr = &console.Lines{Each: func(line string) {
		switch {
		case strings.HasPrefix(line, "go: downloading "):
			report(int(compiled.Load()), 0, strings.TrimPrefix(line, "go: "))
		case !strings.Contains(line, " "): // -v prints the path of every package that it compiles
			count()
			done, of := int(compiled.Add(1)), int(total.Load())
			if of > 0 {
				of = max(of, done) // it was an estimate
			}
			report(done, of, line)
		default:
			problems = append(problems, line)
		}
	}}
	remove, err := OwnTemp(cmd)
	if err != nil {
		return err
	}
	defer remove()
	err = cmd.Run()
	counting.Wait()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if n := len(problems); n > 8 {
		problems = append(problems[:8], "…")
	}
	text := strings.Join(problems, "\n")
	if Offline(text) {
		text += "\nThe first start fetches Go modules from the module proxy (GOPROXY): it needs the network once."
	}
	return fmt.Errorf("go build: %w\n%s", err, text)
}

// Offline recognises what the go command says when it cannot reach the module proxy.
func Offline(text string) bool {
	for _, sign := range []string{"dial tcp", "no such host", "module lookup disabled", "connection refused", "i/o timeout"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
