package optim_test

import (
	"testing"

	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

func run(t *testing.T, p *optimizee.Problem, r optim.Rule, n int) ([]float64, optimizee.Point) {
	t.Helper()
	f, x, err := optim.Minimize(p, r, n, optimizee.Stream(8))
	if err != nil {
		t.Fatal(err)
	}
	return f, x
}
