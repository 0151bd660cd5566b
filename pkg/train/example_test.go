package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
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
