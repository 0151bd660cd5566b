// Package optim holds rules that minimise, and combinators that make rules of rules.
//
// A [Step] maps an iterate to the next one; what it remembers (momentum, moments,
// hidden states) lives in its closure. A [Rule] starts a Step for a problem:
//
//	step, err := optim.FISTA(problem, nil)
//	for k, x := range optim.Steps(step, problem.Start) {
//		if k == 100 {
//			break
//		}
//	}
//
// Trained optimizers are rules like any other, so everything here works for them:
//
//	als  := optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))
//	safe := optim.Guard(learned, optim.ISTA)
//
// # The contract of a Step
//
// A Step does not change the point that it is given. Given the very point that it
// returned last, it goes on; given any other, it starts from there, its momentum
// forgotten (x₋₁ = x) and everything that was learned or estimated kept ([Remember] tells
// the two apart). A Rule asks no oracle before its first step. Random states come from
// the rng of the Rule; classic rules take nil. Package optimtest holds a rule against all
// of this.
package optim
