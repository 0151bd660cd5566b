package problemtest

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// proximal: u = Prox(v, t) minimises r(w) + ‖w − v‖²/(2t), step by step against
// points w far and near. Where r is not given its differences are those of F less
// those of f, and these the integral of Grad along the way: a wrong Grad fails here too.
func proximal(t testing.TB, s *suite) string {
	if why := s.noProx(); why != "" {
		return why
	}
	each(s.points, func(x optimizee.Point, b string) {
		step := s.step(b, x)
		s.minimises(t, b, x, ad.Scalar(step))
		s.minimises(t, b, x, ad.Scalar(step/10))
	})
	return ""
}

// proximalEach: with a step tᵢ for each entry Prox minimises r(w) + Σ (wᵢ − vᵢ)²/(2tᵢ),
// and equal steps are one step for all.
func proximalEach(t testing.TB, s *suite) string {
	switch why := s.noProx(); {
	case why != "":
		return why
	case s.p.OneStep:
		return "Prox takes one step for all entries"
	}
	each(s.points, func(x optimizee.Point, b string) {
		at, step := x.At(b), s.step(b, x)
		s.minimises(t, b, x, s.normal(at, 0.5).Abs().Shift(0.1).Scale(step))
		v := at.Add(s.normal(at, 0.5))
		if d := distance(s.p.Prox(b, v, ad.Scalar(step)).Data, s.p.Prox(b, v, ad.Full(at.R, at.C, step)).Data); d > 1e-12 {
			t.Errorf("block %s: one step for all and the same step for each entry differ by %.2g", b, d)
		}
	})
	return ""
}

// noProx is why no law holds Prox against its definition.
func (s *suite) noProx() string {
	switch {
	case s.p.Prox == nil:
		return "no Prox"
	case s.term == nil && s.p.Grad == nil:
		return "neither Grad nor Term tells r from F"
	}
	return ""
}

// minimises holds Prox against its definition near x, and at x itself, which a projection
// has to leave where it is.
func (s *suite) minimises(t testing.TB, b string, x optimizee.Point, steps ad.Value) {
	t.Helper()
	at := x.At(b)
	for _, v := range []ad.Value{at.Add(s.normal(at, 0.5)), at} {
		u := s.p.Prox(b, v, steps)
		if u.R != at.R || u.C != at.C || !u.IsFinite() {
			t.Fatalf("block %s: Prox of a %s value is %v", b, at.Shape(), u)
		}
		if s.outside(x.With(b, u)) {
			t.Errorf("block %s: F is infinite at the point that Prox gave", b)
			return
		}
		s.minimal(t, b, x, v, u, steps)
	}
}

// minimal compares the objective of the proximal map at u with that at other points. Those
// outside of a constraint are infinitely bad, so there are some between points inside.
func (s *suite) minimal(t testing.TB, b string, x optimizee.Point, v, u, steps ad.Value) {
	t.Helper()
	others := []ad.Value{v, u.Scale(0), u.Scale(2), u.Neg(), x.At(b)}
	for _, z := range s.inside(b, x, steps) {
		for _, h := range []float64{1, 0.3, 0.1, 1e-2, 1e-3, 1e-4, -1e-4, -1e-2, -0.3} {
			others = append(others, u.Add(z.Sub(u).Scale(h)))
		}
	}
	for _, size := range []float64{1, 1e-1, 1e-2, 1e-3, 1e-4} {
		for range 4 {
			others = append(others, u.Add(s.normal(u, size)))
		}
		for range min(2*u.Len(), 40) { // along one axis, where kinks are
			d := ad.New(u.R, u.C, nil)
			d.Data[s.rng.IntN(d.Len())] = size * float64(1-2*s.rng.IntN(2))
			others = append(others, u.Add(d))
		}
	}
	rounding := 1e-15 * (norm(u) + norm(v)) // of u
	for _, w := range others {
		dr, noise := s.change(b, x, u, w)
		// (w − v)² − (u − v)², without cancellation
		near := w.Sub(u).Mul(w.Add(u).Sub(v.Scale(2))).Div(steps.Scale(2)).Sum().Item()
		noise += rounding * (rounding + norm(w.Sub(u))) / slices.Min(steps.Data)
		if !(dr+near >= -noise-1e-13*(math.Abs(dr)+math.Abs(near))) {
			t.Errorf("block %s: at ‖w − u‖ = %.2g, r(w) + ‖w − v‖²/2t is lower by %.3g than at the point that Prox gave", b, norm(w.Sub(u)), -dr-near)
			return
		}
	}
}

