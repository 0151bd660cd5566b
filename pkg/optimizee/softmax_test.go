package optimizee_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// With two classes and x = (0, u), softmax regression is logistic regression: the same
// F, and its gradient in the second column.
func TestSoftmaxOfTwoClasses(t *testing.T) {
	w, y := classes(20, 30, 4)
	soft, logit := optimizee.Softmax(w, y, 2, 0.1), optimizee.Logistic(w, y, 0.1)
	u := gauss(21, 4, 1)
	x := optimizee.X(ad.New(4, 1, nil).Beside(u))
	if d := soft.Value(x).Item() - logit.Value(optimizee.X(u)).Item(); math.Abs(d) > 1e-14 {
		t.Errorf("F differs by %.2g", d)
	}
	g, want := soft.Grad("x", x), logit.Grad("x", optimizee.X(u))
	if d := adtest.Distance(g.Cols(1, 2).Data, want.Data); d > 1e-14 {
		t.Errorf("the gradients differ by %.2g", d)
	}
	if d := adtest.Distance(g.Cols(0, 1).Neg().Data, want.Data); d > 1e-14 {
		t.Errorf("the two columns of the gradient differ by %.2g but for the sign", d)
	}
}

// The fused pass goes over blocks of rows; what it gives is what the recorded formulas
// give, also where scores are so large that eᶻ would overflow.
func TestSoftmaxFused(t *testing.T) {
	const rows, cols, k = 300, 700, 10 // several blocks, the last one short
	w, y := kinds(22, rows, cols, k)
	p := optimizee.Softmax(w, y, k, 0.01)
	for _, size := range []float64{0, 0.01, 100} {
		x := gauss(23, cols, k).Scale(size)
		f, g := p.ValueGrad("x", optimizee.X(x))
		var tape ad.Tape
		rf, rg := p.ValueGrad("x", optimizee.X(tape.Watch(x)))
		if d := math.Abs(f.Item()-rf.Item()) / rf.Item(); !(d < 1e-13) || rf.Recorded() != rg.Recorded() || !rf.Recorded() {
			t.Errorf("x of size %g: F is %.15g by itself and %.15g recorded", size, f.Item(), rf.Item())
		}
		if d := adtest.Distance(g.Data, rg.Data); !(d < 1e-12) {
			t.Errorf("x of size %g: the gradients differ by %.2g", size, d)
		}
	}
}

// At x = 0 every class is as likely, and from the largest entry of |∇f(0)| on, λ keeps it
// there: F and Bound meet.
func TestSoftmaxZero(t *testing.T) {
	w, y := kinds(24, 50, 6, 5)
	p := optimizee.Softmax(w, y, 5, 0)
	if f := p.Value(p.Start).Item(); math.Abs(f-math.Log(5)) > 1e-14 {
		t.Errorf("F(0) is %.15g, want ln 5", f)
	}
	var top float64
	for _, g := range p.Grad("x", p.Start).Data {
		top = max(top, math.Abs(g))
	}
	for _, c := range []struct {
		share  float64
		solved bool
	}{{1 + 1e-12, true}, {0.99, false}} {
		p := optimizee.Softmax(w, y, 5, c.share*top)
		if gap := p.Value(p.Start).Item() - p.Bound(p.Start); (gap < 1e-11) != c.solved || gap < -1e-14 {
			t.Errorf("λ = %g of the largest: the gap at 0 is %.3g", c.share, gap)
		}
	}
}

func TestSoftmaxRefuses(t *testing.T) {
	w := gauss(25, 3, 2)
	for _, c := range []struct {
		p    *optimizee.Problem
		says string
	}{
		{optimizee.Softmax(w, ad.Col(0, 1, 3), 3, 0.1), "label 2 is 3: labels have to be whole numbers from 0 to 2"},
		{optimizee.Softmax(w, ad.Col(0, 0.5, 1), 2, 0.1), "label 1 is 0.5"},
		{optimizee.Softmax(w, ad.Col(0, math.NaN(), 1), 2, 0.1), "label 1 is NaN"},
		{optimizee.Softmax(w, ad.Col(0, 1), 2, 0.1), "A is 3×2 and y is 2×1"},
		{optimizee.Softmax(w, ad.Col(0, 0, 0), 1, 0.1), "1 classes"},
		{optimizee.Softmax(w, ad.Col(0, 0, 0), -1, 0.1), "-1 classes"},
		{optimizee.Softmax(w, ad.Col(0, 1, 0), 2, -1), "λ = -1"},
		{optimizee.Softmax(ad.New(0, 2, nil), ad.New(0, 1, nil), 2, 0.1), "is 0×2"},
	} {
		if err := c.p.Check(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v does not mention %q", err, c.says)
		}
	}
	defer func() {
		if s, _ := recover().(string); !strings.Contains(s, "x is 2×1, want 2 features × 3 classes") {
			t.Errorf("panic %q", s)
		}
	}()
	optimizee.Softmax(w, ad.Col(0, 1, 2), 3, 0.1).Grad("x", optimizee.X(ad.New(2, 1, nil)))
}
