package nn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/nn"
)

func ExampleParams_Sub() {
	th := nn.NewParams()
	nn.Linear{In: 2, Out: 1}.Init(th.Sub("head"), rand.New(rand.NewPCG(1, 0)))
	fmt.Println(th.Names(), th.Count())
	// Output: [head.weight head.bias] 3
}

// unroll is a loss over several steps of an LSTM and a head, as a function of the
// inputs and of all parameters.
func unroll(l nn.LSTM, head nn.Linear, names []string, s nn.State, steps int, probe ad.Value) adtest.Func {
	return func(xs ...ad.Value) ad.Value {
		th := nn.NewParams()
		for i, n := range names {
			th.Set(n, xs[1+i])
		}
		loss, state := ad.Scalar(0), s.Clone()
		for range steps {
			h := l.Step(th.Sub("lstm"), xs[0], &state)
			loss = loss.Add(head.Apply(th.Sub("head"), h).Mul(probe).Sum())
		}
		return loss
	}
}

func TestFusedEqualsComposed(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for _, shape := range [][4]int{{1, 1, 1, 1}, {7, 2, 5, 2}, {10, 3, 8, 3}, {33, 2, 20, 2}, {4, 6, 4, 1}} {
		rows, in, hidden, layers := shape[0], shape[1], shape[2], shape[3]
		fused, composed := nn.LSTM{In: in, Hidden: hidden, Layers: layers}, nn.LSTM{In: in, Hidden: hidden, Layers: layers, Composed: true}
		head, headC := nn.Linear{In: hidden, Out: 3}, nn.Linear{In: hidden, Out: 3, Composed: true}
		th := nn.NewParams()
		fused.Init(th.Sub("lstm"), rng)
		head.Init(th.Sub("head"), rng)
		s := fused.NormalState(rows, 1, rng)
		xs := []ad.Value{adtest.Random(rng, rows, in)}
		for _, n := range th.Names() {
			xs = append(xs, th.At(n))
		}
		probe := adtest.Random(rng, rows, 3)
		adtest.Equal(t, 5e-6, unroll(fused, head, th.Names(), s, 5, probe), unroll(composed, headC, th.Names(), s, 5, probe), xs...)
		if rows <= 7 {
			adtest.Check(t, 1e-7, unroll(composed, headC, th.Names(), s, 3, probe), xs...)
		}
	}
}

// The network as one operation is its parts one after the other, for narrow and wide
// layers, over several tiles of rows, with and without a tape.
func TestRecurrentEqualsComposed(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for _, c := range []struct {
		rows, in, hidden, layers int
		head                     []int
	}{
		{1, 1, 1, 1, []int{1}}, {150, 2, 20, 2, []int{20, 2}}, {65, 3, 5, 1, []int{9, 4, 3}}, {10, 2, 70, 2, []int{8}}, {7, 2, 6, 3, nil},
	} {
		net := nn.Recurrent{LSTM: nn.LSTM{In: c.in, Hidden: c.hidden, Layers: c.layers}}
		if c.head != nil {
			net.Head = nn.MLP{Sizes: append([]int{c.hidden}, c.head...)}
		}
		th := nn.NewParams()
		net.Init(th, rng)
		start := net.LSTM.NormalState(c.rows, 1, rng)
		xs := []ad.Value{adtest.Random(rng, c.rows, c.in)}
		for _, n := range th.Names() {
			xs = append(xs, th.At(n))
		}
		f := func(composed bool) adtest.Func {
			net := net
			net.LSTM.Composed = composed
			return func(xs ...ad.Value) ad.Value {
				live := nn.NewParams()
				for i, n := range th.Names() {
					live.Set(n, xs[1+i])
				}
				s, loss := start.Clone(), ad.Scalar(0)
				for k := range 4 {
					loss = loss.Add(net.Step(live, xs[0], &s).Tanh().SumSquares().Scale(float64(k + 1)))
				}
				return loss
			}
		}
		adtest.Equal(t, 1e-5, f(false), f(true), xs...)
	}
}

