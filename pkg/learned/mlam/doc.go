// Package mlam is learned alternating minimisation: MLAM, its first version GSO, and the
// row-wise perceptrons of the public code. A network moves each block of a problem for some
// inner steps, the blocks take turns, and what is learned looks at the whole way.
package mlam