// change is r(w) − r(u) in a block, and its rounding error.
func (s *suite) change(b string, x optimizee.Point, u, w ad.Value) (dr, noise float64) {
	from, to := x.With(b, u), x.With(b, w)
	if s.term != nil {
		r0, r1 := s.term(from).Item(), s.term(to).Item()
		if math.IsInf(r1, 1) {
			return r1, 0
		}
		return r1 - r0, 1e-14 * (math.Abs(r0) + math.Abs(r1))
	}
	f0, f1 := s.f(from), s.f(to)
	if math.IsInf(f1, 1) {
		return f1, 0
	}
	df, rough := s.ascent(b, x, u, w)
	return f1 - f0 - df, rough + 1e-13*(math.Abs(f0)+math.Abs(f1))
}

// ascent is f(w) − f(u) in a block, as Grad along the way tells it, and its error.
func (s *suite) ascent(b string, x optimizee.Point, u, w ad.Value) (df, rough float64) {
	d := w.Sub(u)
	slope := func(h float64) float64 { return s.p.Grad(b, x.With(b, u.Add(d.Scale(h)))).Dot(d).Item() }
	df = quad.Fixed(slope, 0, 1, 16, quad.Legendre{}, 0)
	return df, math.Abs(df - quad.Fixed(slope, 0, 1, 12, quad.Legendre{}, 0))
}

// solve: no neighbour is lower than the point that Solve gives, it is stationary, and
// Solve leaves it where it is.
func solve(t testing.TB, s *suite) string {
	if s.p.Solve == nil {
		return "no Solve"
	}
	if s.p.SolveAll != nil {
		for _, x := range s.points {
			s.descend(t, x, "all blocks", s.p.SolveAll)
		}
	}
	if s.majorant {
		each(s.points, func(x optimizee.Point, b string) {
			s.descend(t, x, "block "+b, func(x optimizee.Point) optimizee.Point { return x.With(b, s.p.Solve(b, x)) }, b)
		})
		return ""
	}
	each(s.points, func(x optimizee.Point, b string) {
		u := s.p.Solve(b, x)
		if at := x.At(b); u.R != at.R || u.C != at.C || !u.IsFinite() {
			t.Fatalf("block %s is %s: Solve gives %v", b, at.Shape(), u)
		}
		best := x.With(b, u)
		f := s.f(best)
		slack := 1e-12 * max(math.Abs(f), math.Abs(s.f(x)))
		for _, size := range []float64{1, 1e-1, 1e-2, 1e-3, 1e-4} {
			for range 10 {
				if g := s.f(best.With(b, u.Add(s.normal(u, size)))); !(g >= f-slack) {
					t.Errorf("block %s: F is %.12g at the point that Solve gave and %.12g near it", b, f, g)
					return
				}
			}
		}
		if again := s.f(best.With(b, s.p.Solve(b, best))); !(math.Abs(again-f) <= slack) {
			t.Errorf("block %s: solved again, F goes from %.12g to %.12g", b, f, again)
		}
		if s.p.Grad == nil {
			return
		}
		g, here := s.p.Grad(b, best), norm(s.p.Grad(b, x))
		if s.p.Prox != nil { // the fixed point of a proximal step stands for a zero gradient
			step := s.step(b, best)
			g = u.Sub(s.p.Prox(b, u.Sub(g.Scale(step)), ad.Scalar(step))).Scale(1 / step)
		}
		if !(norm(g) <= 1e-8*max(1, here)) {
			t.Errorf("block %s: the gradient at the point that Solve gave is %.3g, from %.3g before", b, norm(g), here)
		}
	})
	return ""
}

