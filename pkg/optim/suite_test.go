package optim_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// The problems, solutions and bounds on iterations in this file are those of the tests of
// ProximalAlgorithms.jl (Stella et al., MIT licence), a library of the same methods.

var (
	suiteA = ad.FromLists([][]float64{
		{1, -2, 3, -4, 5},
		{2, -1, 0, -1, 3},
		{-1, 0, 4, -3, 2},
		{-1, -1, -1, 1, 3},
	})
	suiteB = ad.Col(1, 2, 3, 4)
)

// A bound is a rule with the number of steps after which it has to be near a solution.
type bound struct {
	name string
	p    *optimizee.Problem
	rule optim.Rule
	most int
}

// near holds each rule to its bound: within it a point comes whose entries are all as near
// to the solution as tol.
func near(t *testing.T, tol float64, want []float64, cases ...bound) {
	t.Helper()
	for _, c := range cases {
		s, err := c.rule(c.p, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for k, x := range optim.Steps(s, c.p.Start) {
			if d := farthest(x, want); d <= tol {
				t.Logf("%s: %d steps of %d", c.name, k, c.most)
				break
			} else if k == c.most {
				t.Errorf("%s: after %d steps an entry is off by %.3g", c.name, k, d)
				break
			}
		}
	}
}

func farthest(x optimizee.Point, want []float64) (d float64) {
	for i, v := range x.X().Data {
		d = max(d, math.Abs(v-want[i]))
	}
	return d
}

// TestSuiteLasso: ½‖Ax − b‖² + λ‖x‖₁ with λ = ‖Aᵀb‖∞/10, to four digits and to all of them.
func TestSuiteLasso(t *testing.T) {
	var top float64
	for _, v := range suiteA.TMatMul(suiteB).Data {
		top = max(top, math.Abs(v))
	}
	want := []float64{-3.877278911564627e-01, 0, 0, 2.174149659863943e-02, 6.168435374149660e-01}
	a, r := linear.Dense(suiteA), prox.L1(top/10)
	l := a.Norm() * a.Norm()
	p := optimizee.LeastSquares(a, suiteB).Plus(r)
	split := optimizee.Zero(p.Start.X()).Plus(prox.SquaredDistance(a, suiteB)).Plus(r)
	saddle := optimizee.Zero(p.Start.X()).Plus(r).Plus(prox.SquaredL2(1).Translate(suiteB), a)
	dual := optimizee.LeastSquares(a, suiteB).Plus(r, linear.Identity(5))
	near(t, 1e-4, want,
		bound{"ISTA", p, optim.ISTA, 150},
		bound{"backtracking", p, optim.Backtracking(1), 300},
		bound{"FISTA", p, optim.FISTA, 100},
		bound{"FISTA backtracking", p, optim.FISTABacktracking(1), 200},
		bound{"Douglas–Rachford", split, optim.DouglasRachford(10 / l), 30},
		bound{"ADMM", p, optim.ADMM(optim.ADMMConfig{}), 30},
		bound{"Davis–Yin", p, optim.DavisYin(1.9), 90},
		bound{"Condat–Vũ, h = 0", p, optim.CondatVu(1), 150},
		bound{"Chambolle–Pock, f = 0", saddle, optim.ChambollePock(1), 130},
		bound{"Condat–Vũ, g = 0", dual, optim.CondatVu(0.1), 150},
	)
	near(t, 2.2e-14, want,
		bound{"ISTA", p, optim.ISTA, 450},
		bound{"backtracking", p, optim.Backtracking(1), 785},
		bound{"FISTA restart", p, optim.FISTARestart, 610},
		bound{"FISTA backtracking", p, optim.FISTABacktracking(1), 1055},
	)
}

// TestSuiteStronglyConvexLasso: A has singular values between 1 and √10, and x* is made
// the solution, from the least-squares point on.
func TestSuiteStronglyConvexLasso(t *testing.T) {
	want := []float64{0.8466800540711814, 0.17674262101590932, -0.4987234606672925, 0.5531315167924573, -0.14739365562631113}
	w := []float64{0.15823052457732423, 0.6874613398393697, 0.9357764685973888, 0.05863707298785681, 0.49087050154723844}
	var qr mat.QR
	qr.Factorize(mat.NewDense(5, 5, []float64{
		0.6997086717991196, 0.37124544422925876, 0.31840520080247225, 0.20097960566711592, 0.038329117953706526,
		0.1134636504826555, 0.8273912343075426, 0.8997522727456534, 0.9821118072706589, 0.9100659142463259,
		0.9701886480567284, 0.42825250593295605, 0.6952640061565183, 0.9699979632534245, 0.6106722979088736,
		0.4442755181780246, 0.4641748710746476, 0.9716060376558348, 0.5951146731055232, 0.5699044913634803,
		0.6681510415197733, 0.35423403325449887, 0.28461925562068024, 0.15941152427241456, 0.6499046326711716,
	}))
	var q mat.Dense
	qr.QTo(&q)
	const l, lambda = 10, 5.5
	d := ad.New(5, 5, nil)
	for i := range w {
		d.Data[6*i] = 1 + (math.Sqrt(l)-1)*w[i]
	}
	d.Data[0], d.Data[24] = 1, math.Sqrt(l)
	Q := ad.New(5, 5, q.RawMatrix().Data)
	a := Q.MatMul(d).MatMulT(Q) // symmetric
	var push, start mat.Dense
	x, sign := ad.Col(want...), mat.NewDense(5, 1, ad.Col(want...).Sign().Data)
	if err := push.Solve(mat.NewDense(5, 5, a.Data), sign); err != nil {
		t.Fatal(err)
	}
	b := a.MatMul(x).AddScaled(lambda, ad.New(5, 1, push.RawMatrix().Data))
	if err := start.Solve(mat.NewDense(5, 5, a.Data), mat.NewDense(5, 1, b.Data)); err != nil {
		t.Fatal(err)
	}
	p := startingAt(optimizee.LeastSquares(linear.Dense(a), b).Plus(prox.L1(lambda)), ad.New(5, 1, start.RawMatrix().Data))
	near(t, 1e-4, want,
		bound{"ISTA", p, optim.ISTA, 110},
		bound{"backtracking", p, optim.Backtracking(1), 300},
		bound{"constant momentum", p, optim.ProxMomentum(1, (math.Sqrt(l)-1)/(math.Sqrt(l)+1)), 35},
		bound{"FISTA restart", p, optim.FISTARestart, 35},
		bound{"FISTA backtracking", p, optim.FISTABacktracking(1), 100},
	)
}

// TestSuiteElasticNet: ½‖Ax − b‖² + ‖x‖₁ + ½‖x‖² of 50×200 numbers, in three terms, against
// proximal gradient with both penalties in one. (The peer draws other numbers.)
func TestSuiteElasticNet(t *testing.T) {
	a, b := linear.Dense(gauss(31, 50, 200)), gauss(32, 50, 1)
	r1, r2 := prox.L1(1), prox.SquaredL2(1)
	f := optimizee.LeastSquares(a, b)
	_, best := run(t, f.Plus(prox.ElasticNet(1, 1)), optim.FISTARestart, 3000)
	three := f.Plus(r1).Plus(r2)
	away := startingAt(three, gauss(33, 200, 1))
	ridge := optimizee.LeastSquares(linear.Identity(200), ad.New(200, 1, nil))
	saddle := startingAt(ridge.Plus(r1).Plus(prox.SquaredL2(1).Translate(b), a), away.Start.X())
	near(t, 1e-3, best.X().Data,
		bound{"Davis–Yin", three, optim.DavisYin(1), 1900},
		bound{"Davis–Yin from elsewhere", away, optim.DavisYin(1), 2600},
	)
	near(t, 1e-4, best.X().Data,
		bound{"Condat–Vũ", saddle, optim.CondatVu(30), 230},
		bound{"ADMM", three, optim.ADMM(optim.ADMMConfig{}), 200},
	)
	near(t, 1e-4, best.X().Data, bound{"in one term", f.Plus(prox.Sum(r1, r2)), optim.FISTABacktracking(1), 500})
}

// TestSuiteSparseLogistic: Σ log(1 + exp(bᵢ − aᵢᵀx)) + ‖x‖₁/10.
func TestSuiteSparseLogistic(t *testing.T) {
	p := (&optimizee.Problem{
		Name: "logistic", Start: optimizee.X(ad.New(5, 1, nil)),
		Value: func(x optimizee.Point) ad.Value {
			return suiteB.Sub(suiteA.MatMul(x.X())).Exp().Shift(1).Log().Sum()
		},
		Grad: func(_ string, x optimizee.Point) ad.Value {
			return suiteA.TMatMul(suiteB.Sub(suiteA.MatMul(x.X())).Sigmoid()).Neg()
		},
	}).Plus(prox.L1(0.1))
	near(t, 1e-4, []float64{0, 0, 2.114635341704963e-01, 0, 2.845881348733116e+00},
		bound{"backtracking", p, optim.Backtracking(1), 1100},
		bound{"FISTA backtracking", p, optim.FISTABacktracking(1), 500},
	)
}

// TestSuiteNonconvexQP: ½xᵀQx + qᵀx over a box, Q with negative curvatures; a step of the
// projected gradient moves a stationary point by no more than the tolerance.
func TestSuiteNonconvexQP(t *testing.T) {
	qp := func(Q, q ad.Value, l float64) *optimizee.Problem {
		return (&optimizee.Problem{
			Name: "QP", Start: optimizee.X(q.Scale(0)),
			Value:     func(x optimizee.Point) ad.Value { return x.X().Dot(Q.MatMul(x.X()).Scale(0.5).Add(q)) },
			Grad:      func(_ string, x optimizee.Point) ad.Value { return Q.MatMul(x.X()).Add(q) },
			Lipschitz: func(string, optimizee.Point) float64 { return l },
		}).Plus(prox.Box(-1, 1))
	}
	ps := map[float64][]*optimizee.Problem{1e-8: {qp(ad.FromLists([][]float64{{-0.5, 0}, {0, 1}}), ad.Col(0.3, 0.5), 1)}}
	for k := range uint64(5) {
		var qr mat.QR
		qr.Factorize(mat.NewDense(100, 100, gauss(40+k, 100, 100).Data))
		var u mat.Dense
		qr.QTo(&u)
		U, rng := ad.New(100, 100, u.RawMatrix().Data), optimizee.Stream(k)
		D, top := ad.New(100, 100, nil), 0.
		for i := range 100 {
			D.Data[101*i] = 2*rng.Float64() - 1
			top = max(top, math.Abs(D.Data[101*i]))
		}
		ps[1e-4] = append(ps[1e-4], qp(U.MatMul(D).MatMulT(U), gauss(50+k, 100, 1), top))
	}
	for tol, qs := range ps {
		for k, p := range qs {
			for name, r := range map[string]optim.Rule{"ISTA": optim.ISTA, "backtracking": optim.Backtracking(0.1)} {
				_, x := run(t, p, r, 1000)
				l := p.Lipschitz("x", x)
				step := p.Prox("x", x.X().AddScaled(-0.95/l, p.Grad("x", x)), ad.Scalar(0.95/l))
				if d := farthest(x, step.Data) * l / 0.95; !(d <= tol) {
					t.Errorf("problem %d, %s: a step moves it by %.3g", k, name, d)
				}
			}
		}
	}
}

// TestSuiteLinearProgram: ⟨c, x⟩ over Ax = b and x ≥ 0, made of a known x*, slack s and
// dual y.
func TestSuiteLinearProgram(t *testing.T) {
	x := []float64{0.03606099647643202, 0.6641306619990367, 0.14689326835593086, 0.8616058527226432, 0.6518888386753204, 0, 0, 0, 0, 0}
	s := ad.Col(0, 0, 0, 0, 0, 0.7652088547602296, 0.5474850582278736, 0.6291635905927829, 0.5505791259743739, 0.2787959059899776)
	y := ad.Col(-0.18584225497010673, 1.0289179383971105, -0.5464276767930338, 0.6916826379378143, 0.0052105118567898154, -1.3874339670318891, 2.6448648322602337, 0.4436510755789434)
	A := ad.FromLists([][]float64{
		{0.9670566934980286, 0.3533472582831891, -0.2819205403663176, -0.3071751292615649, -0.008197151577028876, 1.9968628487924958, -1.3978028828102382, -0.10109443461339453, 0.3540170332321368, -0.5983697948494805},
		{-0.08643002247762153, 1.0822796020885652, -0.8133412010128359, 0.5073579509595517, -0.2793798574957181, -0.3437059320143032, -0.10596751644319548, 0.8296541102523696, -0.28406001552384064, 0.33566140783820164},
		{-0.6474810505335304, 1.2524424221527595, 0.7261766049639965, 0.6930548839308885, 0.9064585656428545, 0.5197152355759463, 1.3746077918877961, 1.5289983684262054, 0.9258506062644877, -1.3774011601531342},
		{0.8725430405646543, 1.1911309824177332, -0.7221185305116811, 0.44324697589700257, -0.15551892138880116, -0.5167033349322372, -1.4774045165687548, -0.8670756465083638, -1.4024841888738206, 0.296570674868075},
		{0.5252662593900623, -0.6817132148621747, 0.37446015899900237, 0.4180282147408251, -0.8405436435394317, -1.742941478155391, -0.06419427972299957, 0.43910205564784205, 1.0643883425210827, 2.3063869854427335},
		{-0.7148913270640012, -0.769028546306448, -1.059257097999333, -0.6795170119545777, -0.0498976886779524, -1.2392107698826862, -0.4415384005606088, -1.058758868936871, -0.108504245219676, -0.5576550366602419},
		{-1.208388774142618, -0.15206129387542855, 2.311520055340236, 0.8043266793420988, -0.5692874893454578, 1.1246423711381501, 0.5335942753441769, 2.6595405998250876, 0.09162292399585106, 0.3749905036072034},
		{-0.2300660921924555, -0.7014271654627467, -0.20170532145095504, -0.02503019691724233, -2.2191605023268512, 0.9110653907470295, 1.8238644805628141, -1.1908921287611471, 0.12168786553115268, 0.17399181994853638},
	})
	a, b, c := linear.Dense(A), A.MatMul(ad.Col(x...)), A.TMatMul(y).Add(s)
	zero := optimizee.Zero(ad.New(10, 1, nil))
	slope := optimizee.QuadraticForm(linear.Operator{}, c)
	saddle := slope.Plus(prox.NonNegative()).Plus(prox.Equal(b), a)
	near(t, 2.2e-11, x,
		bound{"Condat–Vũ", saddle, optim.CondatVu(1), 100_000},
		bound{"Chambolle–Pock", zero.Plus(prox.Linear(c)).Plus(prox.Equal(b), a).Plus(prox.NonNegative(), linear.Identity(10)), optim.ChambollePock(1), 100_000},
		bound{"Davis–Yin", slope.Plus(prox.NonNegative()).Plus(prox.Affine(A, b)), optim.DavisYin(1), 100_000},
		bound{"ADMM", zero.Plus(prox.Sum(prox.Linear(c), prox.NonNegative())).Plus(prox.Equal(b), a), optim.ADMM(optim.ADMMConfig{}), 5_000},
	)
}

// TestSuiteTotalVariation: denoising by total variation and the fused lasso, which is three
// terms, against solutions of two other solvers.
func TestSuiteTotalVariation(t *testing.T) {
	known := composites(t)
	condatVu, admm := optim.CondatVu(1), optim.ADMM(optim.ADMMConfig{})
	for name, bounds := range map[string][]bound{
		"total variation":   {{"Condat–Vũ", nil, condatVu, 1000}, {"ADMM", nil, admm, 250}},
		"total variation 2": {{"Condat–Vũ", nil, condatVu, 1000}, {"ADMM", nil, admm, 250}},
		"fused lasso":       {{"Condat–Vũ", nil, condatVu, 1000}, {"ADMM", nil, admm, 300}},
	} {
		c := known[name]
		c.t = t
		p, _, _ := solvers[name](c)
		for i := range bounds {
			bounds[i].p = p
		}
		near(t, 1e-6, c.read(c.Solution[0]).Data, bounds...)
	}
	b := known["total variation"]
	b.t = t
	noisy := b.at("b")
	p := optimizee.Zero(noisy.Scale(0)).Plus(prox.SquaredL2(1).Translate(noisy)).Plus(prox.L1(b.number("lambda")), linear.Difference(noisy.R))
	near(t, 1e-6, b.read(b.Solution[0]).Data, bound{"Chambolle–Pock", p, optim.ChambollePock(1), 500})
}
