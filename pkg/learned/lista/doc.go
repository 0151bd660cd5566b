// Package lista is the line from ISTA to HyperLISTA: networks that unroll a proximal
// gradient method for sparse recovery, layer by layer. Each is a [learned.Optimizer] made
// from a [Config]; [AdaLISTA] takes its dictionary from the problem.
package lista
