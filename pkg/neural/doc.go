// Package neural is the training of small neural networks as an optimizee: what learned
// optimizers were made for first (Andrychowicz et al. 2016). F is the mean cross-entropy of
// a network on a minibatch,
//
//	F(x) = (1/m) Σ_i [ln Σ_c exp z_c(w_i; x) − z_{y_i}(w_i; x)],
//
// with the scores z of sample w_i and its label y_i, and all weights and biases in the one
// column "x". A [Network] is an [MLP], a [ConvNet] or one of your own; [Problem] makes a
// problem of it and of samples, and [Family] draws starts and minibatches, one for each problem
// or one for each step.
package neural
