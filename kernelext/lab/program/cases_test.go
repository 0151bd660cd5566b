package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// sources is a notebook of code cells, the first with tags.
func sources(t *testing.T, path string, tags []string, cells ...string) {
	t.Helper()
	list := make([]any, len(cells))
	for i, c := range cells {
		meta := map[string]any{}
		if i == 0 && tags != nil {
			meta["tags"] = tags
		}
		list[i] = map[string]any{"cell_type": "code", "metadata": meta, "outputs": []any{}, "execution_count": nil, "source": c}
	}
	b, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestCases runs notebooks of the kinds that people meet. What a cell writes to standard error does not decide, and what a
// shell line ends with does.
func TestCases(t *testing.T) {
	r := kernel(t)
	needBash(t)
	for _, c := range []struct {
		name    string
		tags    []string
		cells   []string
		problem string // "" for none
		note    string
		out     string // a part of what the cells show
	}{
		{name: "words of a signal", cells: []string{"import \"os\"\n%%\nfmt.Fprintln(os.Stderr, \"signal: 64 entries\")\nfmt.Fprintln(os.Stderr, \"exit status 1\")"}},
		{name: "a program that a cell runs fails", cells: []string{"import (\"os/exec\"; \"os\")\n%%\nc := exec.Command(\"false\")\nc.Stderr = os.Stderr\nfmt.Fprintln(os.Stderr, c.Run())"}},
		{name: "carriage returns", cells: []string{"%%\r\nfmt.Println(\"hi\")\r\n", "!echo b\\\r\n  c\r\n"}, out: "hi"},
		{name: "unknown command", cells: []string{"%nosuchmagic\n"}, problem: `cell 1: "%nosuchmagic" is no command`},
		{name: "unknown command as a lesson", tags: []string{mayFail}, cells: []string{"%nosuchmagic\n"}, out: "unknown"},
		{name: "input", cells: []string{"%%\nvar s string\nn, err := fmt.Scanln(&s)\nfmt.Println(n, err, s)"}, problem: "cell 1: it asks for input"},
		{name: "input of a line", cells: []string{"!read x; echo got $x"}, problem: "cell 1: it asks for input"},
		{name: "input of a script", cells: []string{"%%bash\nread x\nnever seen\necho got $x"}, out: "got never seen"},
		{name: "input of Jupyter", cells: []string{"%with_inputs\n!read x"}, problem: "asks for input (%with_inputs)"},
		{name: "nobody asks", cells: []string{"!exec 0<&-; echo none"}, out: "none"},
		{name: "skipped", tags: []string{skipped}, cells: []string{"%%\npanic(\"skip me\")", "%%\nfmt.Println(\"hi\")"}, note: "cell 1 was not executed", out: "hi"},
		{name: "background", cells: []string{"!sleep 60 & echo on", "!echo next"}, note: "has left a process running", out: "next"},
		{name: "no end of line", cells: []string{"!printf 'no end'; exit 3"}, problem: "a shell line failed: exit status 3: !printf"},
		{name: "no end of line on standard error", cells: []string{"!printf 'no end' >&2; exit 3\n!true"}, problem: "exit status 3"},
		{name: "killed", cells: []string{"!kill -9 $$"}, problem: "exit status 137"},
		{name: "replaced", cells: []string{"!exec false"}, problem: "exit status 1"},
		{name: "no shell", cells: []string{"!echo 'unclosed"}, problem: "exit status 2"},
		{name: "script", cells: []string{"%%bash\necho a\nexit 4"}, problem: "exit status 4: %%bash"},
		{name: "good script", cells: []string{"%%sh\necho \"exit status 1\" >&2"}},
		{name: "joined", cells: []string{"!false \\\n|| echo saved\n%%\nfmt.Println(\"both\")"}, out: "saved"},
		{name: "where the kernel builds", cells: []string{"!*test -f go.mod && echo inside"}, out: "inside"},
		{name: "much output", cells: []string{"!seq 100000; echo end"}, out: "100000\nend"},
		{name: "a program that fails", cells: []string{"import \"os\"\n%%\nos.Exit(5)"}, problem: "exit status 5"},
		{name: "a test", cells: []string{"import \"testing\"\nfunc TestA(t *testing.T) { t.Log(\"ran\") }\n%test -test.v"}, out: "ran"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.ipynb")
			sources(t, file, c.tags, c.cells...)
			start := time.Now()
			done, err := r.execute(t.Context(), file, 50*time.Second, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 45*time.Second {
				t.Errorf("it took %v", took)
			}
			problems, notes := strings.Join(done.problems, "\n"), strings.Join(done.notes, "\n")
			if c.problem == "" && problems != "" || !strings.Contains(problems, c.problem) {
				t.Errorf("problems %q, want %q", problems, c.problem)
			}
			if c.note == "" && notes != "" || !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
			var text strings.Builder
			for _, cell := range done.nb.Cells() {
				for _, o := range cell.Outputs() {
					text.WriteString(o.Text)
				}
			}
			if !strings.Contains(text.String(), c.out) {
				t.Errorf("it shows %.300q, want %q", text.String(), c.out)
			}
		})
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "l2o-run-*")); len(left) > 0 {
		t.Logf("temporary folders, of other runs perhaps: %q", left)
	}
}

// A notebook that cannot be run does not keep others from running, is named once, and a link is written through.
func TestUnreadableAmongOthers(t *testing.T) {
	r := kernel(t)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("v3.ipynb", `{"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": []}`)
	write("py.ipynb", `{"metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}, "nbformat": 4, "nbformat_minor": 5, "cells": []}`)
	write("empty.ipynb", "")
	sources(t, path("target.ipynb"), nil, "%%\nfmt.Println(\"hi\")")
	if err := errors.Join(os.Mkdir(path("folder.ipynb"), 0o755), os.Symlink("target.ipynb", path("link.ipynb"))); err != nil {
		t.Fatal(err)
	}
	var jobs []job
	for _, name := range []string{"v3", "py", "empty", "folder", "link"} {
		jobs = append(jobs, job{path(name + ".ipynb"), path(name + ".ipynb")})
	}
	var err error
	out := stdout(t, func() error { err = r.runAll(t.Context(), jobs, time.Minute, false); return nil })
	if !errors.Is(err, errReported) || !strings.Contains(out, "4 of 5 notebooks failed") || !strings.Contains(out, `kernel "Python 3" (python)`) || !strings.Contains(out, "not 4") {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		if strings.Count(line, ".ipynb") > 1 {
			t.Errorf("a path twice: %s", line)
		}
	}
	if info, err := os.Lstat(path("link.ipynb")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became a file (%v)", err)
	}
	nb, err := jupyter.ReadFile(path("target.ipynb"))
	if err != nil || len(nb.Cells()[0].Outputs()) != 1 {
		t.Errorf("the target of the link was not written (%v)", err)
	}
}
