package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/console"
)

// Packages of the tools that the kernel needs; their versions are in kernelext/lab/tools/go.mod.
const (
	gonbPackage      = "github.com/janpfeifer/gonb"
	goimportsPackage = "golang.org/x/tools/cmd/goimports"
	goplsPackage     = "golang.org/x/tools/gopls"
	shimPackage      = "./kernelext/lab/shim"
)

// runSetup prepares everything that opening needs.
func runSetup(ctx context.Context, args []string) error {
	fs := flags("setup")
	noCompletion := fs.Bool("no-completion", false, "leave gopls out, which takes up to 800 MB of memory for each open notebook")
	if err := noArgs(fs, args); err != nil {
		return err
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if !*noCompletion {
		if _, err := r.buildGopls(ctx, newStep); ctx.Err() != nil {
			return err
		} else if err != nil {
			fmt.Printf("    Cells run without it, completion does not work: %v\n", err)
		}
	}
	if err := r.playNow(ctx, r.kernelDir()); ctx.Err() != nil {
		return err
	} else if err != nil {
		fmt.Printf("    Cells run without them, playgrounds stay pictures: %v\n", err)
	}
	if _, err := r.ensureJupyter(ctx); err != nil && !errors.Is(err, errNoJupyter) {
		return err
	} else if err != nil {
		fmt.Println(err)
	}
	fmt.Printf("Ready. To use the kernel from a Jupyter that you start yourself:\n  export JUPYTER_PATH=%s\n", r.path("jupyter"))
	return nil
}

// prepare builds the kernel and its tools, writes the kernelspec and fills the build cache. Whatever is up to date
// takes no time.
func (r *repo) prepare(ctx context.Context) error {
	if runtime.GOOS == "windows" {
		return errors.New("the notebook kernel (GoNB) needs Linux or macOS: on Windows, run this command inside WSL; " +
			"the library itself works on Windows as it is")
	}
	if err := checkout.Writable(r.state); err != nil {
		return err
	}
	_, err := r.buildTools(ctx, newStep, "Compile the notebook kernel", "bin", nil, gonbPackage, goimportsPackage)
	if err != nil {
		return err
	}
	if err := r.buildShim(ctx); err != nil {
		return err
	}
	if err := r.writeKernelspec(); err != nil {
		return err
	}
	return r.warm(ctx)
}

// buildGopls builds what completion needs, which is optional. announce may be nil.
func (r *repo) buildGopls(ctx context.Context, announce func(string) *console.Step, buildFlags ...string) (built bool, err error) {
	return r.buildTools(ctx, announce, "Compile gopls, for completion", "gopls", buildFlags, goplsPackage)
}

// buildTools builds pinned programs into a folder of .l2o, unless they are there in the wanted version.
func (r *repo) buildTools(ctx context.Context, announce func(string) *console.Step, label, folder string, buildFlags []string, packages ...string) (built bool, err error) {
	tools := filepath.Join(r.root, "kernelext", "lab", "tools")
	want, err := r.toolStamp(tools)
	if err != nil {
		return false, err
	}
	stamp := r.path(folder, stampName)
	if have, err := os.ReadFile(stamp); err == nil && string(have) == want {
		return false, nil
	}
	// The programs are built in a fresh folder, which takes its place when it is complete: an interrupted build leaves
	// the old ones.
	if err := os.MkdirAll(r.path(), 0o755); err != nil {
		return false, err
	}
	fresh, err := os.MkdirTemp(r.path(), folder+"-*")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(fresh) }() // it is gone already when all went well
	if err := os.Chmod(fresh, 0o755); err != nil {
		return false, err
	}
	var s *console.Step
	if announce != nil {
		s = announce(label)
	}
	args := slices.Concat(buildFlags, []string{"-o", fresh + string(filepath.Separator)}, packages)
	err = r.buildCounting(ctx, s, tools, packages, args)
	s.End(err)
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(filepath.Join(fresh, stampName), []byte(want), 0o644); err != nil {
		return false, err
	}
	if err := os.RemoveAll(r.path(folder)); err != nil {
		return false, err
	}
	return true, os.Rename(fresh, r.path(folder))
}

// stampName is a file beside built programs that says what they were built from.
const stampName = ".built-from"

