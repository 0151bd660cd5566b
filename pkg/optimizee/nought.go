package optimizee

import "math"

// Nought is a 0 for settings of which 0 stands for a default: optim.AdamConfig{Beta1:
// optimizee.Nought} is Adam without momentum. It is the smallest positive number, with
// which every formula here gives what it would with 0.
const Nought = math.SmallestNonzeroFloat64
