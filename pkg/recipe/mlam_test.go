package recipe_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// A recipe is train.Run, stopped or not.
func TestAlternating(t *testing.T) {
	r := find(t, "mlam-rank5-lambda0.1")
	r.Train.Batch, r.Train.Minibatches, r.Train.Iterations, r.Train.Segment = 1, 3, 2, 1
	r.Train.Validation = train.Validation{Problems: 1, Every: 1}
	want, err := train.Run(t.Context(), r.Optimizer, r.Family, r.Train)
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/checkpoint"
	ctx, stop := context.WithCancel(t.Context())
	if _, res, err := r.Run(ctx, file, func(e train.Event) {
		if e.Done == 2 {
			stop()
		}
	}); err == nil || res.Minibatches != 2 {
		t.Fatal("stopped after", res.Minibatches, err)
	}
	trained, res, err := r.Run(t.Context(), file, nil)
	if err != nil || trained.Theta.Hash() != want.Theta.Hash() || res.Best != want.Best {
		t.Errorf("it reaches %g and Run %g: %v", res.Best, want.Best, err)
	}
	if c := trained.Card; !strings.Contains(c.Reached, "the mean logarithm of the objective over 2 steps") || c.Problem != "matrix completion" || c.Traits["lambda"] != 0.1 {
		t.Errorf("card %+v", c)
	}
	if err := trained.Save(file); err != nil {
		t.Fatal(err)
	}
	again, err := weights.LoadFile(file)
	if err != nil || again.Theta.Hash() != want.Theta.Hash() || encoded(t, again.Optimizer.Config) != encoded(t, r.Optimizer.Config) {
		t.Errorf("from disk %+v: %v", again.Card, err)
	}
}

// Weights of learned alternating minimisation that ship end where it was kept: the first
// fresh problem tells.
func TestKeptEndsHold(t *testing.T) {
	for _, name := range recipe.KeptNames() {
		r := find(t, name)
		if !alternates(r) || !slices.Contains(weights.Names(), name) {
			continue
		}
		shipped, err := weights.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		r.Fresh = 1
		now, err := r.Keep(t.Context(), shipped)
		if err != nil {
			t.Fatal(err)
		}
		kept := load(t, name)
		if now.Theta != kept.Theta || !(math.Abs(now.F[0]-kept.F[0]) <= 1e-3*kept.F[0]) || now.Kernels == kept.Kernels && now.F[0] != kept.F[0] {
			t.Errorf("%s: θ %s ends at F = %v with %s, kept are %s and %v with %s", name, now.Theta, now.F[0], now.Kernels, kept.Theta, kept.F[0], kept.Kernels)
		}
		if len(now.RMSE) > 0 && !(math.Abs(now.RMSE[0]-kept.RMSE[0]) <= 0.01*kept.RMSE[0]) {
			t.Errorf("%s: RMSE %v, kept is %v", name, now.RMSE[0], kept.RMSE[0])
		}
	}
}
