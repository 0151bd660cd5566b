package recipe_test

import (
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/l2olab/l2o/pkg/recipe"
	"github.com/l2olab/l2o/pkg/train"
)

// What is known of efforts is about recipes that there are.
func TestEfforts(t *testing.T) {
	all, err := recipe.Efforts()
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range all {
		_, err := recipe.Get(name)
		table := slices.ContainsFunc(recipe.Tables(), func(s train.Sweep) bool { return s.Name == name })
		if err != nil && !table || !(e.Hours > 0) || e.Found == "" || e.Kernels == "" {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	file := filepath.Join(t.TempDir(), "efforts.json")
	if none, err := recipe.ReadEfforts(file); len(none) > 0 || err != nil {
		t.Errorf("without a file: %v, %v", none, err)
	}
	for name, e := range all {
		if err := recipe.SaveEffort(file, name, e); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := recipe.ReadEfforts(file); err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("read again: %v, %v", again, err)
	}
}

// Variants are alike to recipes that there are.
func TestAlike(t *testing.T) {
	for name, want := range map[string]string{
		"l2opa-lasso-20x40": "l2opa-lasso-20x40", "l2opa-pba12-lasso-250x500": "l2opa-lasso-250x500", "l2opa-lasso-250x500-seed3": "l2opa-lasso-250x500",
		"l2opa-pba1-lasso-250x500-publicbias": "l2opa-lasso-250x500", "alista-recovery-250x500-20db": "alista-recovery-250x500",
		"alista-recovery-250x500-endtoend": "alista-recovery-250x500-endtoend", "mlam-mixture-2d-printed": "mlam-mixture-2d",
	} {
		r, err := recipe.Get(name)
		if err != nil || r.Alike() != want {
			t.Errorf("%s is like %q, want %q (%v)", name, r.Alike(), want, err)
		}
	}
	for _, r := range recipe.All() {
		if _, err := recipe.Get(r.Alike()); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

func TestEffortInWords(t *testing.T) {
	for want, e := range map[string]recipe.Effort{
		"0.0021 h": {Hours: 0.00207}, "0.35 h": {Hours: 0.3512}, "≤ 1.2 h": {Hours: 1.23, AtMost: true}, "124 h": {Hours: 123.6}, "0.0001 h": {Hours: 1e-4},
	} {
		if got := e.String(); got != want {
			t.Errorf("%v h: %q, want %q", e.Hours, got, want)
		}
	}
}

// A clock that goes on by a second whenever it is asked stands for the processor's.
func TestEstimate(t *testing.T) {
	clock := func() func() time.Duration {
		n := 0
		return func() time.Duration { n++; return time.Duration(n) * time.Second }
	}
	of := func(r recipe.Recipe) recipe.Effort {
		t.Helper()
		e, err := r.Estimate(t.Context(), clock())
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	r, err := recipe.Get("l2opa-lasso-20x40")
	if err != nil {
		t.Fatal(err)
	}
	r.Train.Batch, r.Train.Iterations, r.Train.Segment, r.Train.Validation.Problems = 1, 2, 2, 2
	e := of(r) // two seconds for each of 200 minibatches
	if math.Abs(e.Hours*3600-400) > 1e-6 || e.AtMost || e.Found != "from 3 of 200 minibatches and 1 of 40 validations" {
		t.Errorf("%+v", e)
	}
	if r, err = recipe.Get("step-lista-minimise-5x10"); err != nil {
		t.Fatal(err)
	}
	r.Train.Phases, r.Train.Batch, r.Train.Validation.Problems = r.Train.Phases[:2], 1, 1
	if e = of(r); math.Abs(e.Hours*3600-2*300) > 2 || !e.AtMost || e.Found != "from 6 of 300 minibatches and 2 of 6 validations" {
		t.Errorf("%+v", e)
	}
	if r, err = recipe.Get("hyperlista-recovery-250x500"); err != nil {
		t.Fatal(err)
	}
	r.Search.Config.Problems, r.Search.Config.Steps = 1, 1
	r.Search.By.Of = func(mean []float64) float64 { return mean[1] }
	if e = of(r); e.Found != "from 64 of 1458 runs" || !(e.Hours > 0) {
		t.Errorf("%+v", e)
	}
}