// toolStamp identifies a build of the tools: their versions and the compiler.
func (r *repo) toolStamp(tools string) (string, error) {
	h := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(tools, name))
		if err != nil {
			return "", fmt.Errorf("this checkout is not complete: %w", err)
		}
		h.Write(b)
	}
	h.Write([]byte(r.tool.version))
	return hex.EncodeToString(h.Sum(nil)), nil
}

// buildShim builds what stands between the kernel and the programs that it starts, under all of its names. Go's build cache
// makes it cheap to ask every time.
func (r *repo) buildShim(ctx context.Context) error {
	if err := os.MkdirAll(r.path("shim"), 0o755); err != nil {
		return err
	}
	s := newStep("Compile what starts the kernel")
	out, err := r.goCommand(ctx, r.root, "build", "-o", r.path("shim", "shim"), shimPackage).CombinedOutput()
	s.End(err)
	if err != nil {
		return fmt.Errorf("build the kernel's go command: %w\n%s", err, bytes.TrimSpace(out))
	}
	for _, name := range []string{"go", "line", "guard"} {
		link := r.path("shim", name)
		if to, err := os.Readlink(link); err == nil && to == "shim" {
			continue
		}
		if err := os.RemoveAll(link); err != nil {
			return err
		}
		if err := os.Symlink("shim", link); err != nil {
			return err
		}
	}
	return nil
}

// buildCounting runs "go build -v args" in a folder, with changes to the environment, and shows in s how many of the
// packages are compiled.
func (r *repo) buildCounting(ctx context.Context, s *console.Step, dir string, packages, args []string, env ...string) error {
	return checkout.Build(ctx, func(args ...string) *exec.Cmd {
		cmd := r.goCommand(ctx, dir, args...)
		cmd.Env = append(cmd.Env, env...)
		return cmd
	}, packages, args, s.Set)
}

// warm compiles everything that a cell can import. With an empty build cache it takes half a minute, which the reader
// would otherwise spend in front of the first cell. A package that does not compile is reported and no error: the
// cells that need it will say so themselves.
//
// It builds in a workspace like the kernel's own, because a workspace needs more of the module graph than the module
// alone, and in the kernel, which has no network, it would be too late to fetch it.
func (r *repo) warm(ctx context.Context) error {
	list := r.goCommand(ctx, r.root, "list", "-e", "-f", `{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}`, "./...")
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the packages of the library: %w", withStderr(err))
	}
	dir := r.path("warm")
	version, err := r.languageVersion()
	if err != nil {
		return err
	}
	files := map[string]string{
		"main.go": warmSource(strings.Fields(string(out))),
		"go.mod":  "module warm\n\ngo " + version + "\n",
		"go.work": fmt.Sprintf("go %s\n\nuse (\n\t.\n\t%q\n)\n", version, r.root),
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	s := newStep("Compile the library")
	env := r.kernelEnv(false)
	err = r.buildCounting(ctx, s, dir, []string{"."}, []string{"-o", r.program("warm", "warm"), "."},
		"GOWORK="+filepath.Join(dir, "go.work"), "GOFLAGS="+env["GOFLAGS"], cgo+"="+env[cgo])
	s.End(err)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		fmt.Printf("    Cells that import what does not compile will fail:\n%v\n", err)
	}
	return nil
}

// languageVersion returns the Go version that the module asks for.
func (r *repo) languageVersion() (string, error) {
	b, err := os.ReadFile(filepath.Join(r.root, "go.mod"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "go "); ok {
			return strings.TrimSpace(v), nil
		}
	}
	return "", fmt.Errorf("%s has no go line", filepath.Join(r.root, "go.mod"))
}

// warmSource returns a program that imports what cells may import: the library and the usual packages of the standard
// library.
func warmSource(library []string) string {
	imports := []string{"errors", "fmt", "math", "math/rand/v2", "os", "slices", "sort", "strings", "sync", "time"}
	for _, p := range library {
		if !strings.Contains(p+"/", "/internal/") && !strings.HasSuffix(p, "test") {
			imports = append(imports, p)
		}
	}
	var b strings.Builder
	b.WriteString("// Command warm imports what cells may import. It is never run.\npackage main\n\nimport (\n")
	for _, p := range imports {
		fmt.Fprintf(&b, "\t_ %q\n", p)
	}
	b.WriteString(")\n\nfunc main() {}\n")
	return b.String()
}
