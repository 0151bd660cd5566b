package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

func TestWrongUse(t *testing.T) {
	for args, want := range map[string]string{
		"fly":                                   `no command "fly"`,
		"run":                                   "name at least one notebook",
		"run a.txt":                             "a.txt is not a notebook",
		"run -timeout soon a.ipynb":             `invalid value "soon"`,
		"run -timeout -3s main_test.go":         "is not a notebook",
		"run testdata/small.ipynb -timeout -3s": "give a positive duration",
		"run -o x.ipynb testdata/small.ipynb testdata/fails.ipynb":          "one file, but there are 2 notebooks",
		"run -o out/ testdata/small.ipynb testdata/../testdata/small.ipynb": "would both be written to",
		"run testdata/small.ipynb testdata/small.ipynb":                     "would both be written to",
		"check -timeout 0s": "give a positive duration",
		"check -drift 1":    "from 0 to below 1",
		"check -at-once 0":  "at least one notebook",
		"check a.go":        "a.go is not a notebook",
		"ledger -xml":       "flag provided but not defined: -xml",
		"open -port 70000":  "70000 is no port",
		"-port 70000":       "70000 is no port",
		"setup now":         `no argument "now"`,
		"doctor -v":         "not defined: -v",
		"clean everything":  `no argument "everything"`,
	} {
		err := dispatch(t.Context(), strings.Fields(args))
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("lab %s: error %v, want wrong use with %q", args, err, want)
		}
	}
	if err := dispatch(t.Context(), []string{"run", "testdata/missing.ipynb"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing notebook: error %v", err)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "-h", "--help", "run -h"} {
		out := stdout(t, func() error { return dispatch(t.Context(), strings.Fields(args)) })
		if !strings.Contains(out, "go run ./kernelext/lab run [-html]") {
			t.Errorf("lab %s prints\n%s", args, out)
		}
	}
}

// stdout returns what f prints and fails the test if f fails.
func stdout(t *testing.T, f func() error) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = w
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		text <- string(b)
	}()
	err = f()
	os.Stdout = old
	_ = w.Close()
	if err != nil {
		t.Error(err)
	}
	return <-text
}

func TestPlanRun(t *testing.T) {
	out := t.TempDir()
	jobs, err := planRun([]string{"testdata/small.ipynb"}, out)
	if err != nil || jobs[0].out != filepath.Join(out, "small.ipynb") {
		t.Errorf("into an existing folder: %+v, %v", jobs, err)
	}
	jobs, err = planRun([]string{"testdata/small.ipynb"}, "")
	if err != nil || jobs[0].out != jobs[0].in || !filepath.IsAbs(jobs[0].in) {
		t.Errorf("in place: %+v, %v", jobs, err)
	}
}

