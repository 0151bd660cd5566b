package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// setupCell is the first cell of a notebook, and editedCells have a number to edit.
const setupCell = `import (
	"fmt"

	"github.com/l2olab/l2o/kernelext"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

%%
kernelext.Setup()`

var editedCells = []struct{ name, source string }{
	{"text", "%%%%\nfmt.Println(%d)"},
	{"race", `%%%%
res := kernelext.Race(optimizee.LassoSpec{Rows: 20, Cols: 40, Nonzeros: 4, Lambda: 0.1}, trace.Config{Problems: 4, Steps: %d, Seed: 1},
	trace.Entry{"ISTA", optim.ISTA}, trace.Entry{"FISTA", optim.FISTA})
kernelext.Convergence("Who is first?", res, kernelext.Axes{})`},
	{"trained", `%%%%
res := kernelext.Race(optimizee.LassoSpec{Rows: 20, Cols: 40, Nonzeros: 4, Lambda: 0.1}, trace.Config{Problems: 4, Steps: %d, Seed: 1},
	trace.Entry{"FISTA", optim.FISTA}, weights.Entry("L2O-PA", "l2opa-lasso-20x40"))
kernelext.Convergence("Who is first?", res, kernelext.Axes{})`},
}

// BenchmarkEdit is what a reader waits for: one number of a cell is edited and the cell run, in a
// warm kernel, until its figure is there (ms/figure) and until the cell has ended (ms/op).
func BenchmarkEdit(b *testing.B) {
	r := builtKernel(b)
	s, err := r.startSession(b.Context(), filepath.Join(b.TempDir(), "edit.ipynb"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.close(); err != nil {
			b.Error(err)
		}
	})
	run := func(b *testing.B, source string) (figure time.Duration) {
		b.Helper()
		start := time.Now()
		res, err := s.client.Execute(b.Context(), source)
		if err != nil || !res.OK {
			b.Fatalf("%v: %+v", err, res)
		}
		return res.Shown().Sub(start)
	}
	run(b, setupCell)
	number := 40
	for _, c := range editedCells {
		b.Run(c.name, func(b *testing.B) {
			var figures time.Duration
			for b.Loop() {
				number++
				figures += run(b, fmt.Sprintf(c.source, number))
			}
			if figures > 0 {
				b.ReportMetric(figures.Seconds()*1e3/float64(b.N), "ms/figure")
			}
		})
	}
}
