package lista

import "math/rand/v2"

func stream(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