// descend solves again and again: F never rises, and the gradient of the blocks goes to 0
// where there is one.
func (s *suite) descend(t testing.TB, x optimizee.Point, what string, solve func(optimizee.Point) optimizee.Point, blocks ...string) {
	t.Helper()
	rest := func(x optimizee.Point) (sum float64) {
		if s.p.Grad == nil {
			return 0
		}
		for _, b := range blocks {
			sum += norm(s.p.Grad(b, x))
		}
		return sum
	}
	f, first := s.f(x), rest(x)
	for range 2000 {
		x = solve(x)
		next := s.f(x)
		if !(next <= f+1e-12*math.Abs(f)) {
			t.Errorf("%s: Solve takes F from %.12g to %.12g", what, f, next)
			return
		}
		f = next
	}
	if g := rest(x); !(g <= 1e-6*max(1, first)) {
		t.Errorf("%s: the gradient where Solve comes to rest is %.3g, from %.3g at first", what, g, first)
	}
}

// bound: Bound is below F at every two points, and reaches it at the minimum.
func bound(t testing.TB, s *suite) string {
	if s.p.Bound == nil {
		return "no Bound"
	}
	xs := append([]optimizee.Point{}, s.points...)
	for _, size := range []float64{10, 0.1, 1e-3} {
		xs = append(xs, s.p.Start.Add(s.noise(s.p.Start, size)))
	}
	path, skipped := s.minimum()
	xs = append(xs, path...)
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, x := range xs {
		b := s.p.Bound(x)
		if math.IsNaN(b) {
			t.Error("Bound is NaN")
		}
		lowest, highest = min(lowest, s.f(x)), max(highest, b)
	}
	scale := max(math.Abs(lowest), 1e-6*math.Abs(s.f(s.p.Start)))
	if !(highest <= lowest+1e-12*scale) {
		t.Errorf("Bound says %.12g at one point, and F is %.12g at another", highest, lowest)
	}
	if gap := lowest - highest; skipped == "" && !(gap <= 1e-8*scale) {
		t.Errorf("at the minimum F is %.12g and Bound %.12g: the gap of %.2g does not close", lowest, highest, gap)
	}
	return skipped
}

// minimum finds a minimiser of a one-block problem by proximal gradient steps, the
// later ones with momentum that restarts. The points on the way are those where the
// error is left in the flattest directions, which is hardest for bounds; the last is
// the minimiser.
func (s *suite) minimum() (path []optimizee.Point, skipped string) {
	p := s.p
	switch blocks := p.Start.Blocks(); {
	case s.slack:
		return nil, "only that it is below F: it is said to be slack"
	case p.Grad == nil || p.Lipschitz == nil || len(blocks) > 1:
		return nil, "only that it is below F: without Grad and Lipschitz in one block no minimum is found"
	}
	b := p.Start.Blocks()[0]
	x := s.generic[0]
	y, k := x, 0.
	var first, now float64 // lengths of the steps, over t
	for n := range 5000 {
		if n == 1 || n == 10 || n == 30 || n == 100 {
			path = append(path, x)
		}
		t := s.step(b, y)
		v := y.At(b).Sub(p.Grad(b, y).Scale(t))
		if p.Prox != nil {
			v = p.Prox(b, v, ad.Scalar(t))
		}
		next := y.With(b, v)
		now = norm(v.Sub(y.At(b))) / t
		first = max(first, now)
		move := next.Sub(x)
		if k++; n < 100 || y.Sub(next).Dot(move) > 0 {
			k = 0
		}
		x, y = next, next.Add(move.Scale(k/(k+3)))
	}
	if !(now <= 1e-7*first) {
		return path, "only that it is below F: 5000 steps did not reach the minimum"
	}
	return append(path, x), ""
}
