package optimizee

import "math/rand/v2"

// Stream returns the random stream of a seed and a key, such as (purpose,
// minibatch, instance). Streams of different keys are independent, and a stream
// depends on nothing else: not on the order of the draws, not on the number of
// cores.
func Stream(seed uint64, key ...uint64) *rand.Rand {
	a, b := mix(seed), mix(^seed)
	for _, k := range key {
		a = mix(a ^ k)
		b = mix(b + a)
	}
	return rand.New(rand.NewPCG(a, b))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
