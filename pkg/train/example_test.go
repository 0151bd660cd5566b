package train_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// Train an optimizer on a family, keep it in a file with a card that says where it
// comes from, and use it later.
func ExampleRun() {
	pa := learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 6}})
	family := optimizee.LassoSpec{Rows: 6, Cols: 12, Nonzeros: 2, Lambda: 0.1}
	result, err := train.Run(context.Background(), pa, family, train.Config{
		Minibatches: 10, Batch: 8, Iterations: 20, Segment: 10, LR: 1e-2, Seed: 1,
		Validation: train.Validation{Problems: 16, Every: 5}, Guard: train.DefaultGuard,
	})
	if err != nil {
		log.Fatal(err)
	}
	mine, err := weights.NewTrained(pa, result.Theta, family, weights.Card{
		Name: "mine", Seed: "1", Numerics: train.NumericsVersion,
	})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "l2o")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "mine.safetensors")
	if err := mine.Save(file); err != nil {
		log.Fatal(err)
	}
	again, err := weights.LoadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Optimizer.Name, "trained on", again.Card.Family)
	fmt.Println("validated", len(result.Validation), "times")
	// Output:
	// L2O-PA trained on lasso 6×12, 2 nonzeros, λ = 0.1
	// validated 2 times
}

// A problem is the sum of its parts, and a family is a function that draws problems:
// L2O-PA is trained on elastic nets, and after ten steps on fresh ones it is ahead of FISTA.
func ExampleRun_elasticNet() {
	family := optimizee.FamilyFunc("elastic nets", func(rng *rand.Rand) *optimizee.Problem {
		a, b := optimizee.Gaussian(rng, 15, 30), optimizee.Gaussian(rng, 15, 1)
		optimizee.UnitColumns(a)
		return optimizee.LeastSquares(linear.Dense(a), b).Plus(prox.ElasticNet(0.3, 0.1))
	})
	pa := learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 8, ZeroState: true}})
	result, _ := train.Run(context.Background(), pa, family, train.Config{
		Minibatches: 60, Batch: 12, Iterations: 20, Segment: 10, LR: 1e-2, Guard: train.DefaultGuard,
	})
	race, _ := trace.RaceFamily(context.Background(), family, trace.Config{Problems: 16, Steps: 10},
		trace.Entry{Name: "L2O-PA", Rule: result.Rule()}, trace.Entry{Name: "FISTA", Rule: optim.FISTA})
	fmt.Println("ahead of FISTA:", race.Mean("L2O-PA", 10) < race.Mean("FISTA", 10)/2)
	// Output:
	// ahead of FISTA: true
}

// Horizons that grow, and three of ten minibatches that imitate Adam.
func ExampleConfig_Curriculum() {
	c := train.Config{Minibatches: 8, Batch: 8, Segment: 5, LR: 1e-2, Validation: train.Validation{Problems: 8, Every: 1, Measure: train.AtEnd}}
	c.Imitate = &train.Imitation{Chance: []float64{0.3}}
	rnnprop := learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{ZeroState: true}})
	result, err := train.Run(context.Background(), rnnprop, optimizee.QuadraticSpec{Rows: 6, Cols: 4}, c.Curriculum(5, 10, 20))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("some minibatches imitate:", result.Imitated > 0 && result.Imitated < result.Minibatches)
	fmt.Println("validated over twice its steps:", result.Phases[0].Iterations, result.Phases[0].Value < result.Validation[0].Value)
	// Output:
	// some minibatches imitate: true
	// validated over twice its steps: 5 true
}
