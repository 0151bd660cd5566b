package problemtest

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// value: F is one finite number at every point, but for points that nobody knows how to
// bring back to a constraint.
func value(t testing.TB, s *suite) (skipped string) {
	for i, x := range s.points {
		if s.outside(x) && s.closed {
			skipped = infinite
			continue
		}
		if f := s.p.Value(x); f.R != 1 || f.C != 1 || !f.IsFinite() {
			t.Errorf("point %d: Value is %v", i, f)
		}
	}
	return skipped
}

// grad: Grad is the gradient of the smooth part, three ways.
func grad(t testing.TB, s *suite) (skipped string) {
	if s.p.Grad == nil {
		return "no Grad"
	}
	each(s.generic, func(x optimizee.Point, b string) {
		f := s.smooth(b)
		if f == nil {
			skipped = "r is not known, give it as Term; the law Prox holds Grad and Prox against Value together"
			return
		}
		if s.closed && s.p.Smooth == nil {
			s.slopes(t, f, x, b)
			return
		}
		gradient(t, s, "Grad of block "+b, f, s.p.Grad(b, x), x, b)
	})
	return skipped
}

// gradient compares g with f's derivatives in a block: by finite differences in the
// entries (all of a small block), along eight random directions, and by the tape.
func gradient(t testing.TB, s *suite, what string, f func(x optimizee.Point) ad.Value, g ad.Value, x optimizee.Point, block string) {
	t.Helper()
	at := x.At(block)
	if g.R != at.R || g.C != at.C {
		t.Fatalf("%s is %s, the block is %s", what, g.Shape(), at.Shape())
	}
	const tol = 1e-6
	top := max(1e-3, largest(g.Data))
	wrong := false // the first direction says it
	along := func(d ad.Value, scale, size float64, how string) {
		t.Helper()
		if wrong {
			return
		}
		num, noise := adtest.Difference(func(h float64) float64 { return f(x.With(block, at.Add(d.Scale(h)))).Item() }, scale)
		if got := g.Detach().Dot(d).Item(); !(math.Abs(num-got) <= tol*size+noise) {
			t.Errorf("%s, %s: %.10g, by finite differences %.10g ± %.1g", what, how, got, num, noise)
			wrong = true
		}
	}
	for range min(at.Len(), 64) {
		i := s.rng.IntN(at.Len())
		d := ad.New(at.R, at.C, nil)
		d.Data[i] = 1
		along(d, math.Abs(at.Data[i]), top, "in one entry")
	}
	for range 8 {
		d := s.normal(at, 1)
		along(d, 1, top*d.Norm1().Item(), "along a random direction")
	}
	taped(t, what, f, g, x, block)
}

// taped compares g with the tape's derivative of f in a block.
func taped(t testing.TB, what string, f func(x optimizee.Point) ad.Value, g ad.Value, x optimizee.Point, block string) {
	t.Helper()
	if by, ok := tape(f, x, block); ok {
		if d := adtest.Distance(g.Data, by); !(d <= 1e-9) && distance(g.Data, by) > 1e-12 {
			t.Errorf("%s differs from the tape's derivative by %.2g of the largest entry", what, d)
		}
	}
}

// tape returns the tape's derivative of f in a block; false when f records nothing.
func tape(f func(x optimizee.Point) ad.Value, x optimizee.Point, block string) ([]float64, bool) {
	recorded := false
	_, g := adtest.Gradients(func(vs ...ad.Value) ad.Value {
		y := f(x.With(block, vs[0]))
		recorded = y.Recorded()
		return y
	}, x.At(block))
	return g[0], recorded
}

// valueGrad: ValueGrad is Value and Grad.
func valueGrad(t testing.TB, s *suite) string {
	if s.p.ValueGrad == nil || s.p.Grad == nil {
		return "no ValueGrad beside a Grad"
	}
	each(s.points, func(x optimizee.Point, b string) {
		f, g := s.p.ValueGrad(b, x)
		if d := adtest.Distance(f.Data, s.p.Value(x).Data); !(d <= 1e-12) {
			t.Errorf("block %s: the value differs from Value by %.2g", b, d)
		}
		if want := s.p.Grad(b, x).Data; distance(g.Data, want) > 1e-12*max(1, largest(want)) {
			t.Errorf("block %s: the gradient differs from Grad by %.2g", b, distance(g.Data, want))
		}
	})
	return ""
}

// subgrad: where F is smooth, Subgrad is its gradient. Points near 0, where most
// kinks are, are moved away from it.
func subgrad(t testing.TB, s *suite) string {
	if s.p.Subgrad == nil {
		return "no Subgrad"
	}
	for _, x := range s.generic {
		x = x.Map(func(_ string, v ad.Value) ad.Value { return v.Add(v.Sign().Scale(0.05)) })
		each([]optimizee.Point{x}, func(x optimizee.Point, b string) {
			gradient(t, s, "Subgrad of block "+b, s.p.Value, s.p.Subgrad(b, x), x, b)
		})
	}
	return ""
}

// convex: F lies above its tangents, F(y) ≥ F(x) + ⟨g, y − x⟩, Start (where the kinks
// are) among the x, y far and near. Where there are no tangents it lies below its chords.
func convex(t testing.TB, s *suite) string {
	switch {
	case !s.convex:
		return "F is not claimed to be convex"
	case s.p.Need("", "Subgrad") != nil:
		return s.chords(t)
	}
	for i, x := range s.points {
		g, fx := s.p.Subgradient(x), s.f(x)
		ys := append([]optimizee.Point{}, s.points...)
		for _, size := range []float64{3, 0.1, 1e-3, 1e-5} {
			for range 4 {
				ys = append(ys, x.Add(s.noise(x, size)))
			}
		}
		for _, y := range ys {
			fy, d := s.f(y), g.Dot(y.Sub(x))
			if slack := 1e-12 * (math.Abs(fx) + math.Abs(fy) + math.Abs(d)); !(fy >= fx+d-slack) {
				t.Errorf("point %d: F(y) = %.12g is below the tangent %.12g", i, fy, fx+d)
			}
		}
	}
	return ""
}

