package kernelext

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// The committed notebooks have the figure runtime of today in the output of Setup: a fault mended in it is
// mended for their readers too. With -update it is put there, without running them.
func TestNotebooksHaveTheRuntime(t *testing.T) {
	files, err := filepath.Glob("../notebooks/*.ipynb")
	deeper, _ := filepath.Glob("../notebooks/*/*.ipynb")
	if files = slices.Concat(files, deeper); err != nil || len(files) == 0 {
		t.Fatalf("%d notebooks, %v", len(files), err)
	}
	const begin, end = `<script>// Figure runtime`, `</script>`
	for _, f := range files {
		nb, err := jupyter.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		found, stale := 0, 0
		for _, c := range nb.Cells() {
			list := c.Outputs()
			for _, o := range list {
				html, _ := o.Data["text/html"].(string)
				if !strings.HasPrefix(html, begin) {
					continue
				}
				_, rest, _ := strings.Cut(html, end)
				if found++; html != setupHTML()+rest {
					stale++
					o.Data["text/html"] = setupHTML() + rest
				}
			}
			if stale > 0 {
				c.SetResult(c.Count(), list)
				if *update {
					if err := nb.WriteFile(f); err != nil {
						t.Fatal(err)
					}
					stale = 0
				}
			}
		}
		if found != 1 || stale > 0 {
			t.Errorf("%s: %d outputs of Setup, and %d is not of today: go test ./kernelext -run Runtime -update", f, found, stale)
		}
	}
}
