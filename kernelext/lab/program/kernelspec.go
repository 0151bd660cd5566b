package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/pkg/atomicfile"
)

// kernelArgv is the command by which Jupyter starts the kernel: below a guard, which ends it when Jupyter is gone.
func (r *repo) kernelArgv() []string {
	return append([]string{r.path("shim", "guard"), "-tmp"}, r.gonbArgv()...)
}

// gonbArgv is the kernel itself. -go_work makes every cell see the checkout and the versions of its go.mod, wherever
// Jupyter was started.
func (r *repo) gonbArgv(extra ...string) []string {
	argv := []string{r.gonb(), "--kernel", "{connection_file}", "-logtostderr=true", "-go_work=" + r.root}
	return append(argv, extra...)
}

// kernelEnv is what the kernel's environment has beyond its parent's.
//
//   - No network: everything was fetched when lab was set up.
//   - GOWORK empty: GoNB has a workspace of its own.
//   - -ldflags=-s leaves debug information out, which makes a cell link 20 % faster; stack traces keep their lines.
//   - CGO_ENABLED=0, unless the reader has set it, leaves the C library out, which makes a cell link 6 % faster.
//   - The caches are named, because a front-end may start the kernel in another environment than the shell's.
func (r *repo) kernelEnv(interactive bool) map[string]string {
	path := []string{r.path("shim"), r.path("bin")}
	if interactive {
		path = append(path, r.path("gopls")) // completion; it costs 300 MB, so headless runs go without
	}
	path = append(path, filepath.Dir(r.tool.command), os.Getenv("PATH"))
	goflags := withoutMod(r.tool.flags)
	if !strings.Contains(goflags, "-ldflags") {
		goflags = strings.TrimSpace(goflags + " -ldflags=-s")
	}
	env := map[string]string{
		"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "", "GOFLAGS": goflags, cgo: cmp.Or(os.Getenv(cgo), "0"),
		"GOMODCACHE": r.tool.modules, "GOCACHE": r.tool.cache,
		"L2O_GO": r.tool.command, "PATH": strings.Join(path, string(os.PathListSeparator)),
	}
	if home := os.Getenv(checkout.HomeVariable); home != "" && os.Getenv("L2O_KEEP") == "" {
		env["L2O_KEEP"] = r.path(keepFolder) // where kept results go with the rest
	}
	return env
}

// cgo is the variable that says whether C may be part of a Go program.
const cgo = "CGO_ENABLED"

// withoutMod removes -mod and -modfile from GOFLAGS: a workspace, which the kernel uses, does not go with -mod=mod or
// -mod=vendor. An entry is a word, which quotes may hold together.
func withoutMod(goflags string) string {
	var kept []string
	var quote rune
	words := strings.FieldsFunc(goflags, func(c rune) bool {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		default:
			return c == ' '
		}
		return false
	})
	for _, w := range words {
		name := strings.TrimLeft(w, `-"'`)
		if !strings.HasPrefix(name, "mod=") && !strings.HasPrefix(name, "modfile=") {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// kernelName is the name of the kernelspec, which notebooks carry in their metadata.
const kernelName = "l2o"

// kernelDir is the folder of the kernelspec, whose files Jupyter serves.
func (r *repo) kernelDir() string { return r.path("jupyter", "kernels", kernelName) }

// writeKernelspec installs the kernel "Go (L2O)" in the repository: front-ends find it through JUPYTER_PATH.
func (r *repo) writeKernelspec() error {
	spec := map[string]any{
		"argv": r.kernelArgv(), "display_name": "Go (L2O)", "language": "go",
		"interrupt_mode": "message", "env": r.kernelEnv(true),
	}
	b, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return err
	}
	dir := r.kernelDir()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("install the kernelspec: %w", err)
	}
	return atomicfile.Write(filepath.Join(dir, "kernel.json"), append(b, '\n'))
}

// environ is our environment with changes applied; a change of an existing variable replaces it.
func environ(changes map[string]string) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if _, ok := changes[name]; !ok {
			env = append(env, kv)
		}
	}
	for name, v := range changes {
		env = append(env, name+"="+v)
	}
	return env
}