func TestWithoutMod(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"-mod=mod":                         "",
		"-buildvcs=false -mod=vendor -v":   "-buildvcs=false -v",
		"--mod=mod '-ldflags=-s -w' -x":    "'-ldflags=-s -w' -x",
		"-modfile=other.mod -modcacherw":   "-modcacherw",
		`"-mod=mod" -gcflags="-N -l" -v=1`: `-gcflags="-N -l" -v=1`,
	} {
		if got := withoutMod(in); got != want {
			t.Errorf("withoutMod(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKernelspec(t *testing.T) {
	r := &repo{root: "/somewhere/l2o", state: t.TempDir(), tool: toolchain{
		command: "/go/bin/go", flags: "-mod=mod", modules: "/mod", cache: "/cache",
	}}
	if err := r.writeKernelspec(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(r.path("jupyter", "kernels", "l2o", "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Argv []string
		Name string `json:"display_name"`
		Env  map[string]string
	}
	if err := json.Unmarshal(b, &spec); err != nil {
		t.Fatal(err)
	}
	if spec.Name != "Go (L2O)" || !slices.Contains(spec.Argv, "{connection_file}") || !slices.Contains(spec.Argv, "-go_work=/somewhere/l2o") {
		t.Errorf("kernelspec %s", b)
	}
	for name, want := range map[string]string{"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-ldflags=-s", "GOMODCACHE": "/mod", "L2O_GO": "/go/bin/go"} {
		if got := spec.Env[name]; got != want {
			t.Errorf("%s=%q, want %q", name, got, want)
		}
	}
	if path := filepath.SplitList(spec.Env["PATH"]); path[0] != r.path("shim") || !slices.Contains(path, "/go/bin") {
		t.Errorf("PATH %q", path)
	}
}

// What pip installs is pinned, down to what JupyterLab needs.
func TestConstraints(t *testing.T) {
	b, err := os.ReadFile("../tools/constraints.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for _, p := range pythonPackages {
		if !slices.Contains(lines, p) {
			t.Errorf("tools/constraints.txt has no line %q", p)
		}
	}
	if n := strings.Count(string(b), "=="); n < 50 {
		t.Errorf("%d packages are pinned", n)
	}
}

// The page that opens in the browser has the token, and nobody else can read it.
func TestRedirect(t *testing.T) {
	r := &repo{state: t.TempDir()}
	for range 2 {
		file, err := r.redirect("http://127.0.0.1:1/lab?token=abc&x")
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		b, errRead := os.ReadFile(file)
		if errors.Join(err, errRead) != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 || !strings.Contains(string(b), `url=http://127.0.0.1:1/lab?token=abc&amp;x"`) {
			t.Errorf("%v, %v: %s", err, info.Mode(), b)
		}
	}
}

func TestEnviron(t *testing.T) {
	t.Setenv("L2O_TEST_A", "old")
	env := environ(map[string]string{"L2O_TEST_A": "new", "L2O_TEST_B": ""})
	if !slices.Contains(env, "L2O_TEST_A=new") || slices.Contains(env, "L2O_TEST_A=old") || !slices.Contains(env, "L2O_TEST_B=") {
		t.Errorf("environment %q", env)
	}
}

func TestScrub(t *testing.T) {
	in := []jupyter.Output{
		{Type: "stream", Text: "\t \x1b[7m[[ Cell [6] Line 2 ]]\x1b[0m /tmp/l2o-run-1/gonb_de14e13e/main.go:26 +0x65\n"},
		{Type: "error", EValue: "# gonb_de14e13e\n./main.go:1:2: bad", Traceback: []string{"/tmp/x/gonb_de14e13e/main.go:3"}},
		{Type: "display_data", Data: map[string]any{"text/html": "at /tmp/gonb_de14e13e/main.go", "image/png": "/gonb_de14e13e/"}},
	}
	out := scrub(in)
	if out[0].Text != "\tmain.go:26 +0x65\n" || out[1].EValue != "./main.go:1:2: bad" ||
		out[1].Traceback[0] != "main.go:3" || out[2].Data["text/html"] != "at main.go" || out[2].Data["image/png"] != "/gonb_de14e13e/" {
		t.Errorf("scrubbed: %+v", out)
	}
}

func TestClean(t *testing.T) {
	r := &repo{state: t.TempDir()}
	for _, f := range []string{"bin/gonb", "keep/pa.json", "train/pa.checkpoint", "venv/x"} {
		if err := os.MkdirAll(filepath.Dir(r.path(f)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(r.path(f), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := stdout(t, func() error { return r.clean(false) })
	if isDir(r.path("bin")) || isDir(r.path("venv")) || !isFile(r.path("keep", "pa.json")) || !isFile(r.path("train", "pa.checkpoint")) || !strings.Contains(out, "kept") {
		t.Errorf("clean removed the wrong things:\n%s", out)
	}
	stdout(t, func() error { return r.clean(true) })
	if isDir(r.state) {
		t.Error("clean -all left something")
	}
	if out := stdout(t, func() error { return r.clean(true) }); !strings.Contains(out, "nothing to remove") {
		t.Errorf("cleaning twice prints %q", out)
	}
}

func TestSetupCellWithoutBash(t *testing.T) {
	cell := "%noautoget\n!*test -f go.work || { go work init; }\nkernelext.Setup()"
	if got := forThisShell(cell, false); got != "%noautoget\nkernelext.Setup()" {
		t.Errorf("without bash: %q", got)
	}
	if got := forThisShell(cell, true); got != cell {
		t.Errorf("with bash: %q", got)
	}
}

func TestServerArgs(t *testing.T) {
	r := &repo{root: t.TempDir(), state: t.TempDir()}
	notebooks := filepath.Join(r.root, "notebooks")
	if err := os.Mkdir(notebooks, 0o755); err != nil {
		t.Fatal(err)
	}
	lab := frontEnd{argv: []string{"jupyter", "lab"}, lab: true, private: true}
	argv, landing := r.serverArgs(lab, 8899)
	if landing != "/lab/tree/notebooks" || !slices.Contains(argv, "--ip=127.0.0.1") || !slices.Contains(argv, "--ServerApp.root_dir="+r.root) {
		t.Errorf("JupyterLab: %q, %q", argv, landing)
	}
	if err := os.WriteFile(filepath.Join(notebooks, "00-first-steps.ipynb"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, landing = r.serverArgs(lab, 8899); landing != "/lab/tree/notebooks/00-first-steps.ipynb" {
		t.Errorf("JupyterLab with a first notebook: %q", landing)
	}
	if _, landing = r.serverArgs(frontEnd{argv: []string{"jupyter", "notebook"}}, 8899); landing != "/notebooks/notebooks/00-first-steps.ipynb" {
		t.Errorf("classic: %q", landing)
	}
	env, err := r.serverEnv(lab, "secret")
	if err != nil || env["JUPYTER_TOKEN"] != "secret" || env["JUPYTER_DATA_DIR"] != r.path("jupyter") {
		t.Errorf("environment %q, %v", env, err)
	}
	for _, a := range argv {
		if strings.Contains(a, "secret") {
			t.Errorf("the token is on the command line: %q", argv)
		}
	}
	if _, err := freePort(-1); err == nil {
		t.Error("port -1 is free")
	}
}

// TestBinder guards two things that nobody notices until Binder fails: it ignores the environment.yml at the top when there is
// a folder .binder, which therefore links to it, and it runs only files that are executable.
func TestBinder(t *testing.T) {
	top, errTop := os.ReadFile("../../../environment.yml")
	binder, errBinder := os.ReadFile("../../../.binder/environment.yml")
	if err := errors.Join(errTop, errBinder); err != nil {
		t.Fatal(err)
	}
	if string(top) != string(binder) {
		t.Error(".binder/environment.yml has to be a symbolic link to ../environment.yml")
	}
	for _, name := range []string{"postBuild", "start"} {
		info, err := os.Stat(filepath.Join("../../../.binder", name))
		if err != nil || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
			t.Errorf(".binder/%s is missing or not executable (%v)", name, err)
		}
	}
}
