package pkg_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors lists the packages of the module from the ground up, as pkg/doc.go draws them. A
// package imports only from floors below its own.
var floors = [][]string{
	{"pkg/atomicfile", "pkg/atomicfile/filetest", "kernelext/internal/console", "pkg/internal/near", "pkg/internal/par", "pkg/internal/spare", "pkg/internal/tiles"},
	{"pkg/internal/closure", "pkg/internal/kern", "pkg/internal/par/partest"},
	{"datasets", "kernelext/internal/draw", "kernelext/internal/exact", "kernelext/internal/record", "kernelext/internal/page", "kernelext/internal/jupyter", "kernelext/internal/checkout"},
	{"pkg/ad", "pkg/cite"},
	{"pkg/ad/adtest", "pkg/internal/check"},
	{"pkg/linear"},
	{"pkg/prox"},
	{"pkg/nn", "pkg/optimizee"},
	{"pkg/optimizee/problemtest", "pkg/optim"},
	{"pkg/optim/optimtest", "pkg/sparse", "pkg/completion", "pkg/mixture", "pkg/neural"},
	{"pkg/trace"}, // knows rules, and so no learned optimizer
	{"pkg/realdata", "pkg/learned"},
	{"pkg/learned/lista", "pkg/learned/mlam", "pkg/learned/learnedtest"},
	{"pkg/weights"},
	{"pkg/train"},
	{"pkg/recipe"},
	{"pkg/study"},
	{"kernelext/play", "pkg/internal/bench"},
	{"kernelext", "kernelext/play/wasm"},
	{"kernelext/lab", "kernelext/lab/program"},
	{"pkg", "pkg/internal/kern/internal/gen", "kernelext/lab/shim"}, // import nothing of ours
}

func TestFloors(t *testing.T) {
	const module = "github.com/l2olab/l2o/"
	floor := func(path string) int {
		return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, strings.TrimPrefix(path, module)) })
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if floor(words[0]) < 0 {
			t.Errorf("%s stands on no floor: give it one here and in pkg/doc.go", words[0])
		}
		for _, below := range words[1:] {
			if strings.HasPrefix(below, module) && floor(below) >= floor(words[0]) {
				t.Errorf("%s imports %s, which is not on a floor below", words[0], below)
			}
		}
	}
}
