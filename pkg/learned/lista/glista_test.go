package lista

import (
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
)

// TestGates compares the fused gates of GLISTA with the same formulas in operations of
// package ad, values and gradients.
func TestGates(t *testing.T) {
	x, d, a := adtest.Random(stream(1), 9, 4), adtest.Random(stream(2), 9, 1), ad.Scalar(1.7)
	d.Data[3] = 0.5
	weights := adtest.Random(stream(3), 9, 4)
	adtest.Equal(t, 1e-12, func(xs ...ad.Value) ad.Value {
		return gain(xs[0], xs[1], xs[2]).Mul(weights).Sum()
	}, func(xs ...ad.Value) ad.Value {
		g := xs[1].Mul(xs[0].Abs()).ReLU().Neg().Shift(1).ReLU().Mul(xs[2]).Shift(1)
		return g.Mul(xs[0]).Mul(weights).Sum()
	}, x, d, a)
	passed := []int{2, 11, 35}
	shrunk := ad.Full(9, 4, 1)
	for _, i := range passed {
		shrunk.Data[i] = 0
	}
	adtest.Equal(t, 1e-12, func(xs ...ad.Value) ad.Value {
		return overshoot(xs[0], passed).Mul(weights).Sum()
	}, func(xs ...ad.Value) ad.Value {
		return shrunk.Mul(xs[0]).Div(xs[0].Abs().Shift(0.1)).Mul(weights).Sum()
	}, x)
}
