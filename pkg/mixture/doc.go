// Package mixture is the Gaussian mixture model: F is the negative log-likelihood for each
// point,
//
//	F(π, µ) = −(1/N) Σᵢ ln Σₖ πₖ N(xᵢ; µₖ, Σₖ),
//
// in blocks "pi" and "mu" (MLAM eq. 15). [Problem] makes it of points, [Family] draws random
// ones, [EM] is expectation maximisation, and [KMeansPP] and [RandomPoints] are starts for it.
package mixture
