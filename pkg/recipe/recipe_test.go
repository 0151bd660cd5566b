package recipe_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/learned/lista"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// Every θ that ships was made by its recipe.
func TestWeightsMatchRecipes(t *testing.T) {
	for _, name := range weights.Names() {
		r, err := recipe.Get(name)
		if err != nil {
			t.Error(err)
			continue
		}
		shipped, err := weights.Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if encoded(t, shipped.Optimizer.Config) != encoded(t, r.Optimizer.Config) || shipped.Card.Family != r.Family.String() {
			t.Errorf("%s ships with %+v and card %+v, which its recipe does not make", name, shipped.Optimizer.Config, shipped.Card)
		}
		if v := shipped.Card.Numerics; v != train.NumericsVersion {
			t.Errorf("%s was trained with numerics %s, which are %s now: go run ./kernelext/lab train %s", name, v, train.NumericsVersion, name)
		}
		if r.CurveOnly {
			t.Errorf("%s ships, and its recipe is there for the curve", name)
		}
	}
}

// encoded is a Config as a file has it. A dictionary is no more than its size and seed there.
func encoded(t *testing.T, config any) string {
	t.Helper()
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Recipes have names of their own, start, and are the training that they say.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range recipe.All() {
		if seen[r.Name] || r.About == "" || r.Family.String() == "" || r.Limits == "" {
			t.Errorf("%s stands twice or is not complete: %+v", r.Name, r)
		}
		seen[r.Name] = true
		paper := r.Train.Validation.Measure.Name == "" // the others train as published, without one
		if len(r.Train.Phases) == 0 && paper && r.Search.Rounds == 0 && !strings.HasSuffix(r.Name, "-coherent") && r.CurveOnly != (r.Train.Guard == train.Guard{}) {
			t.Errorf("%s is there for the curve: %v, with the guard %+v", r.Name, r.CurveOnly, r.Train.Guard)
		}
		if strings.HasSuffix(r.Name, "-coherent") || strings.HasSuffix(r.Name, "-mlp") {
			continue // see TestCoherent and TestNetworkRecipes
		}
		p := r.Family.Draw(optimizee.Stream(1))
		th := nn.NewParams()
		r.Optimizer.Init(th, optimizee.Stream(2))
		step, err := r.Optimizer.Rule(th)(p, optimizee.Stream(3))
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		if x := step(p.Start); !x.IsFinite() {
			t.Errorf("%s: the first step leads to %v", r.Name, x.X())
		}
	}
	for name, want := range map[string]struct {
		lr    float64
		every int
		seed  uint64
	}{
		"l2opa-lasso-250x500":           {1e-2, 20, 118},
		"l2opa-lasso-250x500-seed3":     {1e-2, 20, 120},
		"l2opa-pba12-lasso-250x500":     {1e-2, 20, 118},
		"l2odm-lasso-250x500":           {1e-2, 20, 118},
		"rnnprop-lasso-250x500":         {3e-3, 20, 118},
		"l2opa-logistic-1000x50":        {3e-3, 5, 118},
		"l2opa-logistic-1000x50-seed2":  {3e-3, 5, 119},
		"l2opa-p-logistic-1000x50":      {3e-3, 5, 118},
		"l2odm-logistic-1000x50":        {3e-3, 5, 118},
		"rnnprop-logistic-1000x50":      {3e-3, 5, 118},
		"l2opa-lasso-250x500-noguard":   {1e-2, 20, 118},
		"l2opa-logistic-1000x50-public": {3e-3, 5, 118},
	} {
		r, err := recipe.Get(name)
		if err != nil {
			t.Error(err)
			continue
		}
		c := r.Train
		if c.LR != want.lr || c.Validation.Every != want.every || c.Seed != want.seed ||
			c.Minibatches != 500 || c.Batch != 64 || c.Iterations != 100 || c.Segment != 20 || c.Validation.Problems != 1024 {
			t.Errorf("%s trains with %+v", name, c)
		}
	}
	if got, want := recipe.Seeds("l2opa-lasso-250x500"), []string{"l2opa-lasso-250x500", "l2opa-lasso-250x500-seed2", "l2opa-lasso-250x500-seed3"}; !slices.Equal(got, want) {
		t.Errorf("seeds %q", got)
	}
	if _, err := recipe.Get("l2opa"); err == nil || !strings.Contains(err.Error(), "l2opa-lasso-20x40") {
		t.Error(err)
	}
}

