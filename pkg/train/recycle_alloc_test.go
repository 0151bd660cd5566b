//go:build !race

package train_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/train"
)

// The race detector makes pools forget, so this is not built with it.

// A minibatch makes next to nothing: per step a few hundred bytes of bookkeeping and no
// vector, of which a step of PA has sixteen.
func TestMinibatchesMakeNoVectors(t *testing.T) {
	const n, steps = 600, 20
	p := optimizee.LassoSpec{Rows: 30, Cols: n, Nonzeros: 10, Lambda: 0.1}.Draw(optimizee.Stream(1))
	var made []float64
	var before runtime.MemStats
	config := tiny
	config.Batch, config.Minibatches, config.Iterations, config.Segment, config.Validation = 4, 8, steps, 10, train.Validation{}
	config.Report = func(train.Event) {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		made = append(made, float64(now.TotalAlloc-before.TotalAlloc)/(4*steps))
		before = now
	}
	fixed := optimizee.FamilyFunc("one problem", func(*rand.Rand) *optimizee.Problem { return p })
	if _, err := train.Run(context.Background(), learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 4}}), fixed, config); err != nil {
		t.Fatal(err)
	}
	if least := slices.Min(made); least > 8*n {
		t.Errorf("a step of a minibatch makes %.0f bytes, which are %.1f vectors", least, least/(8*n))
	}
}
