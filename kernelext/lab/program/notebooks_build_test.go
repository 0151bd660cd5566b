package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/l2olab/l2o/kernelext/internal/jupyter"
)

// Every notebook fits the library as it is, whether it is run here or not: its cells make
// one program, and go vet knows all its names.
func TestNotebooksBuild(t *testing.T) {
	r, err := findRepo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eachNotebook(t, func(t *testing.T, name string, nb *jupyter.Notebook) {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "main.go")
			if err := os.WriteFile(program, []byte(asProgram(nb)), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "go", "vet", "-composites=false", program) // short literals read well in a cell
			cmd.Dir = r.root                                                                   // where its imports are found
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	})
}

// asProgram joins the cells as the kernel does: imports and declarations at the top level,
// what stands below %% in a function for each cell.
func asProgram(nb *jupyter.Notebook) string {
	var imports, top, bodies strings.Builder
	for i, c := range nb.Cells() {
		if c.Kind() != "code" {
			continue
		}
		to := &top
		for line := range strings.Lines(c.Source()) {
			switch {
			case strings.HasPrefix(line, "import ("):
				to = &imports
				continue
			case to == &imports && strings.HasPrefix(line, ")"):
				to = &top
				continue
			case strings.HasPrefix(line, "%%"):
				to = &bodies
				fmt.Fprintf(to, "}\n\nfunc cell%d() {\n", i)
				continue
			case strings.HasPrefix(line, "%"), strings.HasPrefix(line, "!"):
				continue
			}
			to.WriteString(line)
		}
		to.WriteString("\n")
	}
	return "package main\n\nimport (\n" + imports.String() + ")\n\n" + top.String() + "\nfunc main() {\n" + bodies.String() + "}\n"
}
