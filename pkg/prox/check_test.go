package prox_test

import (
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// TestCheck: what is here passes, and what is broken in one place is told by that place.
func TestCheck(t *testing.T) {
	for name, w := range table() {
		if err := prox.Check(w.r, w.n); err != nil && !(w.k == 2 && strings.Contains(err.Error(), "6×2")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, m := range []struct {
		r    prox.Regulariser
		mend func(r *prox.Regulariser)
		says string
	}{
		{prox.L1(1), func(r *prox.Regulariser) { r.Value = nil }, "needs a Value"},
		{prox.L1(1), func(r *prox.Regulariser) { r.Value = func(x ad.Value) ad.Value { return x.Abs() } }, "has to be 1×1"},
		{prox.L1(1), func(r *prox.Regulariser) { r.Prox = func(v, _ ad.Value) ad.Value { return v.Sum() } }, "Prox of a 5×1 value is"},
		{prox.L1(1), func(r *prox.Regulariser) { r.Prox = prox.L1(1.1).Prox }, "is lower"},
		{prox.L2(1), func(r *prox.Regulariser) { r.Prox = prox.L2(0.9).Prox }, "is lower"},
		{prox.Box(0, 1), func(r *prox.Regulariser) { r.Prox = prox.Box(0, 2).Prox }, "Value is +Inf"},
		{prox.SquaredL2(1), func(r *prox.Regulariser) {
			r.Prox = func(v, t ad.Value) ad.Value { return prox.SquaredL2(1).Prox(v, ad.Scalar(0.5*t.Data[0])) }
		}, "is lower"},
		{prox.L2(1), func(r *prox.Regulariser) { r.OneStep = false }, "takes one step for all entries"},
		{prox.L1(1), func(r *prox.Regulariser) { r.Subgrad = func(x ad.Value) ad.Value { return x.Sign().Scale(1.2) } }, "Subgrad is none"},
		{prox.L1(1), func(r *prox.Regulariser) { r.Subgrad = func(x ad.Value) ad.Value { return x.Sum() } }, "Subgrad of a 5×1 value is 1×1"},
		{prox.SquaredL2(1), func(r *prox.Regulariser) { r.Conjugate = func(u ad.Value) float64 { return u.SumSquares().Item() } }, "Fenchel–Young"},
		{prox.L1(1), func(r *prox.Regulariser) { r.Prox = nil; r.Subgrad = nil }, ""},
	} {
		m.mend(&m.r)
		err := prox.Check(m.r, 5)
		if (err == nil) != (m.says == "") || err != nil && !strings.Contains(err.Error(), m.says) {
			t.Errorf("%s: %v, want %q", m.r.Name, err, m.says)
		}
	}
	if err := prox.Check(prox.WeightedL1(ad.Col(1, 2, 3)), 5); err == nil || !strings.Contains(err.Error(), "5×1") {
		t.Errorf("another size: %v", err)
	}
}

// What is made of a regulariser without a Prox has none either.
func TestMadeOfLess(t *testing.T) {
	r := prox.L1(1)
	r.Prox, r.Subgrad = nil, nil
	for name, q := range map[string]prox.Regulariser{"Scale": r.Scale(2), "Stretch": r.Stretch(2), "Translate": r.Translate(ad.Col(1, 2)), "Rows": r.Rows(0, 2)} {
		if q.Prox != nil || q.Subgrad != nil || q.Value == nil || q.Err != nil {
			t.Error(name, q)
		}
	}
	group := prox.Group(1, prox.Consecutive(2))
	group.Prox = nil
	for name, q := range map[string]prox.Regulariser{"Moreau": r.Moreau(1), "Sum": prox.Sum(group, prox.L1(1))} {
		if q.Err == nil || !strings.Contains(q.Err.Error(), "nil") {
			t.Error(name, q.Err)
		}
	}
}
