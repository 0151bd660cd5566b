// Package learned holds optimizers with parameters: an [Optimizer] is a function
// θ ↦ rule and a way to draw a first θ. Train it with package train, or load one
// that ships with the module:
//
//	pa, err := weights.Load("l2opa-lasso-20x40")
//	values, x, err := optim.Minimize(problem, pa.Rule(), 50, optimizee.Stream(1))
//
// The stream gives the LSTM its first states. pa.Card says what θ was trained for, and
// pa.Outside(problem) in which ways a problem differs.
//
// L2O-PA ([PA]) learns the terms of a scheme. All other coordinate-wise networks are one
// rule, [CoordinateWise], and a [Wiring]: what the network sees of a coordinate, the
// network, and what its output does; [Scale] has networks for tensors and for the whole
// problem above those of coordinates, and [Swarm] has several points, which look at each
// other. [Listen] tells what a network gives on a run.
//
// A rule made from θ is an ordinary [optim.Rule]: it races, alternates, counts and
// can be guarded like the classic ones.
package learned