// Weights that change within a generation get each their own gradients.
func TestWeightsChangeInAChain(t *testing.T) {
	f := func(composed bool) adtest.Func {
		net := nn.Recurrent{LSTM: nn.LSTM{In: 1, Hidden: 3, Layers: 2, Composed: composed}, Head: nn.MLP{Sizes: []int{3, 2}}}
		a, b := nn.NewParams(), nn.NewParams()
		net.Init(a, rand.New(rand.NewPCG(1, 1)))
		net.Init(b, rand.New(rand.NewPCG(1, 2)))
		start := net.LSTM.Zero(4)
		return func(xs ...ad.Value) ad.Value {
			th, s, loss := a.Clone(), start.Clone(), ad.Scalar(0)
			th.Set("lstm.weight_hh_l0", xs[1])
			th.Set("0.bias", xs[2])
			for _, th := range []nn.Params{th, th, b, th} {
				loss = loss.Add(net.Step(th, xs[0], &s).SumSquares())
			}
			return loss
		}
	}
	rng := rand.New(rand.NewPCG(4, 1))
	adtest.Equal(t, 5e-6, f(false), f(true), adtest.Random(rng, 4, 1), adtest.Random(rng, 12, 3), adtest.Random(rng, 1, 2))
}

// The same numbers watched twice are two leaves.
func TestWatchedTwice(t *testing.T) {
	for _, composed := range []bool{false, true} {
		l, th := nn.LSTM{In: 1, Hidden: 3, Layers: 1, Composed: composed}, nn.NewParams()
		l.Init(th, rand.New(rand.NewPCG(1, 1)))
		var tape ad.Tape
		s, a, b := l.Zero(2), th.Watch(&tape), th.Watch(&tape)
		l.Step(a, ad.Col(1, 2), &s)
		l.Step(b, ad.Col(1, 2), &s).Sum().Backward()
		for _, live := range []nn.Params{a, b} {
			if g := live.At("weight_ih_l0").Grad(); !slices.ContainsFunc(g, func(x float64) bool { return x != 0 }) {
				t.Error("no gradient, composed:", composed, g)
			}
		}
	}
}

// Parts that do not fit are named with their sizes, in both forms.
func TestRecurrentRefuses(t *testing.T) {
	good := nn.Recurrent{LSTM: nn.LSTM{In: 1, Hidden: 8, Layers: 1}, Head: nn.MLP{Sizes: []int{8, 1}}}
	th := nn.NewParams()
	good.Init(th, rand.New(rand.NewPCG(1, 1)))
	large := good
	large.LSTM.Hidden, large.Head = 16, nn.MLP{Sizes: []int{16, 1}}
	for want, change := range map[string]func(n *nn.Recurrent){
		"a head of sizes [4 1]":      func(n *nn.Recurrent) { n.Head.Sizes = []int{4, 1} },
		`names ["a" "b"]`:            func(n *nn.Recurrent) { n.Head.Names = []string{"a", "b"} },
		"0 layers of 8 hidden units": func(n *nn.Recurrent) { n.LSTM.Layers = 0 },
	} {
		for _, composed := range []bool{false, true} {
			n := good
			change(&n)
			n.LSTM.Composed = composed
			panics(t, want, func() {
				s := nn.LSTM{In: 1, Hidden: 8, Layers: 1}.Zero(40)
				n.Step(th, ad.New(40, 1, nil), &s)
			})
		}
	}
	panics(t, `parameter "lstm.weight_ih_l0" is 32×1, this network needs 64×1`, func() {
		s := large.LSTM.Zero(40)
		large.Step(th, ad.New(40, 1, nil), &s)
	})
}

func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panics with %q, want %q", got, want)
		}
	}()
	f()
}

// Only one copy of a state moves on; a clone is a state of its own.
func TestCopiedState(t *testing.T) {
	l, th := nn.LSTM{In: 1, Hidden: 3, Layers: 2}, nn.NewParams()
	l.Init(th, rand.New(rand.NewPCG(1, 1)))
	s := l.Zero(2)
	l.Step(th, ad.Col(1, 2), &s)
	branch := s.Clone()
	want := l.Step(th, ad.Col(1, 2), &s)
	if got := l.Step(th, ad.Col(1, 2), &branch); !slices.Equal(got.Data, want.Data) {
		t.Error(got, want)
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "use Clone") {
			t.Error(got)
		}
	}()
	other := s
	l.Step(th, ad.Col(1, 2), &other)
}

