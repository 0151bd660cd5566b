// Package sparse is sparse coding and recovery: a signal x with few nonzeros from
// measurements b = Ax + noise, and a dictionary A of atoms, its columns of length 1.
//
//	p := sparse.TalkRecovery.Draw(rng)          // a random one; Recovery.Of takes measurements of your own
//	learned, err := sparse.KSVD(signals, sparse.PaperKSVD, rng)
//	x := sparse.OMP(learned.D, signals, 6)
//
// [Recovery] and [Coding] are families, [NMSE] says how far a recovered signal is from the
// true one, [KSVD] learns a dictionary from signals and [OMP] codes with it greedily,
// [AnalyticWeights] solves ALISTA's problem for W, and [Coherence] measures a pair.
// Signals are columns, so Y ≈ DX reads as in the papers.
package sparse
