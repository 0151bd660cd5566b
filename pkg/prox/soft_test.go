package prox_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/prox"
)

// The layer as one operation has the bits of the product with the soft threshold after it,
// in its result and in all gradients, whichever of the operands are constants.
func TestSoftOfAProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 3))
	for _, q := range [][3]int{{3, 5, 1}, {20, 41, 60}, {0, 4, 3}, {4, 0, 3}} {
		for constants := range 8 {
			for _, threshold := range []float64{0, 0.5} {
				s, x, c := adtest.Random(rng, q[0], q[1]), adtest.Random(rng, q[0], q[2]), adtest.Random(rng, q[1], q[2])
				weight := adtest.Random(rng, q[1], q[2])
				run := func(layer func(s ad.Single, x, c, th ad.Value) ad.Value) (all [][]float64) {
					var tape ad.Tape
					ins := []ad.Value{s, x, c}
					for i := range ins {
						if constants>>i&1 == 0 {
							ins[i] = tape.Watch(ins[i])
						}
					}
					th := tape.Watch(ad.Scalar(threshold))
					y := layer(ad.Round32(ins[0]), ins[1], ins[2], th)
					y = layer(ad.Round32(ins[0]), ins[1], y, th) // gradients meet others
					y.Mul(weight).Sum().Add(ins[2].SumSquares()).Add(th).Backward()
					all = append(all, y.Data, th.Grad())
					for _, v := range ins {
						all = append(all, v.Grad())
					}
					return all
				}
				one := run(func(s ad.Single, x, c, th ad.Value) ad.Value { return s.TMatMulAddSoft(x, c, th) })
				two := run(func(s ad.Single, x, c, th ad.Value) ad.Value { return prox.Soft(s.TMatMulAdd(x, c), th) })
				for i := range two {
					sameBits(t, fmt.Sprintf("%d×%d×%d, constants %b, threshold %g, %d", q[0], q[1], q[2], constants, threshold, i), one[i], two[i])
				}
			}
		}
	}
}

func sameBits(t *testing.T, what string, a, b []float64) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%s: %d numbers and %d", what, len(a), len(b))
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			t.Fatalf("%s: entry %d is %v, composed %v", what, i, a[i], b[i])
		}
	}
}

func TestSoftOfAProductRefuses(t *testing.T) {
	for _, threshold := range []ad.Value{ad.Scalar(-1), ad.Scalar(math.NaN()), ad.Row(1, 2)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a threshold of %v is taken", threshold.Data)
				}
			}()
			ad.Round32(ad.Eye(2)).TMatMulAddSoft(ad.Eye(2), ad.Eye(2), threshold)
		}()
	}
}