// residual: the smooth part is ½‖Residual‖².
func residual(t testing.TB, s *suite) string {
	if s.p.Residual == nil {
		return "no Residual"
	}
	half := func(x optimizee.Point) ad.Value { return s.p.Residual(x).SumSquares().Scale(0.5) }
	each(s.generic, func(x optimizee.Point, b string) {
		if s.p.Grad != nil {
			gradient(t, s, "Grad of block "+b+" against ½‖Residual‖²", half, s.p.Grad(b, x), x, b)
		}
		if f := s.smooth(b); f != nil {
			if want, got := half(x).Item(), f(x).Item(); !(math.Abs(got-want) <= 1e-10*max(1, want)) {
				t.Errorf("the smooth part is %.12g, ½‖Residual‖² is %.12g", got, want)
			}
		}
	})
	return ""
}

// lipschitz: L bounds the change of Grad between points far and near, and is not
// absurdly larger than the curvature at them.
func lipschitz(t testing.TB, s *suite) string {
	if s.p.Lipschitz == nil || s.p.Grad == nil {
		return "no Lipschitz beside a Grad"
	}
	seen, above := map[string]float64{}, map[string]float64{}
	each(s.points, func(x optimizee.Point, b string) {
		l, at, g := s.p.Lipschitz(b, x), x.At(b), s.p.Grad(b, x)
		try := func(d ad.Value) (change ad.Value) {
			change = s.p.Grad(b, x.With(b, at.Add(d))).Sub(g)
			r := norm(change) / norm(d)
			if !(r <= l*(1+1e-6)) {
				t.Errorf("block %s: Grad changes %.8g times as fast as the point, L is %.8g", b, r, l)
			}
			seen[b] = max(seen[b], r/l)
			return change
		}
		for _, size := range []float64{10, 1, 1e-2} {
			try(s.normal(at, size))
		}
		d := s.normal(at, 1)
		for range 30 { // the power method finds the direction of largest curvature
			d = d.Scale(1e-4 * math.Sqrt(float64(at.Len())) / norm(d))
			if d = try(d); norm(d) == 0 {
				break
			}
		}
		above[b] = l
	})
	for b, r := range seen {
		if 1/r > s.loose && !s.p.OnlyTerms {
			t.Errorf("block %s: L = %.4g is %.3g times the largest curvature seen: steps of 1/L are as many times too small", b, above[b], 1/r)
		}
	}
	return ""
}

// differentiable: a learner that differentiates through Grad and Prox gets their
// derivatives.
func differentiable(t testing.TB, s *suite) string {
	switch {
	case s.untrained:
		return "nobody trains through this problem"
	case s.p.Grad == nil && s.p.Prox == nil:
		return "no Grad and no Prox"
	}
	each(s.generic, func(x optimizee.Point, b string) {
		at := x.At(b)
		w := s.normal(at, 1)
		if s.p.Grad != nil {
			derivative(t, s, "Grad of block "+b, func(vs ...ad.Value) ad.Value { return s.p.Grad(b, x.With(b, vs[0])).Dot(w) }, at)
		}
		if s.p.Prox != nil {
			step := s.normal(at, 0.1).Abs().Shift(0.1).Scale(s.step(b, x))
			if s.p.OneStep {
				step = ad.Scalar(step.Data[0])
			}
			if s.closed { // a point inside may be one that projections have a kink at
				at = at.Add(s.normal(at, 0.5))
			}
			derivative(t, s, "Prox of block "+b, func(vs ...ad.Value) ad.Value { return s.p.Prox(b, vs[0], vs[1]).Dot(w) }, at, step)
		}
	})
	return ""
}

// derivative compares the tape's derivative of f with finite differences along
// random directions. Where two step lengths disagree there is a kink between, and
// another direction is tried.
func derivative(t testing.TB, s *suite, what string, f adtest.Func, xs ...ad.Value) {
	t.Helper()
	_, gs := adtest.Gradients(f, xs...)
	compared := 0
	for range 40 {
		ds, along, size := make([]ad.Value, len(xs)), 0., 1e-3
		for i, x := range xs {
			ds[i] = s.normal(x, 0.1*largest(x.Data)) // keeps a positive step positive
			d := ds[i].Dot(ad.New(x.R, x.C, gs[i])).Item()
			along += d
			size += math.Abs(d)
		}
		phi := func(h float64) float64 {
			ys := make([]ad.Value, len(xs))
			for i := range xs {
				ys[i] = xs[i].Add(ds[i].Scale(h))
			}
			return f(ys...).Item()
		}
		num, noise := adtest.Difference(phi, 1)
		half, _ := adtest.Difference(phi, 0.25)
		if math.Abs(num-half) > 1e-6*size+8*noise {
			continue
		}
		compared++
		if !(math.Abs(num-along) <= 1e-5*size+8*noise) {
			t.Errorf("%s: its derivative along a direction is %.8g by finite differences and %.8g on the tape: write it over ad.Value, or say problemtest.Untrained()", what, num, along)
			return
		}
	}
	if compared == 0 {
		t.Errorf("%s: no direction without a kink was found", what)
	}
}
