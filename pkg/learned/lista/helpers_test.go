package lista_test

import (
	"flag"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

func lasso() *optimizee.Problem { return optimizee.Lasso(gauss(3, 8, 14), gauss(4, 8, 2), 0.3) }

func logistic() *optimizee.Problem {
	return optimizee.Logistic(gauss(5, 6, 4), ad.Col(0, 1, 1, 0, 0, 1), 0.02)
}

func points(t *testing.T, r optim.Rule, p *optimizee.Problem, x optimizee.Point, n int) (xs [][]float64) {
	t.Helper()
	s, err := r(p, optimizee.Stream(17))
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		x = s(x)
		xs = append(xs, x.X().Data)
	}
	return xs
}

func equal(t *testing.T, what string, tol float64, got, want [][]float64) {
	t.Helper()
	for k := range want {
		if d := adtest.Distance(got[k], want[k]); !(d <= tol) {
			t.Fatalf("%s: point %d differs by %.2g of its largest entry", what, k+1, d)
		}
	}
}
