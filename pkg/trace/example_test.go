package trace_test

import (
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// Rules race from the same start; what misses an oracle is named below the table.
func ExampleRace() {
	p := optimizee.Lasso(ad.New(2, 2, []float64{2, 1, 0, 1}), ad.Col(3, 1), 0.1)
	results, err := trace.Race(p, trace.Config{Steps: 100},
		trace.Entry{Name: "ISTA", Rule: optim.ISTA},
		trace.Entry{Name: "FISTA, restarted", Rule: optim.FISTARestart},
		trace.Entry{Name: "exact", Rule: optim.Exact},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(results.Table(0, 5, 10))
	fmt.Printf("a relative gap of 1e-6 after %d and %d steps\n", results.First("ISTA", 1e-6), results.First("FISTA, restarted", 1e-6))
	// Output:
	// k                    0       5        10
	// ISTA              24.3  0.0319   0.00658
	// FISTA, restarted  24.3  0.0165  2.41e-06
	// Exact needs the Solve oracle, which lasso does not have: only problems with a closed-form block minimiser have one
	// a relative gap of 1e-6 after 38 and 12 steps
}
