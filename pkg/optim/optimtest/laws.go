package optimtest

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// equal compares points to tol relative to the largest entry; 0 means to the last bit.
func equal(t testing.TB, what string, tol float64, got, want []optimizee.Point) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d points and %d", what, len(got), len(want))
	}
	for k := range got {
		for _, block := range want[k].Blocks() {
			a, b := got[k].At(block).Data, want[k].At(block).Data
			if slices.Equal(a, b) {
				continue
			}
			if d := adtest.Distance(a, b); !(d <= tol) {
				t.Errorf("%s: point %d differs by %.2g of the largest entry of %s", what, k, d, block)
				return
			}
		}
	}
}

// numbers are the entries of a point, block after block.
func numbers(x optimizee.Point) (out []float64) {
	for _, b := range x.Blocks() {
		out = append(out, x.At(b).Data...)
	}
	return out
}

func recorded(x optimizee.Point) bool {
	return slices.ContainsFunc(x.Blocks(), func(b string) bool { return x.At(b).Recorded() })
}

// several says why a law about one block is not checked.
const several = "the rule works in several blocks"

// oracles: without an oracle a rule says at its start which one it misses, or works
// as before. An invalid problem is refused.
func oracles(t testing.TB, c Case, p *optimizee.Problem) string {
	want := follow(start(t, c.Rule, p, 1), p.Start, 4)
	for _, o := range []struct {
		name   string
		remove func(q *optimizee.Problem)
	}{
		{"Value", func(q *optimizee.Problem) { q.Value = nil }},
		{"Grad", func(q *optimizee.Problem) { q.Grad = nil }},
		{"ValueGrad", func(q *optimizee.Problem) { q.ValueGrad = nil }},
		{"Subgrad", func(q *optimizee.Problem) { q.Subgrad = nil }},
		{"Prox", func(q *optimizee.Problem) { q.Prox = nil }},
		{"Residual", func(q *optimizee.Problem) { q.Residual = nil }},
		{"Lipschitz", func(q *optimizee.Problem) { q.Lipschitz = nil }},
		{"Solve", func(q *optimizee.Problem) { q.Solve = nil }},
		{"Bound", func(q *optimizee.Problem) { q.Bound = nil }},
		{"Smooth", func(q *optimizee.Problem) { q.Smooth = nil }},
		{"Terms", func(q *optimizee.Problem) { q.Terms = nil }},
	} {
		q := *p
		o.remove(&q)
		s, err := c.Rule(&q, stream(1))
		if err == nil {
			equal(t, "without "+o.name, 0, follow(s, p.Start, 4), want)
			continue
		}
		for _, words := range [][]string{{o.name}, {p.Name}, c.Called} {
			if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(err.Error(), w) }) {
				t.Errorf("without %s the error %q does not name %q", o.name, err, words)
			}
		}
	}
	bad := *optimizee.WithLipschitz(p, -1)
	if _, err := c.Rule(&bad, stream(1)); err == nil || !strings.Contains(err.Error(), bad.Err.Error()) {
		t.Errorf("on a problem with an error the rule says %v", err)
	}
	return ""
}

// lazy: a rule asks nothing before its first step.
func lazy(t testing.TB, c Case, p *optimizee.Problem) string {
	open := false
	q := watched(p, func(oracle string) {
		if !open {
			t.Errorf("the rule asks %s before its first step", oracle)
		}
	})
	s := start(t, c.Rule, q, 1)
	open = true
	s(p.Start)
	return ""
}

