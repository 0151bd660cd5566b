package recipe_test

import (
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// L2O-Scale keeps what the public command says of the run and of the bound of gradients, and has
// the logarithm of F for a loss where F has one.
func TestScaleRecipes(t *testing.T) {
	for name, want := range map[string]struct {
		family string
		loss   string
	}{
		"l2oscale-rastrigin-2":  {"Rastrigin in 2 numbers, α = 10", ""},
		"l2oscale-rastrigin-10": {"Rastrigin in 10 numbers, α = 10", ""},
		"l2oscale-mlp":          {"MLP 784-20-10, sigmoid on fresh minibatches of 128 of MNIST training images, weights N(0, 0.01²)", learned.LogObjective.Name},
	} {
		r := find(t, name)
		c := r.Train
		if r.Family.String() != want.family || c.Loss.Name != want.loss || c.Iterations != 100 || c.Segment != 20 || c.LR != 3e-3 || c.Guard != (train.Guard{Above: 1e4, To: 1e4}) {
			t.Errorf("%s trains on %q with %+v", name, r.Family, c)
		}
		if k := r.Optimizer.Config.(learned.ScaleConfig); k.Parameter != 10 || k.Tensor != 20 || k.Global != 20 || k.MinRate != 1e-6 || k.MaxRate != 1e-2 || k.AllTensors {
			t.Errorf("%s trains %+v", name, k)
		}
	}
	if r := find(t, "l2oscale-mlp"); !strings.Contains(r.About, "RMSProp at 1e-6") {
		t.Error(r.About)
	}
}

// Shipped weights descend where the same network as drawn hardly moves.
func TestScaleLearned(t *testing.T) {
	for _, name := range []string{"l2oscale-rastrigin-2", "l2oscale-rastrigin-10"} {
		w, err := weights.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		fam := find(t, name).Family
		end := func(r optim.Rule) (mean float64) {
			const problems = 8
			for i := range problems {
				problem, state := recipe.FreshProblems(i)
				f, _, err := optim.Minimize(fam.Draw(problem), r, 100, state)
				if err != nil {
					t.Fatal(err)
				}
				mean += f[100] / problems
			}
			return mean
		}
		if trained, drawn := end(w.Rule()), end(learned.Untrained(w.Optimizer)); !(trained < 0.6*drawn) {
			t.Errorf("%s: F ends at %.3g in the mean, untrained at %.3g", name, trained, drawn)
		}
	}
}
