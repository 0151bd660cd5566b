// Package nn holds the networks that learned optimizers are made of: an LSTM of
// any depth, a GRU, linear layers, and [Params], the one ordered store of their weights.
//
// Every network but the GRU exists twice. The fused form is one operation with a hand-derived
// backward pass and computes in float32; the composed form is written with the
// operations of package ad in float64 and reads like the equations. They share
// parameters, layouts and initialisers, and tests hold one against the other.
//
// Layouts and names are PyTorch's (gates in the order i, f, g, o; weights are
// out×in; two bias vectors), so that weights travel in both directions:
//
//	th, meta, err := nn.Load("l2opa.safetensors")
package nn
