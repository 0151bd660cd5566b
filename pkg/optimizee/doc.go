// Package optimizee holds the problems that optimizers are trained and tested on.
//
// A [Problem] is a set of oracles: functions that answer questions about
//
//	F(x) = f(x) + r(x),   f smooth, r with a proximal map,
//
// at any [Point]. It holds no iterate. An oracle that is nil is a question the
// problem cannot answer; a rule that needs it says so by name. Your own problem is a
// function that returns one:
//
//	func Ridge(a, b ad.Value, mu float64) *optimizee.Problem {
//		res := func(x optimizee.Point) ad.Value { return a.MatMul(x.X()).Sub(b) }
//		return &optimizee.Problem{
//			Name:  "ridge",
//			Start: optimizee.X(ad.New(a.C, 1, nil)),
//			Value: func(x optimizee.Point) ad.Value {
//				return res(x).SumSquares().Add(x.X().SumSquares().Scale(mu)).Scale(0.5)
//			},
//			Grad: func(_ string, x optimizee.Point) ad.Value {
//				return a.TMatMul(res(x)).Add(x.X().Scale(mu))
//			},
//		}
//	}
//
// Oracles are formulas over [ad.Value], so a learner can differentiate through
// them; write the gradient as a formula too, not as automatic differentiation of F.
// [Problem.Check] reports what is wrong with a problem, and package problemtest holds
// it against the laws that every problem obeys.
//
// A [Family] is a distribution over problems: what an optimizer is trained on. Package
// realdata makes problems of the papers' data sets.
package optimizee