// A state is a constant in the next generation, and carries the numbers on.
func TestStateCrossesReset(t *testing.T) {
	for _, composed := range []bool{false, true} {
		l := nn.LSTM{In: 1, Hidden: 3, Layers: 2, Composed: composed}
		th := nn.NewParams()
		l.Init(th, rand.New(rand.NewPCG(1, 1)))
		var tape ad.Tape
		s, plain := l.Zero(2), l.Zero(2)
		l.Step(th.Watch(&tape), ad.Col(1, 2), &s)
		l.Step(th, ad.Col(1, 2), &plain)
		tape.Reset()
		h := l.Step(th.Watch(&tape), ad.Col(1, 2), &s)
		want := l.Step(th, ad.Col(1, 2), &plain)
		h.Sum().Backward()
		if !slices.Equal(h.Data, want.Data) {
			t.Error("the state changed over the reset, composed:", composed)
		}
	}
}

func TestMLP(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	f := func(composed bool) adtest.Func {
		m := nn.MLP{Sizes: []int{3, 6, 2}, Composed: composed}
		th := nn.NewParams()
		m.Init(th, rand.New(rand.NewPCG(1, 1)))
		return func(xs ...ad.Value) ad.Value { return m.Apply(th, xs[0]).SumSquares() }
	}
	adtest.Equal(t, 5e-6, f(false), f(true), adtest.Random(rng, 5, 3))
}

func TestParamsAreOneStore(t *testing.T) {
	th := nn.NewParams()
	th.Sub("a").Sub("b").Set("w", ad.Scalar(1))
	th.Set("a.c", ad.Scalar(2))
	if got := th.Sub("a").Names(); !slices.Equal(got, []string{"b.w", "c"}) {
		t.Error(got)
	}
	c := th.Clone()
	c.Set("a.c", ad.Scalar(3))
	if th.At("a.c").Item() != 2 || c.Sub("a").At("b.w").Item() != 1 {
		t.Error("a clone is not independent")
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, `no parameter "a.x" among ["a.b.w" "a.c"]`) {
			t.Error(got)
		}
	}()
	th.Sub("a").At("x")
}

func BenchmarkLSTM(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, composed := range []bool{false, true} {
		for _, rows := range []int{40, 500} {
			b.Run(fmt.Sprintf("composed=%t/rows=%d", composed, rows), func(b *testing.B) {
				l := nn.LSTM{In: 2, Hidden: 20, Layers: 2, Composed: composed}
				th := nn.NewParams()
				l.Init(th, rng)
				x := adtest.Random(rng, rows, 2)
				var tape ad.Tape
				b.ReportAllocs()
				for b.Loop() {
					tape.Reset()
					w := th.Watch(&tape)
					s, loss := l.Zero(rows), ad.Scalar(0)
					for range 20 {
						loss = loss.Add(l.Step(w, x, &s).Sum())
					}
					loss.Backward()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20/float64(rows), "ns/row-step")
			})
		}
	}
}

// TestZeroParams asks the zero Params all that a function of parameters may ask.
func TestZeroParams(t *testing.T) {
	var p nn.Params
	if !p.IsZero() || nn.NewParams().IsZero() || p.Sub("a").Has("b") || p.Names() != nil || p.Count() != 0 || len(p.Clone().Names()) != 0 {
		t.Error("the zero Params hold something")
	}
	data, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	q := nn.NewParams()
	if err := q.UnmarshalBinary(data); err != nil || !q.IsZero() {
		t.Errorf("they came back as %+v (%v)", q, err)
	}
	if err := nn.Match(p, nn.NewParams()); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]func(){"At": func() { p.At("b") }, "Set": func() { p.Set("b", ad.Scalar(1)) }} {
		func() {
			defer func() {
				if r := recover(); !strings.Contains(fmt.Sprint(r), `"b"`) {
					t.Errorf("%s panics with %v, which does not name the parameter", name, r)
				}
			}()
			f()
		}()
	}
}

// TestFlat: With is the way back from Flat, also of a part, and shares nothing.
func TestFlat(t *testing.T) {
	th := nn.NewParams()
	th.Sub("a").Set("w", ad.New(2, 2, []float64{1, 2, 3, 4}))
	th.Set("b", ad.Scalar(5))
	row := th.Flat()
	if !slices.Equal(row, []float64{1, 2, 3, 4, 5}) || !slices.Equal(th.Sub("a").Flat(), row[:4]) {
		t.Fatalf("flat %v", row)
	}
	row[3] = -4
	back := th.With(row)
	if w := back.At("a.w"); w.R != 2 || w.At(1, 1) != -4 || th.At("a.w").At(1, 1) != 4 || !slices.Equal(back.Names(), th.Names()) {
		t.Errorf("back as %v %v", back.Names(), w)
	}
	defer func() {
		if recover() == nil {
			t.Error("four numbers for five parameters")
		}
	}()
	th.With(row[:4])
}
