package optim_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/prox"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

func gauss(seed uint64, r, c int) ad.Value { return adtest.Random(optimizee.Stream(seed), r, c) }

// The problems of the table. The quadratic has every oracle and is strongly convex.
func quadratic() *optimizee.Problem { return optimizee.Quadratic(gauss(1, 12, 6), gauss(2, 12, 1)) }
func lasso() *optimizee.Problem     { return optimizee.Lasso(gauss(3, 8, 14), gauss(4, 8, 2), 0.3) }
func logistic() *optimizee.Problem  { return logisticLoss().Plus(prox.L1(0.02)) }
func logisticLoss() *optimizee.Problem {
	y := ad.New(30, 1, nil)
	for i := range y.Data {
		y.Data[i] = float64(i % 2)
	}
	return optimizee.LogisticLoss(linear.Dense(gauss(5, 30, 5)), y)
}

func largeL(p *optimizee.Problem) *optimizee.Problem { return optimizee.WithLipschitz(p, 200) }

// startingAt is p with a Start of different entries.
func startingAt(p *optimizee.Problem, x ad.Value) *optimizee.Problem {
	q := *p
	q.Start = optimizee.X(x)
	return &q
}

// The problems of rules that split F: terms with and without an operator, a constraint,
// and no smooth part.
func fit() *optimizee.Problem {
	return optimizee.LeastSquares(linear.Dense(gauss(11, 9, 6)), gauss(12, 9, 2))
}

var (
	bounded   = fit().Plus(prox.Box(-0.3, 0.4)).Plus(prox.L1(0.2))
	variation = fit().Plus(prox.L1(0.1)).Plus(prox.L1(0.3), linear.Difference(6))
	apart     = optimizee.Zero(gauss(13, 6, 2)).Plus(prox.Box(-0.3, 0.4)).Plus(away(gauss(14, 6, 2), 0.5))
	jumps     = optimizee.Zero(gauss(13, 6, 2)).Plus(away(gauss(14, 6, 2), 0.5)).Plus(prox.L1(0.3), linear.Difference(6))
)

// away is (µ/2)‖x − c‖².
func away(c ad.Value, mu float64) prox.Regulariser { return prox.SquaredL2(mu).Translate(c) }

const (
	points   = "the points are constants to the tape"
	searched = "the step size that the search found is a constant to the tape"
	moments  = "the moments are constants to the tape"
)

