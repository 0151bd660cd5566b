package ad_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
)

func TestAddScaled(t *testing.T) {
	adtest.Shapes(8, 7, func(rng *rand.Rand, r, c int) {
		a, b, w, s := adtest.Random(rng, r, c), adtest.Random(rng, r, c), adtest.Random(rng, r, c), rng.NormFloat64()
		f := func(xs ...ad.Value) ad.Value { return xs[0].AddScaled(s, xs[1]).Mul(w).Sum() }
		adtest.Check(t, 1e-8, f, a, b)
		adtest.Equal(t, 1e-14, f, func(xs ...ad.Value) ad.Value { return xs[0].Add(xs[1].Scale(s)).Mul(w).Sum() }, a, b)
	})
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "AddScaled: 2×3 by 1×3") {
			t.Errorf("wrong shapes panic with %q", text)
		}
	}()
	ad.New(2, 3, nil).AddScaled(1, ad.New(1, 3, nil))
}
