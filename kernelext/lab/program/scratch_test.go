package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// Notebook 01 promises in its title how long learning to optimize is.
func TestScratchIn150Lines(t *testing.T) {
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	nb, err := jupyter.ReadFile(filepath.Join(r.root, "notebooks", "01-l2o-in-150-lines.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range nb.Cells() {
		if c.Tagged("from-scratch") {
			n += said(c.Source())
		}
	}
	if n == 0 || n > 150 {
		t.Errorf("%d lines of code in the cells from scratch", n)
	}
}

// said counts the lines that say something: no blanks, no comments, not just closing brackets.
func said(src string) (n int) {
	for line := range strings.Lines(src) {
		if line = strings.TrimSpace(line); strings.Trim(line, "})(]") != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}