// TestLaws is the table of rules; a new rule is one more row.
func TestLaws(t *testing.T) {
	inverse, search := optim.InverseLipschitz, optim.LineSearch(1)
	smooth := []*optimizee.Problem{quadratic(), optimizee.Smooth(logisticLoss())}
	all := []*optimizee.Problem{quadratic(), lasso(), logistic()}
	solvable := []*optimizee.Problem{quadratic()}
	spread := []*optimizee.Problem{startingAt(quadratic(), gauss(8, 6, 1)), startingAt(lasso(), gauss(9, 14, 2))}
	var report problemtest.Report
	for _, r := range []struct {
		optimtest.Case
		on []*optimizee.Problem
	}{
		{optimtest.Case{Name: "GD, 1/L", Called: []string{"GD"}, Rule: optim.GD(inverse), Memoryless: true, Monotone: true}, smooth},
		{optimtest.Case{Name: "GD, fixed step", Called: []string{"GD"}, Rule: optim.GD(optim.Fixed(0.01)), Memoryless: true}, smooth},
		{optimtest.Case{Name: "GD, line search", Called: []string{"GD"}, Rule: optim.GD(search), Indirect: searched, Monotone: true}, smooth},
		{optimtest.Case{Name: "heavy ball, 1/L", Called: []string{"heavy ball"}, Rule: optim.HeavyBall(inverse, 0.5)}, smooth},
		{optimtest.Case{Name: "heavy ball, line search", Called: []string{"heavy ball"}, Rule: optim.HeavyBall(search, 0.5), Indirect: searched}, smooth},
		{optimtest.Case{Name: "NAG, 1/L", Called: []string{"NAG"}, Rule: optim.NAG(inverse)}, smooth},
		{optimtest.Case{Name: "NAG, line search", Called: []string{"NAG"}, Rule: optim.NAG(search), Indirect: searched}, smooth},
		{optimtest.Case{Name: "Adam", Rule: optim.Adam(optim.AdamConfig{LR: 0.05}), Keeps: "its moments", Indirect: moments}, all},
		{optimtest.Case{Name: "AdamHD", Rule: optim.AdamHD(optim.AdamConfig{LR: 0.05}, 1e-4), Keeps: "its moments and step size", Indirect: moments}, all},
		{optimtest.Case{Name: "RMSProp", Rule: optim.RMSProp(0.05, 0.9), Keeps: "its moments", Indirect: moments}, all},
		{optimtest.Case{Name: "subgradient", Rule: optim.Subgradient(0.02), Keeps: "count of its steps, which shrinks them"}, all},
		{optimtest.Case{Name: "ISTA", Rule: optim.ISTA, Memoryless: true, Monotone: true}, all},
		{optimtest.Case{Name: "FISTA", Rule: optim.FISTA}, all},
		{optimtest.Case{Name: "FISTA restart", Rule: optim.FISTARestart}, all},
		{optimtest.Case{Name: "ProxMomentum", Rule: optim.ProxMomentum(0.9, 0.5)}, all},
		{optimtest.Case{Name: "Backtracking", Rule: optim.Backtracking(0.1), Keeps: "its estimate of L", Monotone: true}, all},
		{optimtest.Case{Name: "Exact", Rule: optim.Exact, Memoryless: true, Monotone: true}, solvable},
		{optimtest.Case{Name: "FISTA backtracking", Rule: optim.FISTABacktracking(0.1), Keeps: "its estimate of L", Indirect: searched}, append(all, fit().Plus(prox.Box(-0.3, 0.4)))},
		{optimtest.Case{Name: "L-BFGS", Rule: optim.LBFGS(10), Monotone: true, Indirect: points}, smooth},
		{optimtest.Case{Name: "Douglas–Rachford", Rule: optim.DouglasRachford(1)}, []*optimizee.Problem{apart}},
		{optimtest.Case{Name: "Davis–Yin", Rule: optim.DavisYin(1)}, []*optimizee.Problem{bounded, apart}},
		{optimtest.Case{Name: "Chambolle–Pock", Rule: optim.ChambollePock(1)}, []*optimizee.Problem{apart, jumps}},
		{optimtest.Case{Name: "Condat–Vũ", Rule: optim.CondatVu(1)}, []*optimizee.Problem{bounded, variation, jumps}},
		{optimtest.Case{Name: "ADMM", Rule: optim.ADMM(optim.ADMMConfig{})}, []*optimizee.Problem{bounded, variation, jumps}},
		{optimtest.Case{Name: "ADMM, over-relaxed", Called: []string{"ADMM"}, Rule: optim.ADMM(optim.ADMMConfig{Rho: 2, Relax: 1.6})}, []*optimizee.Problem{bounded, variation, jumps}},

		{optimtest.Case{Name: "Repeat(3, FISTA)", Called: []string{"FISTA"}, Rule: optim.Repeat(3, optim.FISTA)}, all},
		{optimtest.Case{Name: "Restart(Repeat(3, FISTA))", Called: []string{"FISTA"}, Rule: optim.Restart(optim.Repeat(3, optim.FISTA)), Memoryless: true}, all},
		{optimtest.Case{Name: "Alternate(ISTA, ISTA)", Called: []string{"ISTA"}, Rule: optim.Alternate(optim.ISTA, optim.ISTA), Memoryless: true, Monotone: true}, all},
		{optimtest.Case{Name: "On(x, ISTA)", Called: []string{"ISTA"}, Rule: optim.On("x", optim.ISTA), Memoryless: true, Monotone: true}, all},
		{optimtest.Case{Name: "Guard(FISTA, ISTA)", Called: []string{"ISTA"}, Rule: optim.Guard(optim.FISTA, optim.ISTA), Monotone: true}, all},
		{optimtest.Case{Name: "Guard(Adam, ISTA)", Called: []string{"Adam", "ISTA"}, Rule: optim.Guard(optim.Adam(optim.AdamConfig{LR: 0.3}), optim.ISTA), Monotone: true, Keeps: "what Adam keeps", Indirect: moments}, all},
		{optimtest.Case{Name: "Safeguard(FISTA, ISTA)", Called: []string{"ISTA"}, Rule: optim.Safeguard(optim.FISTA, optim.ISTA, optim.SafeguardConfig{})}, all},
		{optimtest.Case{Name: "Safeguard(Adam, ISTA)", Called: []string{"Adam", "ISTA"}, Rule: optim.Safeguard(optim.Adam(optim.AdamConfig{LR: 0.3}), optim.ISTA, optim.SafeguardConfig{Bound: optim.GeometricBound}), Keeps: "what Adam keeps", Indirect: moments}, all},
		{optimtest.Case{Name: "Resting(ISTA)", Called: []string{"ISTA"}, Rule: optim.Resting(optim.ISTA), Monotone: true}, all},
		{optimtest.Case{Name: "RunAndInspect(ISTA)", Called: []string{"RunAndInspect", "ISTA"}, Rule: optim.RunAndInspect(optim.ISTA, optim.Inspection{Radius: 1, Spacing: 0.5}), Monotone: true}, all},
		{optimtest.Case{Name: "Relax(1.5, ISTA)", Called: []string{"ISTA"}, Rule: optim.Relax(1.5, optim.ISTA), Memoryless: true}, all},
		{optimtest.Case{Name: "Momentum(1.2, 0.5, ISTA)", Called: []string{"ISTA"}, Rule: optim.Momentum(1.2, 0.5, optim.ISTA)}, all},
		{optimtest.Case{Name: "Redraw", Rule: optim.Redraw, Random: "numbers", Keeps: "its stream of random numbers"}, spread},
		{optimtest.Case{Name: "Scatter", Rule: optim.Scatter(0.5), Random: "steps", Keeps: "its stream of random numbers"}, all},
		{optimtest.Case{Name: "Alternate(Redraw, ISTA)", Called: []string{"Redraw", "ISTA"}, Rule: optim.Alternate(optim.Redraw, optim.ISTA), Random: "numbers", Keeps: "its stream of random numbers"}, spread},
		{optimtest.Case{Name: "HoldLipschitz(Repeat(3, FISTA))", Called: []string{"FISTA"}, Rule: optim.HoldLipschitz(optim.Repeat(3, optim.FISTA))}, all},
		{optimtest.Case{Name: "WithStep(1.5, FISTA)", Called: []string{"FISTA"}, Rule: optim.WithStep(1.5, optim.FISTA)}, all},
		{optimtest.Case{Name: "Told(L is 200, FISTA)", Called: []string{"FISTA"}, Rule: optim.Told(largeL, optim.FISTA)}, all},
		{optimtest.Case{Name: "Explicit", Rule: optim.Explicit(func(k int) float64 { return 0.02 / float64(k+1) }), Keeps: "count of its steps, which shrinks them"}, all},

		{optimtest.Case{Name: "scheme (18), nothing given", Called: []string{"scheme (18)"}, Rule: optim.Scheme18(nothing), Memoryless: true, Monotone: true}, all},
		{optimtest.Case{Name: "scheme (18), FISTA", Called: []string{"scheme (18)"}, Rule: optim.Scheme18(optim.FISTATerms)}, all},
		{optimtest.Case{Name: "scheme (18), all terms", Called: []string{"scheme (18)"}, Rule: optim.Scheme18(everything)}, all},
		{optimtest.Case{Name: "scheme (18), Step-LISTA", Called: []string{"scheme (18)"}, Rule: optim.Scheme18(stepLISTA)}, []*optimizee.Problem{lasso()}},
		{optimtest.Case{Name: "BestOf(2, FISTA)", Called: []string{"FISTA", "BestOf"}, Rule: optim.BestOf(2, optim.FISTA)}, all},
	} {
		t.Run(r.Name, func(t *testing.T) { report = append(report, optimtest.Run(t, r.Case, r.on...)...) })
	}
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}