// The ablations differ in what they learn, and their output maps are those of the task.
func TestAblations(t *testing.T) {
	for _, task := range []string{"lasso-250x500", "logistic-1000x50"} {
		pa, err := recipe.Get("l2opa-" + task)
		if err != nil {
			t.Fatal(err)
		}
		for _, terms := range learned.Variants() {
			if terms == "PA" {
				continue
			}
			r, err := recipe.Get("l2opa-" + strings.ToLower(terms) + "-" + task)
			if err != nil {
				t.Error(err)
				continue
			}
			want := pa.Optimizer.Config.(learned.PAConfig)
			want.Learn = terms
			if !reflect.DeepEqual(r.Optimizer.Config, want) {
				t.Errorf("%s: %+v, want %+v", r.Name, r.Optimizer.Config, want)
			}
		}
	}
}

// Ada-LISTA's recipe learns, shortened; here with A of the size of its optimizer and
// fewer layers, problems and steps.
func TestAdaLISTARecipe(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds: leave out -short")
	}
	r, err := recipe.Get("adalista-lasso-250x500")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Train.Phases); n != 30 || !reflect.DeepEqual(r.Train.Phases[29], train.Phase{Iterations: 10, LR: 0.02 * 2e-3}) {
		t.Errorf("%d phases: %+v", n, r.Train.Phases)
	}
	small := optimizee.LassoSpec{Rows: 10, Cols: 20, Nonzeros: 2, Lambda: 0.1}
	c := r.Train
	c.Phases, c.Batch, c.Minibatches, c.Validation.Problems = slices.Clone(c.Phases[:9]), 16, 40, 32
	for i := range c.Phases {
		c.Phases[i].LR *= 5
	}
	got, err := train.Run(t.Context(), lista.AdaLISTA(lista.AdaLISTAConfig{Rows: 10, Layers: 3}), recipe.Solved(small), c)
	if err != nil {
		t.Fatal(err)
	}
	first, last := got.Validation[0].Value, got.Best
	t.Logf("NMSE from %.3g dB with one layer to %.3g dB with three", first, last)
	if !(last < first-3) {
		t.Errorf("training takes the NMSE from %.3g dB with one layer to %.3g dB with three", first, last)
	}
}

// Solved hands over problems with their minimisers, and errors in the problem.
func TestSolved(t *testing.T) {
	p := recipe.Solved(optimizee.SmallLasso).Draw(optimizee.Stream(1))
	o, err := trace.Certified(p, 1e-14)
	if err != nil {
		t.Fatal(err)
	}
	if gap := p.Value(p.Truth).Item() - o.F; !(gap <= 1e-13*o.F) {
		t.Errorf("the solution is %.2g above the optimum", gap)
	}
	wrong := optimizee.FamilyFunc("a wrong L", func(rng *rand.Rand) *optimizee.Problem {
		return optimizee.WithLipschitz(optimizee.SmallLasso.Draw(rng), 1e-3)
	})
	if p := recipe.Solved(wrong).Draw(optimizee.Stream(1)); p.Check() == nil || !strings.Contains(p.Check().Error(), "diverged") {
		t.Errorf("where no minimiser is found: %v", p.Check())
	}
	bad := optimizee.LassoSpec{}
	if p := recipe.Solved(bad).Draw(optimizee.Stream(1)); p.Check() == nil || !strings.Contains(p.Check().Error(), "Rows and Cols") {
		t.Errorf("of bad data: %v", p.Check())
	}
}

// A recipe that is stopped says what it reached and resumes from its checkpoint.
func TestStopped(t *testing.T) {
	r, err := recipe.Get("l2opa-lasso-20x40")
	if err != nil {
		t.Fatal(err)
	}
	r.Train.Batch, r.Train.Minibatches, r.Train.Iterations = 2, 4, 20
	r.Train.Validation = train.Validation{Problems: 2, Every: 2}
	file := filepath.Join(t.TempDir(), "checkpoint")
	ctx, stop := context.WithCancel(t.Context())
	if _, res, err := r.Run(ctx, file, func(e train.Event) {
		if e.Done == 2 {
			stop()
		}
	}); err == nil || res.Minibatches != 2 {
		t.Fatal("stopped after", res.Minibatches, err)
	}
	trained, res, err := r.Run(t.Context(), file, nil)
	if err != nil || res.Minibatches != 4 || !strings.Contains(trained.Card.Reached, "validation") || !strings.Contains(trained.Card.Reached, "in all 4 minibatches the guard rescaled") {
		t.Error(res.Minibatches, trained.Card, err)
	}
}
