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
// A rule made from θ is an ordinary [optim.Rule]: it races, alternates, counts and
// can be guarded like the classic ones.
package learned
