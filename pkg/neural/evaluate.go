package neural

import (
	"fmt"
	"math"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/internal/check"
)

// together is how many samples are evaluated at a time, at most: memory for more is of no use.
const together = 256

// Evaluate returns the mean cross-entropy of a network with weights x on samples w with labels
// y, and the share of samples whose largest score, the first one of equals, is that of their
// label. They are looked at in groups of equal size, of 256 at most, which to batch
// normalisation are minibatches. Where x is not finite both are NaN.
func Evaluate(n Network, x, w, y ad.Value) (loss, accuracy float64) {
	if n == nil {
		panic("neural: Evaluate: there is no Network: take neural.PaperMLP, say")
	}
	if err := checkSamples(n, w, y); err != nil {
		panic(fmt.Sprintf("neural: Evaluate: %s: %v", n, err))
	}
	groups := (w.R + together - 1) / together
	for g := range groups {
		from, to := g*w.R/groups, (g+1)*w.R/groups
		b := newMinibatch(n, ad.New(to-from, w.C, w.Data[from*w.C:to*w.C]), ad.New(to-from, 1, y.Data[from:to]))
		z, _ := n.Forward(x.Detach(), b.w)
		loss += z.CrossEntropy(b.hot).Item() * float64(to-from)
		for i := range to - from {
			if b.hot.At(i, first(z.Data[i*z.C:(i+1)*z.C])) == 1 {
				accuracy++
			}
		}
	}
	if loss /= float64(w.R); !check.IsFinite(loss) {
		return math.NaN(), math.NaN()
	}
	return loss, accuracy / float64(w.R)
}

// first is where the largest score is, the first one of equals.
func first(scores []float64) (at int) {
	for c, s := range scores {
		if s > scores[at] {
			at = c
		}
	}
	return at
}