// deterministic: equal streams give equal runs, also side by side. A rule that draws
// gives another run for another stream and refuses to start without one; a rule that
// does not draw takes nil.
func deterministic(t testing.TB, c Case, p *optimizee.Problem) string {
	want := follow(start(t, c.Rule, p, 1), p.Start, steps)
	both := make([][]optimizee.Point, 2)
	ss := []optim.Step{start(t, c.Rule, p, 1), start(t, c.Rule, p, 1)}
	var wg sync.WaitGroup
	for i := range both {
		wg.Go(func() { both[i] = follow(ss[i], p.Start, steps) })
	}
	wg.Wait()
	equal(t, "the run repeated", 0, both[0], want)
	equal(t, "the run repeated", 0, both[1], want)
	s, err := c.Rule(p, nil)
	if c.Random != "" {
		if err == nil || !strings.Contains(err.Error(), "*rand.Rand") {
			t.Errorf("the rule draws %s and without an rng says %v", c.Random, err)
		}
		other := follow(start(t, c.Rule, p, 2), p.Start, steps)
		if slices.Equal(numbers(other[steps]), numbers(want[steps])) {
			t.Error("another stream gives the same run")
		}
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the run without an rng", 0, follow(s, p.Start, steps), want)
	return ""
}

// untouched: no step changes the point that it is given, nor one that it returned.
func untouched(t testing.TB, c Case, p *optimizee.Problem) string {
	s, x := start(t, c.Rule, p, 1), elsewhere(p, 3)
	var kept []optimizee.Point
	var copies [][]float64
	for range steps {
		kept, copies = append(kept, x), append(copies, numbers(x))
		x = s(x)
	}
	for k := range kept {
		if !slices.Equal(numbers(kept[k]), copies[k]) {
			t.Errorf("point %d was changed", k)
		}
	}
	return ""
}

// fresh: two steps of one rule, taken in turn, do not know of each other.
func fresh(t testing.TB, c Case, p *optimizee.Problem) string {
	a, b := start(t, c.Rule, p, 1), start(t, c.Rule, p, 2)
	x, y := p.Start, elsewhere(p, 4)
	xs, ys := []optimizee.Point{x}, []optimizee.Point{y}
	for range steps {
		x, y = a(x), b(y)
		xs, ys = append(xs, x), append(ys, y)
	}
	equal(t, "taken in turn", 0, xs, follow(start(t, c.Rule, p, 1), p.Start, steps))
	equal(t, "taken in turn", 0, ys, follow(start(t, c.Rule, p, 2), ys[0], steps))
	return ""
}

// constant: a run from a constant point records nothing.
func constant(t testing.TB, c Case, p *optimizee.Problem) string {
	var tape ad.Tape
	tape.Watch(ad.Scalar(1))
	xs := follow(start(t, c.Rule, p, 1), p.Start, steps)
	if recorded(xs[steps]) || tape.Len() != 1 {
		t.Error("a run from a constant point is recorded")
	}
	return ""
}

// training: a run from a recorded point takes the same points (up to rounding where the
// case says so), and can be played
// back; after Reset it goes on.
func training(t testing.TB, c Case, p *optimizee.Problem) string {
	want := follow(start(t, c.Rule, p, 1), p.Start, steps)
	var tape ad.Tape
	s := start(t, c.Rule, p, 1)
	first := p.Start.Map(func(_ string, v ad.Value) ad.Value { return tape.Watch(v) })
	xs := follow(s, first, steps/2)
	if f := p.Value(xs[steps/2]); f.Recorded() {
		f.Backward()
		for _, b := range first.Blocks() {
			v := first.At(b)
			if g := ad.New(v.R, v.C, v.Grad()); !g.IsFinite() {
				t.Errorf("the derivative by the first point's %s is %v", b, g)
			}
		}
	}
	tape.Reset()
	xs = append(xs, follow(s, xs[steps/2], steps-steps/2)[1:]...)
	tol := 0.0
	if c.Rounds {
		tol = 1e-12
	}
	equal(t, "recorded", tol, xs, want)
	return ""
}

// derivative: the tape's derivative of F(xⁿ) by x⁰ is the one by finite differences.
func derivative(t testing.TB, c Case, p *optimizee.Problem) string {
	if c.Indirect != "" {
		return c.Indirect
	}
	names := p.Start.Blocks()
	f := func(xs ...ad.Value) ad.Value {
		x := p.Start
		for i, v := range xs {
			x = x.With(names[i], v)
		}
		return p.Value(follow(start(t, c.Rule, p, 1), x, 5)[5])
	}
	compared := 0
	for i := range uint64(20) {
		x, d := elsewhere(p, 100+i), elsewhere(p, 200+i).Sub(p.Start)
		values := func(x optimizee.Point) (out []ad.Value) {
			for _, b := range names {
				out = append(out, x.At(b))
			}
			return out
		}
		_, gs := adtest.Gradients(f, values(x)...)
		g := x
		for j, b := range names {
			g = g.With(b, ad.New(x.At(b).R, x.At(b).C, gs[j]))
		}
		phi := func(h float64) float64 { return f(values(x.Add(d.Scale(h)))...).Item() }
		num, noise := adtest.Difference(phi, 1)
		half, less := adtest.Difference(phi, 0.1)
		size := 1e-3 + math.Sqrt(g.Dot(g))
		if math.Abs(num-half) > 1e-6*size+noise+less {
			continue // a kink lies between
		}
		compared++
		if got := g.Dot(d); !(math.Abs(got-num) <= 1e-5*size+noise+less) {
			t.Errorf("along a direction the derivative of F after five steps is %.8g on the tape and %.8g by finite differences", got, num)
		}
	}
	if compared == 0 {
		t.Error("no point and direction without a kink were found")
	}
	return ""
}

// monotone: F never rises.
func monotone(t testing.TB, c Case, p *optimizee.Problem) string {
	if !c.Monotone {
		return "F may rise"
	}
	s, x := start(t, c.Rule, p, 1), elsewhere(p, 6)
	f := p.Value(x).Item()
	for k := range 10 * steps {
		x = s(x)
		next := p.Value(x).Item()
		if !(next <= f+1e-12*math.Abs(f)) {
			t.Errorf("step %d: F rises from %.12g to %.12g", k+1, f, next)
			break
		}
		f = next
	}
	return ""
}

// goesOn: a step knows its own point, also as a constant.
func goesOn(t testing.TB, c Case, p *optimizee.Problem) string {
	s, x := start(t, c.Rule, p, 1), p.Start
	xs := []optimizee.Point{x}
	for range steps {
		x = s(x.Detach())
		xs = append(xs, x)
	}
	equal(t, "detached in between", 0, xs, follow(start(t, c.Rule, p, 1), p.Start, steps))
	return ""
}

// foreign: given a point that it did not return, a step starts from there as a new one does.
func foreign(t testing.TB, c Case, p *optimizee.Problem) string {
	s, z := start(t, c.Rule, p, 1), elsewhere(p, 7)
	follow(s, p.Start, 5)
	after := follow(s, z, steps)
	if c.Keeps != "" {
		if _, again := start(t, c.Rule, p, 1), follow(s, elsewhere(p, 8), 3); !again[3].IsFinite() {
			t.Error("the rule does not survive a foreign point")
		}
		return "the rule keeps " + c.Keeps
	}
	other := start(t, c.Rule, p, 1)
	follow(other, elsewhere(p, 9), 3)
	equal(t, "from a foreign point, after different histories", 0, after, follow(other, z.Map(func(_ string, v ad.Value) ad.Value { return ad.New(v.R, v.C, slices.Clone(v.Data)) }), steps))
	equal(t, "from a foreign point", 0, after, follow(start(t, c.Rule, p, 1), z, steps))
	return ""
}

// on: On runs the rule on one of two blocks as on a problem of that block alone.
func on(t testing.TB, c Case, p *optimizee.Problem) string {
	if len(p.Start.Blocks()) > 1 {
		return several
	}
	whole := *p
	whole.Terms = nil
	if _, err := c.Rule(&whole, stream(1)); err != nil {
		return "the rule splits F into Terms, which only a problem of one block has"
	}
	q := beside(p)
	want := follow(start(t, c.Rule, p, 1), p.Start, steps)
	var got []optimizee.Point
	for _, x := range follow(start(t, optim.On("y", c.Rule), q, 1), q.Start, steps) {
		got = append(got, optimizee.X(x.At("y")))
		if !x.At("idle").Same(q.Start.At("idle")) {
			t.Error("the other block moved")
		}
	}
	equal(t, "on one of two blocks", 0, got, want)
	if _, err := optim.On("z", c.Rule)(q, stream(1)); err == nil || !strings.Contains(err.Error(), `"z"`) {
		t.Errorf("on a block that is not there the rule says %v", err)
	}
	return ""
}

// combinators: Repeat(1, r) and Alternate(r) are r; Repeat(2, r) is every second point.
func combinators(t testing.TB, c Case, p *optimizee.Problem) string {
	want := follow(start(t, c.Rule, p, 1), p.Start, steps)
	equal(t, "Repeat(1, r)", 0, follow(start(t, optim.Repeat(1, c.Rule), p, 1), p.Start, steps), want)
	equal(t, "Alternate(r)", 0, follow(start(t, optim.Alternate(c.Rule), p, 1), p.Start, steps), want)
	var second []optimizee.Point
	for k := 0; k <= steps; k += 2 {
		second = append(second, want[k])
	}
	equal(t, "Repeat(2, r)", 0, follow(start(t, optim.Repeat(2, c.Rule), p, 1), p.Start, steps/2), second)
	return ""
}

// memoryless: a rule without memory can be restarted at every step.
func memoryless(t testing.TB, c Case, p *optimizee.Problem) string {
	if !c.Memoryless {
		return "the rule remembers"
	}
	equal(t, "Restart(r)", 0, follow(start(t, optim.Restart(c.Rule), p, 1), p.Start, steps), follow(start(t, c.Rule, p, 1), p.Start, steps))
	return ""
}

// renaming: the coordinates in another order give the same points in that order, and
// the problem by another name the same points.
func renaming(t testing.TB, c Case, p *optimizee.Problem) string {
	want := follow(start(t, c.Rule, p, 1), p.Start, steps)
	named := *p
	named.Name = "Rumpelstilzchen"
	equal(t, "by another name", 0, follow(start(t, c.Rule, &named, 1), p.Start, steps), want)
	switch {
	case len(p.Start.Blocks()) > 1:
		return "in part: " + several
	case c.Random != "":
		return "in part: " + c.Random + " belong to the coordinates in their order"
	case c.Ordered != "":
		return "in part: " + c.Ordered
	}
	q, back := permuted(p)
	var got []optimizee.Point
	for _, x := range follow(start(t, c.Rule, q, 1), q.Start, steps) {
		got = append(got, optimizee.X(back(x.X())))
	}
	equal(t, "in another order", 1e-7, got, want)
	return ""
}
