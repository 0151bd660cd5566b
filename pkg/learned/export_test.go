package learned

import "github.com/l2olab/l2o/pkg/ad"

// LogSign is what a network of [LogAndSign] sees of a gradient.
func LogSign(g ad.Value) (size, sign float64) {
	v := logAndSign(g)
	return v.At(0, 0), v.At(0, 1)
}

// Samples are those of the entropy.
func Samples(c EntropyConfig, dim int) ad.Value { return c.filled().samples(dim) }
