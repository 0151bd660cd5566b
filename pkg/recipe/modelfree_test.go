package recipe_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// The settings of the public code: segments of 20 steps at a rate of 1e-3, no guard, L2O-DM
// with the gradient itself and RNNprop with a small scale; of L2O-enhanced the curriculum.
func TestModelFreeRecipes(t *testing.T) {
	var names []string
	for _, task := range []string{"rastrigin-2", "rastrigin-10", "lasso-5x10", "lasso-25x50"} {
		names = append(names, "l2odm-"+task, "rnnprop-"+task, "enhanced-"+task)
	}
	dm := learned.OriginalDM(learned.OriginalDMConfig{Raw: true, GradScale: 1. / 128})
	for _, name := range append(names, "l2odm-quadratic-10") {
		r := find(t, name)
		c := r.Train
		if c.Segment != 20 || c.LR != 1e-3 || c.Guard != (train.Guard{}) || c.Validation.Measure.Name != "F of an instance at the end" {
			t.Errorf("%s trains with %+v", name, c)
		}
		if config := r.Optimizer.Config; strings.HasPrefix(name, "rnnprop") {
			if got := config.(learned.RNNpropConfig); got.OutputScale != 0.01 || got.Beta != 0.95 || !got.ZeroState {
				t.Errorf("%s is %+v", name, got)
			}
		} else if !reflect.DeepEqual(config, dm.Config) {
			t.Errorf("%s is %+v", name, config)
		}
		var horizons []int
		for _, p := range c.Phases {
			horizons = append(horizons, p.Iterations)
		}
		if v := c.Validation; strings.HasPrefix(name, "enhanced") != (slices.Equal(horizons, []int{100, 200, 500, 1000}) && v.Ahead && v.MustImprove && v.AtLeast == 3 && slices.Equal(c.Imitate.Chance, []float64{0, 0.1, 0.3})) {
			t.Errorf("%s has the horizons %d, %+v and %+v", name, horizons, v, c.Imitate)
		}
	}
	lasso := find(t, "l2odm-lasso-5x10").Family.Draw(optimizee.Stream(1))
	if x := lasso.Start.X(); x.R != 10 || x.C != 16 || x.Norm1().Item() == 0 || x.SumSquares().Item() > 0.05 {
		t.Errorf("Lasso starts from %s, of the squared length %g", x.Shape(), x.SumSquares().Item())
	}
}

// A curriculum says how far it came.
func TestCurriculumReached(t *testing.T) {
	r := find(t, "enhanced-lasso-5x10")
	r.Train.Segment, r.Train.Minibatches, r.Train.Phases = 2, 1, []train.Phase{{Iterations: 2}, {Iterations: 4}}
	r.Train.Validation.Every, r.Train.Validation.MustImprove = 1, false
	got, res, err := r.Run(t.Context(), "", nil)
	if err != nil || len(got.Card.Curve) != 2 || !strings.Contains(got.Card.Reached, "at the end over 4 steps of 2 problems, after 2 minibatches of 1; 2 of 2 horizons were trained, and ") {
		t.Errorf("%+v, %v", got.Card, err)
	}
	if res.Imitated > 2 {
		t.Errorf("%d minibatches imitated", res.Imitated)
	}
	var clock time.Duration
	if e, err := r.Estimate(t.Context(), func() time.Duration { clock += time.Second; return clock }); err != nil || !(e.Hours > 0) {
		t.Errorf("an effort of %v, %v", e, err)
	}
}

// Networks are trained as published, but for how long: each recipe reads its images when it is
// made ready, and says before whom it is for.
func TestNetworkRecipes(t *testing.T) {
	const fresh = "MLP 784-20-10, sigmoid on fresh minibatches of 128 of MNIST training images, weights N(0, "
	for name, want := range map[string]struct {
		family string
		atEnd  bool
		layout any
	}{
		"l2odm-mlp":    {fresh + "0.01²)", false, learned.OriginalDM(learned.OriginalDMConfig{}).Config},
		"enhanced-mlp": {fresh + "0.01²)", false, learned.OriginalDM(learned.OriginalDMConfig{}).Config},
		"rnnprop-mlp": {
			fresh + "0.1²), in random units of exp(±3), plus a convex add-on in units of exp(±1)", true,
			learned.RNNprop(learned.RNNpropConfig{Network: learned.Network{ZeroState: true}, OutputScale: 0.1}).Config,
		},
	} {
		r := find(t, name)
		c := r.Train
		if r.Family.String() != want.family || c.LR != 1e-3 || c.Loss.Last != want.atEnd || c.Segment != 20 || c.Batch != 1 || !reflect.DeepEqual(r.Optimizer.Config, want.layout) {
			t.Errorf("%s trains %+v on %q with %+v", name, r.Optimizer.Config, r.Family, c)
		}
		if err := r.Family.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), "that Ready returns") {
			t.Errorf("%s, not ready: %v", name, err)
		}
	}
	if testing.Short() {
		t.Log("SKIPPED with -short: reading the images, which takes seconds")
		return
	}
	if _, err := os.Stat(filepath.Join(os.Getenv("L2O_DATA"), "train-images-idx3-ubyte.gz")); err != nil {
		t.Skip("the rest trains on the 60,000 images of MNIST, which are not here: set L2O_DATA to a folder that holds train-images-idx3-ubyte.gz")
	}
	r, err := find(t, "rnnprop-mlp").Ready()
	if err != nil || r.Family.String() != find(t, "rnnprop-mlp").Family.String() {
		t.Fatalf("ready for %v, %v", r.Family, err)
	}
	c := r.Train
	c.Minibatches, c.Iterations, c.Segment, c.Validation = 1, 2, 2, train.Validation{}
	if _, err := train.Run(t.Context(), r.Optimizer, r.Family, c); err != nil {
		t.Error(err)
	}
}

// What ships lowers F on fresh problems.
func TestModelFreeWeights(t *testing.T) {
	for name, most := range map[string]float64{ // of the mean of F at the start
		"l2odm-quadratic-10": 0.3, "l2odm-rastrigin-2": 0.5, "rnnprop-rastrigin-2": 0.5, "enhanced-rastrigin-2": 0.5,
		"l2odm-rastrigin-10": 0.5, "rnnprop-rastrigin-10": 0.5, "enhanced-rastrigin-10": 0.5,
		"l2odm-lasso-5x10": 0.1, "rnnprop-lasso-5x10": 0.1, "enhanced-lasso-5x10": 0.1, "l2odm-lasso-25x50": 0.5, "rnnprop-lasso-25x50": 0.2, "enhanced-lasso-25x50": 0.99, // the last hardly moves, as in the Primer
	} {
		fam := find(t, name).Family
		res, err := trace.RaceFamily(t.Context(), fam, trace.Config{Problems: 8, Steps: 100, Seed: 9, Measure: trace.Value}, weights.Entry(name, name))
		if err != nil {
			t.Fatal(err)
		}
		if first, last := res.Mean(name, 0), res.Mean(name, 100); !(last < most*first) {
			t.Errorf("%s takes F from %.3g to %.3g", name, first, last)
		}
	}
}
