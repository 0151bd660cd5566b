package problemtest

import (
	"slices"
	"sync"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// An answer is what an oracle said.
type answer struct {
	oracle string
	data   []float64
}

// ask puts every question about a block that p can answer.
func ask(p *optimizee.Problem, x optimizee.Point, block string) []answer {
	as := []answer{{"Value", p.Value(x).Data}}
	say := func(oracle string, vs ...ad.Value) {
		for _, v := range vs {
			as = append(as, answer{oracle, v.Data})
		}
	}
	if p.Smooth != nil {
		say("Smooth", p.Smooth(x))
	}
	if p.Grad != nil {
		say("Grad", p.Grad(block, x))
	}
	if p.ValueGrad != nil {
		f, g := p.ValueGrad(block, x)
		say("ValueGrad", f, g)
	}
	if p.Subgrad != nil {
		say("Subgrad", p.Subgrad(block, x))
	}
	if p.Prox != nil {
		say("Prox", p.Prox(block, x.At(block), ad.Scalar(0.1)))
	}
	if p.OneStep {
		as = append(as, answer{"OneStep", nil})
	}
	for _, term := range p.Terms {
		z := x.At(block)
		say("Terms", term.At(z))
		if !term.K.IsZero() {
			z = term.K.Apply(z)
		}
		if term.Prox != nil {
			say("Terms", term.Prox(z, ad.Scalar(0.1)))
		}
	}
	if p.Residual != nil {
		say("Residual", p.Residual(x))
	}
	if p.Lipschitz != nil {
		say("Lipschitz", ad.Scalar(p.Lipschitz(block, x)))
	}
	if p.Solve != nil {
		say("Solve", p.Solve(block, x))
	}
	if p.SolveAll != nil {
		say("SolveAll", p.SolveAll(x).At(block))
	}
	if p.Bound != nil {
		say("Bound", ad.Scalar(p.Bound(x)))
	}
	return as
}

// same compares answers to the last bit.
func same(t testing.TB, what string, got, want []answer) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d answers, before %d", what, len(got), len(want))
	}
	for i, w := range want {
		if got[i].oracle != w.oracle || distance(got[i].data, w.data) != 0 {
			t.Errorf("%s: %s differs from %s by %.2g", what, got[i].oracle, w.oracle, distance(got[i].data, w.data))
		}
	}
}

// pure: an oracle changes neither the point nor its own answers, also when it is asked
// twice at the same time.
func pure(t testing.TB, s *suite) string {
	var first []answer
	var kept [][]float64
	each(s.points, func(x optimizee.Point, b string) {
		copied := slices.Clone(x.At(b).Data)
		for _, a := range ask(s.p, x, b) {
			first = append(first, answer{a.oracle, slices.Clone(a.data)})
			kept = append(kept, a.data)
		}
		if distance(x.At(b).Data, copied) != 0 {
			t.Errorf("block %s: an oracle changed the point that it was asked about", b)
		}
	})
	again := make([][]answer, 2)
	var wg sync.WaitGroup
	for i := range again {
		wg.Go(func() {
			each(s.points, func(x optimizee.Point, b string) { again[i] = append(again[i], ask(s.p, x, b)...) })
		})
	}
	wg.Wait()
	same(t, "asked again", again[0], first)
	same(t, "asked by two at once", again[1], first)
	for i, a := range first {
		if distance(kept[i], a.data) != 0 {
			t.Errorf("a later question changed what %s had answered", a.oracle)
		}
	}
	return ""
}

// on: the view of one block answers what the problem does, and a block that is not
// there is refused by name.
func on(t testing.TB, s *suite) string {
	each(s.points, func(x optimizee.Point, b string) {
		at := x.With(b, x.At(b).Shift(1)) // what *at holds of the block itself does not matter
		view := s.p.On(b, &at)
		want := slices.DeleteFunc(ask(s.p, x, b), func(a answer) bool { return a.oracle == "Bound" || a.oracle == "SolveAll" }) // of all blocks
		same(t, "block "+b, ask(view, optimizee.X(x.At(b)), "x"), want)
		if err := view.NeedOne("a rule"); err != nil {
			t.Error(err)
		}
	})
	at := s.p.Start
	if err := s.p.On("no such block", &at).Check(); err == nil {
		t.Error("a view of a block that is not there passes Check")
	}
	return ""
}

// count: the counted problem answers the same, and counts.
func count(t testing.TB, s *suite) string {
	q, calls := optimizee.Count(s.p)
	asked := 0
	each(s.points, func(x optimizee.Point, b string) {
		same(t, "block "+b, ask(q, x, b), ask(s.p, x, b))
		asked++
	})
	want := optimizee.Calls{}
	blocks := make([]*int, len(s.p.Start.Blocks())) // SolveAll counts as a Solve of each
	for i := range blocks {
		blocks[i] = &want.Solve
	}
	var terms []*int
	for _, term := range s.p.Terms {
		if term.Prox != nil {
			terms = append(terms, &want.Prox)
		}
	}
	for _, c := range []struct {
		have bool
		of   []*int
	}{
		{true, []*int{&want.Value}},
		{s.p.Smooth != nil, []*int{&want.Value}},
		{s.p.Grad != nil, []*int{&want.Grad}},
		{s.p.Subgrad != nil, []*int{&want.Grad}},
		{s.p.ValueGrad != nil, []*int{&want.Value, &want.Grad}},
		{s.p.Prox != nil, []*int{&want.Prox}},
		{true, terms},
		{s.p.Solve != nil, []*int{&want.Solve}},
		{s.p.SolveAll != nil, blocks},
	} {
		for _, n := range c.of {
			if c.have {
				*n += asked
			}
		}
	}
	if *calls != want {
		t.Errorf("counted %+v of %+v", *calls, want)
	}
	return ""
}
