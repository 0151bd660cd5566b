package recipe_test

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
)

// Every θ that ships has its recipe, and every recipe its θ.
func TestWeightsMatchRecipes(t *testing.T) {
	var names []string
	for _, r := range recipe.All() {
		names = append(names, r.Name)
		shipped, err := learned.Load(r.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !reflect.DeepEqual(shipped.Optimizer.Config, r.Optimizer.Config) || shipped.Card.Numerics != train.NumericsVersion || shipped.Card.Family != r.Words {
			t.Errorf("%s ships with %+v and card %+v, which its recipe does not make", r.Name, shipped.Optimizer.Config, shipped.Card)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, learned.Names()) {
		t.Errorf("recipes %q, weights %q", names, learned.Names())
	}
	if _, err := recipe.Get("l2opa"); err == nil || !strings.Contains(err.Error(), "l2opa-lasso-20x40") {
		t.Error(err)
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
		if e.Minibatch == 2 {
			stop()
		}
	}); err == nil || res.Minibatch != 2 {
		t.Fatal("stopped after", res.Minibatch, err)
	}
	trained, res, err := r.Run(t.Context(), file, nil)
	if err != nil || res.Minibatch != 4 || !strings.Contains(trained.Card.Reached, "validation") {
		t.Error(res.Minibatch, trained.Card, err)
	}
}
