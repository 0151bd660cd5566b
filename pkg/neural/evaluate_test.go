package neural_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// Loss and accuracy are those of all samples, also where they are looked at in groups.
func TestEvaluate(t *testing.T) {
	n := neural.MLP{Sizes: []int{3, 2}, Activation: neural.ReLU}
	const m = 600
	w, y := adtest.Random(optimizee.Stream(1), m, 3), ad.New(m, 1, nil)
	x := ad.Col(1, -1, 2, 0, 0, 0.5, 0, 0) // the scores are w₁ + 2w₂ and −w₁ + w₃/2
	right := 0
	for i := range m {
		y.Data[i] = float64(i % 2)
		a, b := w.At(i, 0)+2*w.At(i, 1), -w.At(i, 0)+w.At(i, 2)/2
		if (b > a) == (i%2 == 1) {
			right++
		}
	}
	loss, accuracy := neural.Evaluate(n, x, w, y)
	want := neural.Problem(n, x, w, y)
	if f := want.Value(want.Start).Item(); math.Abs(loss-f) > 1e-12 || accuracy != float64(right)/m {
		t.Errorf("loss %g and accuracy %g, want %g and %g", loss, accuracy, f, float64(right)/m)
	}
	if _, same := neural.Evaluate(n, ad.New(8, 1, nil), w, y); same != 0.5 {
		t.Errorf("of equal scores the first counts: accuracy %g", same)
	}
	if loss, accuracy := neural.Evaluate(n, x.Scale(math.NaN()), w, y); !math.IsNaN(loss) || !math.IsNaN(accuracy) {
		t.Errorf("loss %g and accuracy %g of weights that are no numbers", loss, accuracy)
	}
	defer func() {
		if recover() == nil {
			t.Error("samples of another length were taken")
		}
	}()
	neural.Evaluate(n, x, ad.New(2, 4, nil), ad.New(2, 1, nil))
}
