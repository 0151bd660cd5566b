package prox_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/prox"
)

// TestMutants breaks regularisers and expects the laws to notice, by what they say.
func TestMutants(t *testing.T) {
	type law func(w row, rng *rand.Rand) error
	step := func(by float64) func(*prox.Regulariser) {
		return func(r *prox.Regulariser) {
			inner := r.Prox
			r.Prox = func(v, step ad.Value) ad.Value { return inner(v, step.Scale(by)) }
		}
	}
	mapped := func(f func(p ad.Value) ad.Value) func(*prox.Regulariser) {
		return func(r *prox.Regulariser) {
			inner := r.Prox
			r.Prox = func(v, step ad.Value) ad.Value { return f(inner(v, step)) }
		}
	}
	rows := table()
	for _, m := range []struct {
		row  string
		mend func(r *prox.Regulariser)
		law  law
		says string
	}{
		{"simplex", mapped(func(p ad.Value) ad.Value { return p.Scale(.7).Shift(.1) }), definition, "does not minimise"},
		{"simplex", mapped(func(p ad.Value) ad.Value { return p.Shift(1e-6) }), definition, "r is +Inf"},
		{"l2 ball", mapped(func(p ad.Value) ad.Value { return p.Scale(.999) }), definition, "does not minimise"},
		{"box", mapped(func(p ad.Value) ad.Value { return p.Scale(.99) }), definition, "does not minimise"},
		{"l1", step(1.001), definition, "does not minimise"},
		{"group", step(1.001), definition, "does not minimise"},
		{"nuclear", step(1.001), definition, "does not minimise"},
		{"linf", step(0.999), definition, "does not minimise"},
		{"wide least squares", step(1.001), definition, "does not minimise"},
		{"variation", step(1.001), definition, "does not minimise"},
		{"huber", func(r *prox.Regulariser) {
			s := r.Subgrad
			r.Subgrad = func(x ad.Value) ad.Value { return s(x).Scale(1.01) }
		}, definition, "no subgradient"},
		{"l1 ball", mapped(func(p ad.Value) ad.Value { return p.Scale(.999) }), firm, "moves a point"},
		{"l1", mapped(func(p ad.Value) ad.Value { return p.Scale(1.1) }), firm, "nonexpansive"},
		{"group", func(r *prox.Regulariser) { s := r.Reach; r.Reach = func(u ad.Value) float64 { return 1.001 * s(u) } }, duality, "Reach"},
		{"l2", func(r *prox.Regulariser) { s := r.Reach; r.Reach = func(u ad.Value) float64 { return .999 * s(u) } }, duality, "Reach"},
		{"elastic net", func(r *prox.Regulariser) {
			s := r.Conjugate
			r.Conjugate = func(u ad.Value) float64 { return 1.01 * s(u) }
		}, duality, "Fenchel–Young"},
		{"linf", func(r *prox.Regulariser) { r.OneStep = false }, steps, "one step"},
		{"ridge", func(r *prox.Regulariser) {
			r.Prox = func(v, step ad.Value) ad.Value { return prox.SquaredL2(.6).Prox(v, ad.Scalar(step.Data[0])) }
		}, steps, "by a step per entry"},
		{"nuclear", mapped(ad.Value.Detach), derivatives, "slope of the map"},
		{"l2", func(r *prox.Regulariser) {
			s := r.Prox
			r.Prox = func(v, t ad.Value) ad.Value { return s(v, t.Detach()) }
		}, derivatives, "in argument 1"},
		{"box", func(r *prox.Regulariser) { r.Prox = func(v, _ ad.Value) ad.Value { return ad.New(v.R, v.C, nil) } }, hostile, "of NaN"},
		{"box", func(r *prox.Regulariser) {
			r.Prox = func(v, _ ad.Value) ad.Value { return v.Scale(0).Mul(ad.Scalar(0)) }
		}, scales, "differs"},
	} {
		w := rows[m.row]
		m.mend(&w.r)
		err := m.law(w, rand.New(rand.NewPCG(1, 0)))
		if err == nil || !strings.Contains(err.Error(), m.says) {
			t.Errorf("%s: %v, want %q", m.row, err, m.says)
		}
	}
}
