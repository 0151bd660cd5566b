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
// # Rules for sums
//
// On F = f + Σ rᵢ(Kᵢx), as Plus of package optimizee makes it, runs
//
//	f + r          [ISTA], [FISTA], [FISTARestart]; without a given L [Backtracking], [FISTABacktracking]
//	f + r₁ + r₂    [DavisYin]; without f [DouglasRachford]
//	f + Σ rᵢ(Kᵢx)  [CondatVu]; without f [ChambollePock]; with a least-squares f [ADMM]
//	f              [LBFGS], [NAG], [GD]
//
// Their tests solve the problems of the tests of ProximalAlgorithms.jl within the bounds
// that are stated there. What these have besides stays out: complex numbers, numbers in
// single precision, exponential cones, penalties and sets that are not convex (rank, ℓ₀),
// and quasi-Newton methods for f + r (PANOC, ZeroFPR, DRLS).
//
// # The contract of a Step
//
// A Step does not change the point that it is given. Given the very point that it
// returned last, it goes on; given any other, it starts from there, its momentum
// forgotten (x₋₁ = x) and everything that was learned or estimated kept ([Remember] tells
// the two apart). A Rule asks no oracle before its first step. Random states come from
// the rng of the Rule; classic rules take nil. Package optimtest holds a rule against all
// of this.
//
// The point that a step returns is the caller's, who may keep it for as long as it is of use.
// Gradients, extrapolated points and other temporaries of the classic rules are recycled where
// nobody else can hold them, see Recycle of [optimizee.Problem]: there a step on x of n
// numbers allocates 8n bytes, the point that it returns. Oracles and step sizes of one's own
// may keep all that they see; then nothing that they saw is recycled.
package optim
