package problemtest

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// infinite is why no law speaks of F.
const infinite = "F is infinite at Start, and neither Prox nor Truth leads to points where it is not: give some by At"

// sum is Σ rᵢ(Kᵢx).
func (s *suite) sum(x optimizee.Point) ad.Value {
	r := ad.Scalar(0)
	for _, term := range s.p.Terms {
		r = r.Add(term.At(x.X()))
	}
	return r
}

// terms: what r leaves of F is Smooth; what Terms leave of it changes as Grad says; and
// Prox is that of a single term.
func terms(t testing.TB, s *suite) string {
	p := s.p
	if p.Smooth != nil && s.term != nil {
		for i, x := range s.finite() {
			F, f, r := s.f(x), p.Smooth(x).Item(), s.term(x).Item()
			if !(math.Abs(F-f-r) <= 1e-12*(math.Abs(F)+math.Abs(f)+math.Abs(r))) {
				t.Errorf("point %d: F is %.12g, and Smooth %.12g and r %.12g do not add up to it", i, F, f, r)
			}
		}
	}
	switch {
	case len(p.Terms) == 0:
		return "no Terms"
	case p.Grad == nil:
		return "no Grad"
	}
	known := s.finite()
	if len(known) == 0 {
		return infinite
	}
	for i, x := range known {
		for _, y := range known[:i] {
			want, rough := s.ascent("x", x, x.X(), y.X())
			f0, f1, r0, r1 := s.f(x), s.f(y), s.sum(x).Item(), s.sum(y).Item()
			size := math.Abs(f0) + math.Abs(f1) + math.Abs(r0) + math.Abs(r1)
			if got := f1 - f0 - (r1 - r0); !(math.Abs(got-want) <= rough+1e-12*size) {
				t.Errorf("F less its terms changes by %.12g between two points, as Grad has it by %.12g", got, want)
			}
		}
	}
	single := p.Terms[0]
	if len(p.Terms) > 1 || !single.K.IsZero() || p.Prox == nil || single.Prox == nil {
		return ""
	}
	if single.OneStep != p.OneStep {
		t.Errorf("the term has OneStep %v, the problem %v", single.OneStep, p.OneStep)
	}
	for _, x := range s.points {
		v, step := x.X().Add(s.normal(x.X(), 0.5)), ad.Scalar(s.step("x", x))
		if d := distance(p.Prox("x", v, step).Data, single.Prox(v, step).Data); !(d <= 1e-12*max(1, largest(v.Data))) {
			t.Errorf("Prox differs from that of the single term by %.2g", d)
		}
	}
	return ""
}

// finite are the points that are not outside of a constraint.
func (s *suite) finite() (xs []optimizee.Point) {
	for _, x := range s.points {
		if !s.outside(x) {
			xs = append(xs, x)
		}
	}
	return xs
}

// outside reports whether a point is outside of a constraint.
func (s *suite) outside(x optimizee.Point) bool {
	f := s.p.Value(x)
	return f.Len() == 1 && math.IsInf(f.Data[0], 1)
}

// feasible is x where F is finite, what Prox makes of it where it is not, and else a
// point on the way back to start.
func (s *suite) feasible(x optimizee.Point) optimizee.Point {
	if !s.outside(x) {
		return x
	}
	s.closed = true
	if s.p.Prox != nil {
		x = x.Map(func(b string, v ad.Value) ad.Value { return s.p.Prox(b, v, ad.Scalar(s.step(b, s.start))) })
	}
	for range 60 {
		if !s.outside(x) {
			return x
		}
		x = s.start.Add(x.Sub(s.start).Scale(0.5))
	}
	return s.start
}

// inside gives values of a block that are inside of a constraint, some of them where it
// has its corners; none where F is finite everywhere.
func (s *suite) inside(b string, x optimizee.Point, steps ad.Value) (zs []ad.Value) {
	if !s.closed {
		return nil
	}
	for _, y := range s.points {
		zs = append(zs, y.At(b))
	}
	for _, size := range []float64{1, 10} {
		for range 3 {
			zs = append(zs, s.p.Prox(b, x.At(b).Add(s.normal(x.At(b), size)), steps))
		}
	}
	return zs
}

// slopes holds Grad against f where f is known inside of a constraint alone: along
// segments between points there, and by the tape.
func (s *suite) slopes(t testing.TB, f func(x optimizee.Point) ad.Value, x optimizee.Point, b string) {
	t.Helper()
	for range 20 {
		y := s.feasible(x.With(b, x.At(b).Add(s.normal(x.At(b), 1))))
		d := y.At(b).Sub(x.At(b)).Scale(0.5)
		middle := x.With(b, x.At(b).Add(d))
		num, noise := adtest.Difference(func(h float64) float64 { return f(middle.With(b, middle.At(b).Add(d.Scale(h)))).Item() }, 1)
		g := s.p.Grad(b, middle)
		if got := g.Dot(d).Item(); !(math.Abs(num-got) <= 1e-6*largest(g.Data)*d.Norm1().Item()+noise) {
			t.Errorf("Grad of block %s, between two points of the constraint: %.10g, by finite differences %.10g ± %.1g", b, got, num, noise)
		}
	}
	taped(t, "Grad of block "+b, f, s.p.Grad(b, x), x, b)
}

// chords: F(½x + ½y) ≤ ½F(x) + ½F(y).
func (s *suite) chords(t testing.TB) (skipped string) {
	t.Helper()
	known := s.finite()
	if len(known) == 0 {
		return infinite
	}
	for i, x := range known {
		ys := append([]optimizee.Point{}, known[:i]...)
		for _, size := range []float64{3, 0.1} {
			ys = append(ys, s.feasible(x.Add(s.noise(x, size))))
		}
		for _, y := range ys {
			fx, fy, f := s.f(x), s.f(y), s.f(x.Add(y).Scale(0.5))
			if !(f <= fx/2+fy/2+1e-12*(math.Abs(fx)+math.Abs(fy))) {
				t.Errorf("point %d: half-way to another F is %.12g, and %.12g and %.12g at the two", i, f, fx, fy)
			}
		}
	}
	return ""
}
