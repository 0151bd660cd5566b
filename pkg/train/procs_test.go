package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/internal/par/partest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/train"
)

var manyAtoms = sparse.DrawDictionary(60, 150, 1)

// Every loss, every validation and every θ of a training has the same bits on any number of
// cores that lose time at random. Batches and validation sets are no multiples of the
// number of workers; at the size of the paper, and in large products, a worker may
// share one operation with another.
func TestSameBitsOnDelayedCores(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      learned.Optimizer
		family optimizee.Family
	}{
		{"PA on lasso", pa(), tinyLasso},
		{"PA on lasso at the size of the paper", pa(), optimizee.PaperLasso},
		{"PA on problems with large products", pa(), optimizee.FamilyFunc("large products", func(rng *rand.Rand) *optimizee.Problem {
			return optimizee.Quadratic(nn.Normal(rng, 330, 80, 0.1), nn.Normal(rng, 330, 80, 1))
		})},
		{"composed PA on logistic", learned.PA(func() learned.PAConfig {
			c := learned.LogisticPA
			c.Network = learned.Network{Hidden: 4, Composed: true}
			return c
		}()), optimizee.LogisticSpec{Rows: 12, Cols: 5, Nonzeros: 2, Lambda: 0.02}},
		{"a network of more parameters than a tile", lista.CP(lista.Config{Dictionary: manyAtoms, Layers: 4, Single: true}), sparse.Recovery{Dictionary: manyAtoms, Columns: 3}},
		{"DM on lasso", learned.DM(learned.DMConfig{Network: learned.Network{Hidden: 6}}), tinyLasso},
		{"RNNprop on lasso", learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{Hidden: 6}}), tinyLasso},
	} {
		t.Run(c.name, func(t *testing.T) {
			numbers := func(procs int) []string {
				config, lines := tiny, []string(nil)
				config.Minibatches, config.Iterations, config.Segment = 2, 4, 2
				config.Validation = train.Validation{Problems: 7, Every: 1}
				config.Report = func(e train.Event) {
					lines = append(lines, fmt.Sprintf("minibatch %d: loss %x, validation %x, best %x", e.Done, e.Loss, e.Validation, e.Best))
				}
				var r train.Result
				var err error
				partest.Delayed(procs, func() { r, err = train.Run(context.Background(), c.o, c.family, config) })
				if err != nil {
					t.Fatal(err)
				}
				return append(lines, fmt.Sprintf("validations %x", r.Validation), "last θ "+fingerprint(r.Last), "best θ "+fingerprint(r.Theta))
			}
			one := numbers(1)
			for _, procs := range []int{2, 3, 7} {
				if got := numbers(procs); !slices.Equal(got, one) {
					t.Errorf("GOMAXPROCS=%d:\n%q\nwith 1:\n%q", procs, got, one)
				}
			}
		})
	}
}

// The same holds for a training in phases.
func TestPhasesSameBitsOnDelayedCores(t *testing.T) {
	numbers := func(procs int) (line string) {
		partest.Delayed(procs, func() {
			r := supervise(t, lista.LISTA(tinyNet), tinySuper)
			line = fmt.Sprintf("%s after %d steps, best validation %x", fingerprint(r.Theta), r.Minibatches, r.Best)
		})
		return line
	}
	one := numbers(1)
	for _, procs := range []int{3, 7} {
		if got := numbers(procs); got != one {
			t.Errorf("on %d cores %s, on one %s", procs, got, one)
		}
	}
}
