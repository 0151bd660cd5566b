package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/console"
)

// A finding is one line of the doctor's report.
type finding struct {
	ok   bool
	what string
	how  string // what there is, or how to get it
}

// runDoctor looks at everything that lab may need. What is missing is no error: most of it is optional.
func runDoctor(ctx context.Context, args []string) error {
	if err := noArgs(flags("doctor"), args); err != nil {
		return err
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	for _, f := range r.findings(ctx) {
		mark := "✓"
		if !f.ok {
			mark = "–"
		}
		fmt.Print(indented(fmt.Sprintf("%s %-12s ", mark, f.what), f.how, strings.Repeat(" ", 15), console.Columns(os.Stdout)))
	}
	return nil
}

func (r *repo) findings(ctx context.Context) []finding {
	const lab = "go run ./kernelext/lab"
	list := []finding{
		{true, "checkout", r.root},
		{true, "built into", relative(r.state) + "; set " + checkout.HomeVariable + " for another place"},
		{true, "go", r.tool.version + ", " + r.tool.command},
	}
	for _, t := range []struct{ name, file, purpose string }{
		{"gonb", r.gonb(), "the notebook kernel"},
		{"goimports", r.program("bin", "goimports"), "finds the imports of a cell"},
		{"gopls", r.program("gopls", "gopls"), "completion; cells run without it"},
		{"kernelspec", r.path("jupyter", "kernels", kernelName, "kernel.json"), `the kernel "Go (L2O)"`},
	} {
		f := finding{isFile(t.file), t.name, relative(t.file)}
		if !f.ok {
			f.how = fmt.Sprintf("not built yet (%s): %s setup", t.purpose, lab)
		}
		list = append(list, f)
	}
	jup := finding{what: "jupyter", how: "no JupyterLab on PATH: " + lab + " installs one into .l2o/venv; lab run does without"}
	if front, ok := r.findJupyter(ctx); ok {
		out, _ := exec.CommandContext(ctx, front.argv[0], append(front.argv[1:], "--version")...).Output()
		jup.ok, jup.how = true, "JupyterLab "+strings.TrimSpace(string(out))+", "+front.from
	}
	list = append(list, jup,
		onPath("python", "only for JupyterLab: install Python 3.9 or newer with venv and pip", "python3"),
		onPath("chromium", "only for the browser tests: apt-get install chromium, or any Chrome", "chromium", "chromium-browser", "google-chrome"),
		shell(), dataCache(), r.disk())
	if err := checkout.Writable(r.state); err != nil {
		list = append(list, finding{false, "folder", err.Error()})
	}
	return list
}

// onPath looks for the first program that is there.
func onPath(what, hint string, names ...string) finding {
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return finding{true, what, path}
		}
	}
	return finding{false, what, hint}
}

// shell looks for the program that GoNB runs shell lines with.
func shell() finding {
	if isFile(bash) {
		return finding{true, "bash", bash}
	}
	return finding{false, "bash", "only for cells with !commands: install bash (it must be " + bash + ")"}
}

// dataCache says where downloaded data go.
func dataCache() finding {
	if dir := os.Getenv("L2O_DATA"); dir != "" {
		if !isDir(dir) {
			return finding{false, "data", "L2O_DATA is " + dir + ", which is no folder: make it, or unset the variable"}
		}
		return finding{true, "data", dir + " (L2O_DATA)"}
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return finding{false, "data", "no cache folder (" + err.Error() + "): set L2O_DATA to a folder for data sets"}
	}
	return finding{true, "data", "below " + dir + "; set L2O_DATA for another place"}
}

// disk returns the free space where .l2o lies. A first start needs about 1 GB with JupyterLab and Go's build cache.
func (r *repo) disk() finding {
	free, err := freeBytes(r.root)
	if err != nil {
		return finding{false, "disk", "free space is unknown: " + err.Error()}
	}
	gb := float64(free) / 1e9
	if gb < 2 {
		return finding{false, "disk", fmt.Sprintf("only %.1f GB free: a first start needs about 2 GB with all caches", gb)}
	}
	return finding{true, "disk", fmt.Sprintf("%.0f GB free", gb)}
}

// runClean removes what lab has made.
func runClean(ctx context.Context, args []string) error {
	fs := flags("clean")
	all := fs.Bool("all", false, "remove kept results and the checkpoints of trainings too")
	if err := noArgs(fs, args); err != nil {
		return err
	}
	r, err := findRepo(ctx)
	if err != nil {
		return err
	}
	return r.clean(*all)
}

// Folders of what took hours and cannot be had again by building: results that kernelext.Keep stores, and checkpoints.
const (
	keepFolder  = "keep"
	trainFolder = "train"
)

func (r *repo) clean(all bool) error {
	entries, err := os.ReadDir(r.path())
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	own := checkout.Program(r.state) // every start compiles it, this one too; Windows keeps it while it runs
	_ = os.Remove(own)
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == filepath.Base(own) })
	defer func() { _ = os.Remove(r.path()) }() // only if it is empty then
	if len(entries) == 0 {
		fmt.Printf("nothing to remove: %s is empty or missing\n", r.path())
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(r.path(), e.Name())
		if (e.Name() == keepFolder || e.Name() == trainFolder) && !all {
			fmt.Printf("kept    %s (clean -all removes it)\n", relative(path))
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		fmt.Printf("removed %s\n", relative(path))
	}
	return nil
}
