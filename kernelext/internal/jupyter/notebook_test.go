package jupyter

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/atomicfile/filetest"
)

// jupyterNotebook was written by nbformat 5.10 and holds every kind of cell and output, awkward characters and numbers.
const jupyterNotebook = "testdata/jupyter.ipynb"

func TestRewriteIsByteIdentical(t *testing.T) {
	want, err := os.ReadFile(jupyterNotebook)
	if err != nil {
		t.Fatal(err)
	}
	nb, err := Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, nb, want, "read and written")

	// Outputs that are decoded and encoded again must come back too: that is what a re-run with equal outputs does.
	for _, c := range nb.Cells() {
		if c.Kind() == "code" {
			c.SetResult(c.Count(), c.Outputs())
		}
	}
	compare(t, nb, want, "with its outputs set again")
}

func compare(t *testing.T, nb *Notebook, want []byte, how string) {
	t.Helper()
	got, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s, line %d is\n%q, Jupyter writes\n%q", how, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, Jupyter writes %d", how, len(g), len(w))
}

func TestCells(t *testing.T) {
	nb, err := ReadFile(jupyterNotebook)
	if err != nil {
		t.Fatal(err)
	}
	cells := nb.Cells()
	kinds := []string{}
	for _, c := range cells {
		kinds = append(kinds, c.Kind())
	}
	if !slices.Equal(kinds, []string{"markdown", "raw", "code", "code"}) {
		t.Fatalf("kinds %q", kinds)
	}
	if mime, data, ok := cells[0].Attachment("p.png"); mime != "image/png" || data != "aGk=" || !ok {
		t.Errorf("attachment %q %q %v", mime, data, ok)
	}
	if _, _, ok := cells[0].Attachment("q.png"); ok {
		t.Error("an attachment that is not there was found")
	}
	code := cells[3]
	if !code.Tagged("raises-exception") || code.Tagged("other") || cells[2].Tagged("other") {
		t.Error("tags are read wrongly")
	}
	if code.Count() != 3 || cells[2].Count() != 0 {
		t.Errorf("counts %d and %d, want 3 and 0", code.Count(), cells[2].Count())
	}
	if !strings.HasPrefix(code.Source(), "line 1\nline 2") {
		t.Errorf("source %q", code.Source())
	}
}

func TestSetResult(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "source": "x",
		"metadata": {"execution": {"iopub.execute_input": "2026-01-01"}}, "execution_count": 9, "outputs": []}]}`))
	if err != nil {
		t.Fatal(err)
	}
	c := nb.Cells()[0]
	c.SetResult(1, []Output{{Type: "stream", Name: "stdout", Text: "a\nb"}})
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "2026") || !strings.Contains(s, `"execution_count": 1`) {
		t.Errorf("times stay or the number is missing:\n%s", s)
	}
	if out := c.Outputs(); len(out) != 1 || out[0].Text != "a\nb" || c.Count() != 1 {
		t.Errorf("outputs %+v, count %d", out, c.Count())
	}
	c.SetResult(0, nil)
	if b, _ = nb.Bytes(); !strings.Contains(string(b), `"execution_count": null`) || c.Count() != 0 {
		t.Errorf("a cell that was not executed keeps a number:\n%s", b)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "not JSON",
		"package main":                   "not JSON",
		`{"nbformat": 3}`:                `"3", not 4`,
		`{"nbformat": 4}`:                `no list "cells"`,
		`{"nbformat": 4, "cells": [1]}`:  "cell 1",
		`{"nbformat": 4, "cells": []} {`: "more text",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): error %v, want one with %q", text, err, want)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.ipynb")
	nb, err := ReadFile(jupyterNotebook)
	if err != nil {
		t.Fatal(err)
	}
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) < time.Minute {
		t.Errorf("a notebook that did not change was written again (%v)", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files in the folder (%v), want the notebook alone", len(entries), err)
	}
}

func TestSplitLines(t *testing.T) {
	for in, want := range map[string][]string{
		"":                          {},
		"a":                         {"a"},
		"a\n":                       {"a\n"},
		"a\r\nb\rc\n\nd":            {"a\r\n", "b\r", "c\n", "\n", "d"},
		"a\u2028b\u0085c\x1cd\ve":   {"a\u2028", "b\u0085", "c\x1c", "d\v", "e"},
		"\xff\xfeä\n":               {"\xff\xfeä\n"},
		"ends with a return\r":      {"ends with a return\r"},
		"return, line feed\r\n\r\n": {"return, line feed\r\n", "\r\n"},
	} {
		if got := splitLines(in); !slices.Equal(got, want) {
			t.Errorf("splitLines(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMarshalRefusesOtherTypes(t *testing.T) {
	if _, err := marshal(map[string]any{"x": []any{1.5}}); err == nil {
		t.Error("a float64 was written, although its digits may differ from the file's")
	}
}

func TestHiddenSource(t *testing.T) {
	nb, err := Parse([]byte(`{"cells":[{"cell_type":"code","metadata":{"jupyter":{"source_hidden":true}},"outputs":[],"source":[]},
		{"cell_type":"code","metadata":{},"outputs":[],"source":[]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`))
	if err != nil {
		t.Fatal(err)
	}
	if c := nb.Cells(); !c[0].Hidden() || c[1].Hidden() {
		t.Error("the first cell is hidden and the second is not")
	}
}

func TestLanguage(t *testing.T) {
	for meta, want := range map[string]string{
		`{}`: "|",
		`{"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}`: "python|Python 3",
		`{"kernelspec": {"name": "gonb"}, "language_info": {"name": "go"}}`:                     "go|gonb",
		`{"kernelspec": 3, "language_info": []}`:                                                "|",
	} {
		nb, err := Parse([]byte("\ufeff" + `{"nbformat": 4, "cells": [], "metadata": ` + meta + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if language, kernel := nb.Language(); language+"|"+kernel != want {
			t.Errorf("%s: %s|%s, want %s", meta, language, kernel, want)
		}
	}
}

// FuzzNotebook holds that what is read is written, and read again as the same.
func FuzzNotebook(f *testing.F) {
	b, err := os.ReadFile(jupyterNotebook)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a\r\n", "b"], "outputs": [{"output_type": "stream", "text": "\ud800"}, 1],
		"execution_count": 1e400, "metadata": {"tags": [3]}, "attachments": {"a": {"b": 1}}}], "metadata": []}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var nb *Notebook
		var err error
		filetest.Frugal(t, 1<<20, len(text), func() { nb, err = Parse(text) })
		if err != nil {
			return
		}
		nb.Language()
		for _, c := range nb.Cells() {
			_, _, _ = c.Source(), c.Hidden(), c.Tagged("x")
			_, _, _ = c.Attachment("a")
			if c.Kind() == "code" {
				c.SetResult(c.Count(), c.Outputs())
			}
		}
		once, err := nb.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if nb, err = Parse(once); err != nil {
			t.Fatalf("%v in\n%s", err, once)
		}
		if twice, err := nb.Bytes(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%v, written once\n%s\nand again\n%s", err, once, twice)
		}
	})
}

// TestParseIsFrugal with what takes little in a file and much in memory.
func TestParseIsFrugal(t *testing.T) {
	for what, value := range filetest.JSON(1 << 16) {
		for _, at := range []string{`{"nbformat": 4, "cells": [], "metadata": %s}`, `{"nbformat": 4, "cells": %s}`, `{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": %s, "outputs": []}]}`} {
			t.Run(what, func(t *testing.T) {
				text := fmt.Appendf(nil, at, value)
				filetest.Frugal(t, 1<<18, len(text), func() { _, _ = Parse(text) })
			})
		}
	}
}
