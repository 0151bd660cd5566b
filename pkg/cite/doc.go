// Package cite holds what the notebooks quote, as data: papers, their numbered
// equations, and the numbers that they publish. It also defines the ledger row,
// which sets a published number beside ours.
//
// Nothing that is compared with a paper is typed into a notebook: the published
// side comes from [Get] and carries where it stands and how well it can be read,
// and our side comes from the run. An unknown key panics and names the nearest
// known ones, since a misspelt key is a mistake in the program.
//
// Formulas are written in the notation of this library: x_k the iterate, y_k the
// extrapolated point, p, a, b per-coordinate vectors, ⊙ the product entry by
// entry, S_τ the soft threshold, θ what is learned. Equation numbers are the
// papers' own.
package cite
