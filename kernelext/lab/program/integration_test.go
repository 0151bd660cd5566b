package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/checkout"
	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// The tests in this file build the real kernel. They share one build, in a folder that is removed afterwards.
var shared struct {
	once sync.Once
	repo *repo
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.repo != nil {
		if err := os.RemoveAll(shared.repo.state); err != nil {
			panic(err)
		}
	}
	os.Exit(code)
}

// whole leaves a test out that drives a kernel or a browser, unless it was asked for: these take minutes, and a test of
// the library need not wait because Chromium happens to be installed.
func whole(t *testing.T) {
	t.Helper()
	if testing.Short() || os.Getenv("L2O_REQUIRE") != "1" {
		t.Skip("no notebook was run: this takes minutes, and runs with L2O_REQUIRE=1, without -short")
	}
}

// skip ends a test that cannot run here. With L2O_REQUIRE=1 that is a failure.
func skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("L2O_REQUIRE") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// kernel returns a repo whose kernel is built, for a test that was asked for.
func kernel(t *testing.T) *repo {
	t.Helper()
	whole(t)
	return builtKernel(t)
}

// builtKernel returns a repo whose kernel is built.
func builtKernel(t testing.TB) *repo {
	t.Helper()
	if runtime.GOOS == "windows" {
		skip(t, "no notebook was run: the kernel needs Linux or macOS")
	}
	shared.once.Do(func() {
		shared.repo, shared.err = findRepo(t.Context())
		if shared.err == nil {
			// t.TempDir would go with the first test; TestMain removes this one.
			shared.repo.state, shared.err = os.MkdirTemp("", "l2o-lab-test-") //nolint:usetesting // see above
		}
		if shared.err == nil {
			shared.err = shared.repo.prepare(t.Context())
		}
	})
	if shared.err != nil && checkout.Offline(shared.err.Error()) {
		skip(t, "no notebook was run: building the kernel needs the Go module proxy once: %v", shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.repo
}

// needBash skips where the shell lines of the notebooks cannot run.
func needBash(t *testing.T) {
	t.Helper()
	if !isFile(bash) {
		skip(t, "shell lines were not tried: there is no %s; install bash", bash)
	}
}

// quiet hears which cell begins, and says nothing.
func quiet(int, int, func() string, string) {}

func TestRunNotebook(t *testing.T) {
	r := kernel(t)
	out := t.TempDir()
	first, second := filepath.Join(out, "a.ipynb"), filepath.Join(out, "b.ipynb")
	in, err := filepath.Abs("testdata/small.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{first, second} {
		if err := r.runAll(t.Context(), []job{{in, to}}, time.Minute, true); err != nil {
			t.Fatal(err)
		}
	}
	a, errA := os.ReadFile(first)
	b, errB := os.ReadFile(second)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	la, lb := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			t.Fatalf("two runs of the same notebook differ in line %d:\n%s\n%s", i+1, la[i], lb[i])
		}
	}
	if len(la) != len(lb) {
		t.Errorf("two runs of the same notebook have %d and %d lines", len(la), len(lb))
	}
	nb, err := jupyter.Parse(a)
	if err != nil {
		t.Fatal(err)
	}
	cells := nb.Cells()
	if out := cells[3].Outputs(); len(out) != 1 || out[0].Text != "1 < 2 & ü: 385\n" {
		t.Errorf("cell 4 shows %+v", out)
	}
	list, err := entries(nb)
	if err != nil || len(list) != 2 || list[0].name != "sum of squares" || list[1].name != "l2o-pa.f6.speedup" {
		t.Errorf("records %+v, %v", list, err)
	}
	if failed := cells[5].Outputs(); len(failed) == 0 || !strings.Contains(string(a), "main.go:") || strings.Contains(string(a), "gonb_") {
		t.Errorf("the panic shows %+v", failed)
	}
	page, err := os.ReadFile(filepath.Join(out, "a.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<title>A small notebook</title>", "1 &lt; 2 &amp; ü: 385", `class="math"`, "sum of squares"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report has no %q", want)
		}
	}
	v, err := r.checkOne(t.Context(), first, checking{timeout: time.Minute}, quiet)
	if v.records != 2 || v.texts == 0 || len(v.diffs) > 0 || len(v.left) > 0 || err != nil {
		t.Errorf("check: %+v, %v", v, err)
	}
}

func TestRunFailures(t *testing.T) {
	r := kernel(t)
	for _, c := range []struct {
		name     string
		want     []string
		executed int // cells that were executed
	}{
		{"fails", []string{"cell 3: ", `cannot use "text"`}, 2},
		{"slow", []string{"cell 1: ", "longer than 3s (-timeout)"}, 1},
		{"shell", []string{"cell 1: a shell line failed: exit status 1", "/does/not/exist"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "shell" {
				needBash(t)
			}
			path := filepath.Join("testdata", c.name+".ipynb")
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			abs, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			done, err := r.execute(t.Context(), abs, 3*time.Second, quiet)
			if err != nil || len(done.problems) != 1 {
				t.Fatalf("problems %q, %v", done.problems, err)
			}
			for _, want := range c.want {
				if !strings.Contains(done.problems[0], want) {
					t.Errorf("problem %q has no %q", done.problems[0], want)
				}
			}
			n := 0
			for _, cell := range done.nb.Cells() {
				n = max(n, cell.Count())
			}
			if n != c.executed {
				t.Errorf("%d cells were executed, want %d", n, c.executed)
			}
			if err := r.runAll(t.Context(), []job{{abs, abs}}, 3*time.Second, false); !errors.Is(err, errReported) {
				t.Errorf("error %v, want the one for exit code 1", err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("a failed run changed the notebook (%v)", err)
			}
		})
	}
}

// TestStockKernel runs a notebook under a kernel that "gonb --install" has set up, without network and without
// anything of ours but the setup cell.
func TestStockKernel(t *testing.T) {
	r := kernel(t)
	needBash(t)
	home := t.TempDir()
	env := environ(map[string]string{
		"JUPYTER_DATA_DIR": home, "GOPROXY": "off", "GOWORK": "", "GOFLAGS": withoutMod(r.tool.flags), "TMPDIR": t.TempDir(),
		"PATH": strings.Join([]string{r.path("bin"), filepath.Dir(r.tool.command), "/usr/bin", "/bin"}, string(os.PathListSeparator)),
	})
	install := exec.Command(r.gonb(), "--install", "--force_deps") // gopls is not needed to run cells
	install.Env = env
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("gonb --install: %v\n%s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(home, "kernels", "gonb", "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct{ Argv []string }
	if err := json.Unmarshal(b, &spec); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(spec.Argv, func(a string) bool { return strings.HasPrefix(a, "-go_work=") }); i >= 0 && spec.Argv[i] != "-go_work=" {
		t.Fatalf("this kernel is not a stock one: %q", spec.Argv)
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	client, err := jupyter.Start(t.Context(), jupyter.Spec{Argv: spec.Argv, Env: env, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}()
	nb, err := jupyter.ReadFile("testdata/small.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	stock := &session{client: client}
	for i, cell := range nb.Cells() {
		if cell.Kind() != "code" {
			continue
		}
		if _, failure, _ := stock.run(t.Context(), cell, time.Minute); failure != "" {
			t.Fatalf("cell %d: %s", i+1, failure)
		}
	}
}
