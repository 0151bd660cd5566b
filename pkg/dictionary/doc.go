// Package dictionary learns dictionaries for sparse coding from signals, and codes
// signals with them. A dictionary is an m×n matrix D whose columns, the atoms, have
// length 1, often more of them than dimensions; a signal y (m×1) is coded as y ≈ Dx with
// few nonzeros in x.
//
//	learned, err := dictionary.KSVD(signals, dictionary.Paper, rng)
//	x := dictionary.OMP(learned.D, signals, 6)
//
// [KSVD] finds D with few nonzeros for the signals at hand, [OMP] finds x for a given
// D greedily. Signals are columns, so Y ≈ DX reads as in the papers. The random stream
// is the caller's; equal streams give equal bits.
package dictionary
