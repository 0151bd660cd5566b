package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// openLines is how much code may stand open above a figure: a reader sees the question,
// what is asked of the library, and the answer.
const openLines = 15

// No figure stands far below the last text, and import cells are folded.
func TestNotebooksFold(t *testing.T) {
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := r.notebooks()
	if err != nil || len(files) == 0 {
		t.Fatalf("%d notebooks, %v", len(files), err)
	}
	for _, f := range files {
		nb, err := jupyter.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		rel, err := filepath.Rel(r.root, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range unfolded(nb) {
			t.Errorf("%s: %s", rel, fault)
		}
	}
}

// unfolded lists the figures below too many open lines of code, in their own cell and in
// those since the last text, import cells that are open, and folded cells without a
// comment that says what is in them.
func unfolded(nb *jupyter.Notebook) (faults []string) {
	above := 0
	for i, c := range nb.Cells() {
		if c.Kind() != "code" {
			above = 0
			continue
		}
		if c.Hidden() {
			if !strings.Contains("\n"+c.Source(), "\n// ") {
				faults = append(faults, fmt.Sprintf("cell %d is folded and no comment says what is in it: // Folded: …", i+1))
			}
			continue
		}
		above += lineCount(c.Source())
		if above > openLines && showsFigure(c) {
			faults = append(faults, fmt.Sprintf("cell %d has a figure below %d open lines of code: fold helpers, or put a text between", i+1, above))
		}
		if imports(c.Source()) {
			faults = append(faults, fmt.Sprintf("cell %d imports packages and is not folded", i+1))
		}
	}
	return faults
}

func showsFigure(c jupyter.Cell) bool {
	for _, o := range c.Outputs() {
		if _, ok := o.Data["image/png"]; ok {
			return true
		}
	}
	return false
}

func imports(src string) bool {
	for line := range strings.Lines(src) {
		if strings.HasPrefix(line, "import (") || strings.HasPrefix(line, `import "`) {
			return true
		}
	}
	return false
}

func lineCount(src string) int {
	if src = strings.TrimRight(src, "\n"); strings.TrimSpace(src) == "" {
		return 0
	}
	return strings.Count(src, "\n") + 1
}

func TestUnfolded(t *testing.T) {
	nb, err := jupyter.Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
		{"cell_type": "code", "id": "a", "metadata": {}, "source": "import \"fmt\"", "execution_count": null, "outputs": []},
		{"cell_type": "code", "id": "b", "metadata": {"jupyter": {"source_hidden": true}}, "source": "var x = 1", "execution_count": null, "outputs": []},
		{"cell_type": "markdown", "id": "c", "metadata": {}, "source": "text"},
		{"cell_type": "code", "id": "d", "metadata": {}, "source": "` + strings.Repeat("\\n", 8) + `x", "execution_count": null, "outputs": []},
		{"cell_type": "code", "id": "e", "metadata": {}, "source": "` + strings.Repeat("\\n", 8) + `x", "execution_count": null, "outputs": [
			{"output_type": "display_data", "metadata": {}, "data": {"image/png": "x"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(unfolded(nb), "\n")
	if strings.Count(got, "\n") != 2 || !strings.Contains(got, "cell 1 imports") || !strings.Contains(got, "cell 2 is folded") || !strings.Contains(got, "cell 5 has a figure below 18") {
		t.Errorf("faults\n%s", got)
	}
}
