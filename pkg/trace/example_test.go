package trace_test

import (
	"context"
	"fmt"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
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
	fmt.Print(results.Table(trace.After(0, 5, 10)))
	fmt.Printf("a relative gap of 1e-6 after %d and %d steps\n", results.First("ISTA", 1e-6), results.First("FISTA, restarted", 1e-6))
	// Output:
	// mean relative gap  after 0  after 5  after 10
	// ISTA                  24.3   0.0319   0.00658
	// FISTA, restarted      24.3   0.0165  2.41e-06
	// Exact needs the Solve oracle, which lasso does not have: only problems with a closed-form block minimiser have one
	// a relative gap of 1e-6 after 38 and 12 steps
}

// Two constants, tuned on problems that no race sees; scores, rows and cols of Map make
// a heat map.
func ExampleSearch() {
	tuned, err := trace.Search{
		Family: optimizee.SmallLasso, Config: trace.Config{Problems: 16, Steps: 50},
		By: trace.LowestAt(50), Rule: trace.TwoConstants,
		Over: []trace.Range{trace.Lin("p·L", 0.5, 1.5, 3), trace.Lin("a", 0, 0.8, 3)},
	}.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, rows, cols := tuned.Map()
	fmt.Println("p·L of", rows, "a of", cols)
	fmt.Println("best", tuned.Best.At)
	// Output:
	// p·L of [0.5 1 1.5] a of [0 0.4 0.8]
	// best [1 0.8]
}

// Signals are recovered, so the race is about their error and not about F. The mean of a
// method is the ratio of the sums over all instances.
func ExampleRaceFamily() {
	signals := sparse.SmallRecovery
	signals.Lambda = 0.01
	results, err := trace.RaceFamily(context.Background(), signals, trace.Config{Problems: 2, Steps: 100, Measure: trace.NMSE}, trace.Classic("ISTA", "FISTA")...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(results.Table(trace.After(0, 10, 100), trace.To(-15)))
	fmt.Println(results.Note())
	// Output:
	// NMSE in dB  after 0  after 10  after 100  steps to -15
	// ISTA              0     -2.98      -5.29             –
	// FISTA             0     -3.41      -22.8            65
	// Ratio of sums and 10–90 % band over 128 instances.
}
