package optimizee_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// Gaps close along FISTA on problems of some size, and no bound is above any F.
func TestCertificates(t *testing.T) {
	tall, wide, b, c := gauss(51, 120, 60), gauss(52, 40, 60), gauss(53, 120, 1), gauss(54, 40, 1)
	_, y2 := classes(0, 120, 1)
	y3 := ad.New(120, 1, nil)
	for i := range y3.Data {
		y3.Data[i] = float64(i % 3)
	}
	dense := linear.Dense
	weights, intercept := optimizee.Weights(someWeights(120)), optimizee.Intercept()
	least := optimizee.LeastSquares(dense(tall), b)
	for name, p := range map[string]*optimizee.Problem{
		"x ≥ 0":                       least.Plus(prox.NonNegative()),
		"x ≥ 0, wide":                 optimizee.LeastSquares(dense(wide), c).Plus(prox.NonNegative()),
		"x ≥ 0, wide and all above 0": optimizee.LeastSquares(dense(wide.Abs()), c.Abs()).Plus(prox.NonNegative()),
		"x ≥ 0, weights, intercept":   optimizee.LeastSquares(dense(tall), b, weights, intercept).Plus(prox.NonNegative()),
		"−0.1 ≤ x":                    least.Plus(prox.BoxEach(ad.Full(60, 1, -0.1), ad.Full(60, 1, math.Inf(1)))),
		"a ball":                      least.Plus(prox.L2Ball(0.3)),
		"the simplex":                 least.Plus(prox.Simplex(1)),
		"a half-space":                least.Plus(prox.Halfspace(gauss(55, 60, 1), -1)),
		"a plane":                     least.Plus(prox.Affine(gauss(56, 7, 60), gauss(57, 7, 1))),
		"nuclear norm":                optimizee.LeastSquares(dense(wide), c).Plus(prox.Nuclear(3, 10, 6)),
		"logistic, x ≥ 0, intercept":  optimizee.LogisticLoss(dense(tall), y2, intercept).Plus(prox.NonNegative()),
		"softmax, weights, intercept": optimizee.SoftmaxLoss(dense(tall), y3, 3, weights, intercept).Plus(prox.L1(0.02)),
		"group lasso":                 optimizee.LeastSquares(asFunctions(wide), c).Plus(prox.Group(2, prox.Consecutive(20, 10, 30))),
		"Huber, elastic net":          optimizee.HuberLoss(dense(tall), b, 0.2, intercept).Plus(prox.ElasticNet(0.5, 1)),
	} {
		step, err := optim.FISTA(p, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		first, lowest, highest := p.Value(p.Start).Item(), math.Inf(1), math.Inf(-1)
		for x, k := p.Start, 0; k < 1500; k++ {
			if k%50 < 2 {
				inside := x
				if p.Constrained() { // a point that is outside by 1e-9 counts as inside
					inside = optimizee.X(p.Prox("x", x.X(), ad.Scalar(1)))
				}
				lowest, highest = min(lowest, p.Value(inside).Item()), max(highest, p.Bound(x))
			}
			x = step(x)
		}
		if gap := lowest - highest; !(gap <= 1e-4*first) || gap < -1e-12*first {
			t.Errorf("%s: from %.4g F comes to %.10g, with a gap of %.3g", name, first, lowest, gap)
		}
	}
	// the Poisson loss has no L: it takes a rule that searches for its step
	p := optimizee.PoissonLoss(dense(tall.Scale(0.1)), counts(120), intercept).Plus(prox.L1(0.02))
	_, x, err := optim.Minimize(p, optim.FISTABacktracking(1), 500, nil)
	if err != nil {
		t.Fatal(err)
	}
	if gap := p.Value(x).Item() - p.Bound(x); !(math.Abs(gap) <= 1e-5) {
		t.Errorf("Poisson loss: the gap is %.3g", gap)
	}
	if _, err := optim.FISTA(p, nil); err == nil {
		t.Error("FISTA runs without a Lipschitz constant")
	}
}

// NaN comes out where NaN goes in, and no search for a dual point hangs.
func TestCertificateOfNaN(t *testing.T) {
	a, b := linear.Dense(gauss(58, 6, 4)), gauss(59, 6, 1)
	x := optimizee.X(ad.Full(4, 1, math.NaN()))
	for name, r := range map[string]prox.Regulariser{"L1": prox.L1(1), "elastic net": prox.ElasticNet(1, 1), "x ≥ 0": prox.NonNegative(), "box": prox.Box(0, 1)} {
		if got := optimizee.LeastSquares(a, b).Plus(r).Bound(x); !math.IsNaN(got) {
			t.Errorf("%s: the Bound at NaN is %g", name, got)
		}
	}
}
