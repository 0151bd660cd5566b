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
// Most problems are sums of parts. A smooth f of linear scores Ax, of a matrix or of any
// [linear.Operator], is one of [LeastSquares], [LogisticLoss], [SoftmaxLoss], [HuberLoss]
// and [PoissonLoss], with sample [Weights] and an [Intercept] where you want them, [Of] a
// [Loss] of your own, or a [QuadraticForm]. [Problem.Plus] adds an r of package prox:
//
//	p := optimizee.LeastSquares(linear.Dense(a), b, optimizee.Intercept()).Plus(prox.ElasticNet(λ, µ))
//
// Least squares and Huber are sums over samples, the logistic, softmax and Poisson losses are
// means: with m samples, the λ of a paper that has it the other way round is taken m times,
// or divided by m.
//
// The sum has every oracle that its parts allow. Bound comes from Fenchel's inequality, for
// every r that knows its conjugate, so that F − Bound says how far F is above its minimum.
//
// A [Family] is a distribution over problems: what an optimizer is trained on. Package
// realdata makes problems of the papers' data sets.
package optimizee
