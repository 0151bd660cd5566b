package main

import (
	"fmt"
	"regexp"
	"slices"
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
// a comment that says what is in them. The name of a question stands in the open, so it is no
// word of the answer.
func unfolded(nb *jupyter.Notebook) (faults []string) {
	above := 0
	for i, c := range nb.Cells() {
		if c.Kind() != "code" {
			above = 0
			continue
		}
		for _, q := range questions.FindAllStringSubmatch(c.Source(), -1) {
			if slices.Contains(strings.Fields(q[2]), q[1]) {
				faults = append(faults, fmt.Sprintf("cell %d: Predict(%s, …) is open and names the answer %q: rename the question", i+1, q[1], q[2]))
			}
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

// questions are the variables of questions, with their right answers.
var questions = regexp.MustCompile(`var (\w+) = kernelext\.Question\{\s*Ask:\s*(?:"(?:[^"\\]|\\.)*"),\s*Right:\s*"((?:[^"\\]|\\.)*)"`)

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
		{"cell_type": "code", "id": "f", "metadata": {}, "source": "var never = kernelext.Question{\n\tAsk: \"When?\",\n\tRight: \"it never does\"}", "execution_count": null, "outputs": []}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(unfolded(nb), "\n")
	if strings.Count(got, "\n") != 4 || !strings.Contains(got, `cell 6: Predict(never, …) is open and names the answer "it never does"`) || !strings.Contains(got, "cell 6 shows the answer") || !strings.Contains(got, "cell 1 imports") || !strings.Contains(got, "cell 2 is folded") || !strings.Contains(got, "cell 5 has a figure below 18") {
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
