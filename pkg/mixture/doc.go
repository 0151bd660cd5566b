// Package mixture is the Gaussian mixture model: F is the negative log-likelihood for each
// point,
//
//	F(π, µ, Σ) = −(1/G) Σ_g ln Σ_k π_k N(x_g; µ_k, Σ_k),
//
// in blocks "pi" and "mu" (MLAM eq. 15), and "cov" where the covariances are not given but
// estimated. [Problem] makes it of points, [Family] draws random ones, [EM] is expectation
// maximisation, and [KMeansPP] and [RandomPoints] are starts for it. [Select] does all of
// that for your own points, and chooses the number of components.
package mixture
