package study_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/study"
)

func TestCovered(t *testing.T) {
	p := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	c, err := study.Covered(p, 20, optim.FISTA, optim.FISTATerms)
	if err != nil {
		t.Fatal(err)
	}
	if c.Bias != nil || len(c.Method) != 21 || math.Abs(c.Method[20]-c.Scheme[20]) > 1e-12 {
		t.Errorf("FISTA ends at %g, scheme (18) at %g, with biases %v", c.Method[20], c.Scheme[20], c.Bias)
	}
	other := func(int) (alpha, theta float64) { return 0.1, 0.02 }
	if c, err = study.Covered(p, 20, optim.ISTA, optim.StepLISTATerms(0.1, other)); err != nil || len(c.Bias) != 20 {
		t.Errorf("%d biases of 20 steps, %v", len(c.Bias), err)
	}
	if _, err = study.Covered(p, 20, optim.Exact, optim.FISTATerms); err == nil {
		t.Error("a method without its oracle began")
	}
}
