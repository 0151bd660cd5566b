package optim_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// TestRulesInUnits: features in another unit change L by the square of it, and what a rule
// reaches not at all, also where its first estimate is of the old unit.
func TestRulesInUnits(t *testing.T) {
	rng := optimizee.Stream(5)
	A, b, y := optimizee.Gaussian(rng, 30, 12), optimizee.Gaussian(rng, 30, 1), ad.New(30, 1, nil)
	for i, v := range b.Data {
		if v > 0 {
			y.Data[i] = 1
		}
	}
	wide := A.T()
	problems := map[string]func(c float64) *optimizee.Problem{
		"lasso": func(c float64) *optimizee.Problem { return optimizee.Lasso(A.Scale(c), b, 3*c) },
		"wide lasso": func(c float64) *optimizee.Problem {
			return optimizee.Lasso(wide.Scale(c), ad.New(12, 1, b.Data[:12]), 3*c)
		},
		"logistic": func(c float64) *optimizee.Problem {
			return optimizee.LogisticLoss(linear.Dense(A.Scale(c)), y).Plus(prox.L1(0.02 * c))
		},
		"least squares": func(c float64) *optimizee.Problem { return optimizee.Quadratic(A.Scale(c), b) },
	}
	rules := map[string]optim.Rule{
		"GD": optim.GD(optim.LineSearch(1)), "heavy ball": optim.HeavyBall(optim.LineSearch(1), 0.5), "NAG": optim.NAG(optim.LineSearch(1)), "L-BFGS": optim.LBFGS(5),
		"backtracking": optim.Backtracking(1), "FISTA backtracking": optim.FISTABacktracking(1), "ADMM": optim.ADMM(optim.ADMMConfig{}), "Condat-Vũ": optim.CondatVu(1),
		"FISTA": optim.FISTARestart, "Davis-Yin": optim.DavisYin(1),
	}
	pairs := 0
	for problem, of := range problems {
		for name, rule := range rules {
			want, ran := math.NaN(), 0
			for _, k := range []float64{0, -100, -30, -8, -3, 3, 8, 30, 100} {
				f, _, err := optim.Minimize(of(math.Pow(10, k)), rule, 400, nil)
				if err != nil {
					break
				}
				if ran++; k == 0 {
					want = f[400]
				} else if got := f[400]; !(math.Abs(got-want) <= 1e-3*want) {
					t.Errorf("%s on %s in units of 1e%g ends at %.6g, not %.6g", name, problem, k, got, want)
				}
			}
			if ran > 0 {
				pairs++
			}
		}
	}
	if pairs != 24 { // the others ask for what the problem has not
		t.Errorf("%d pairs of a problem and a rule ran", pairs)
	}
}
