package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// openLines is how much code may stand open above a figure: a reader sees the question,
// what is asked of the library, and the answer.
const openLines = 15

// No figure stands far below the last text, and import cells are folded.
func TestNotebooksFold(t *testing.T) {
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		for _, fault := range unfolded(nb) {
			t.Errorf("%s: %s", name, fault)
		}
	})
}

// unfolded lists the figures below too many open lines of code, in their own cell and in
// those since the last text, import cells and answers that are open, and folded cells without
// a comment that says what is in them.
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
		if strings.Contains(c.Source(), "kernelext.Question{") {
			faults = append(faults, fmt.Sprintf("cell %d shows the answer of a question above it: fold it", i+1))
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
			{"output_type": "display_data", "metadata": {}, "data": {"image/png": "x"}}]},
		{"cell_type": "code", "id": "f", "metadata": {}, "source": "var q = kernelext.Question{}", "execution_count": null, "outputs": []}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(unfolded(nb), "\n")
	if strings.Count(got, "\n") != 3 || !strings.Contains(got, "cell 6 shows the answer") || !strings.Contains(got, "cell 1 imports") || !strings.Contains(got, "cell 2 is folded") || !strings.Contains(got, "cell 5 has a figure below 18") {
		t.Errorf("faults\n%s", got)
	}
}

// No cell walks through a map as it is written: the order of what it prints would change from run to run.
func TestNotebooksHaveAnOrder(t *testing.T) {
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		for i, c := range nb.Cells() {
			if c.Kind() == "code" && strings.Contains(c.Source(), "range map[") {
				t.Errorf("%s: cell %d walks through a map, which has no order: make it a list", name, i+1)
			}
		}
	})
}
