package ad_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
)

func ExampleTape() {
	var tape ad.Tape
	x := tape.Watch(ad.Col(1, 2, 3))
	x.Square().Sum().Backward()
	fmt.Println(x.Grad())
	// Output: [2 4 6]
}

func ExampleTape_Reset() {
	var tape ad.Tape
	a := tape.Watch(ad.Scalar(3))
	h := a.Square()
	tape.Reset() // h is a constant from here on
	b := tape.Watch(ad.Scalar(2))
	h.Mul(b).Backward()
	fmt.Println(b.Grad(), h.Recorded())
	// Output: [9] false
}

// unaries are checked at N(0,1) entries, shifted where the domain asks for it.
var unaries = map[string]struct {
	f     func(ad.Value) ad.Value
	shift float64 // entries are |N(0,1)| + shift when it is positive
}{
	"Scale": {f: func(v ad.Value) ad.Value { return v.Scale(-2.5) }}, "Shift": {f: func(v ad.Value) ad.Value { return v.Shift(3) }},
	"Neg": {f: ad.Value.Neg}, "Abs": {ad.Value.Abs, .1}, "Square": {f: ad.Value.Square}, "Sqrt": {ad.Value.Sqrt, .2},
	"Exp": {f: ad.Value.Exp}, "Log": {ad.Value.Log, .3}, "Cos": {f: ad.Value.Cos}, "Sin": {f: ad.Value.Sin}, "Tanh": {f: ad.Value.Tanh},
	"Sigmoid": {f: ad.Value.Sigmoid}, "Softplus": {f: ad.Value.Softplus}, "ReLU": {ad.Value.ReLU, .1}, "ELU": {ad.Value.ELU, .1},
	"T": {f: ad.Value.T}, "SumRows": {f: ad.Value.SumRows}, "LogSumExp": {f: ad.Value.LogSumExp}, "Sum": {f: ad.Value.Sum},
	"SumSquares": {f: ad.Value.SumSquares}, "Norm1": {ad.Value.Norm1, .1},
	"Reshape": {f: func(v ad.Value) ad.Value { return v.Reshape(v.C, v.R) }},
	"Cols":    {f: func(v ad.Value) ad.Value { return v.Cols(v.C/2, v.C) }},
}

func TestUnaryGradients(t *testing.T) {
	for name, u := range unaries {
		t.Run(name, func(t *testing.T) {
			adtest.Shapes(8, 3, func(rng *rand.Rand, r, c int) {
				x := adtest.Random(rng, r, c)
				if u.shift > 0 {
					x = x.Abs().Shift(u.shift)
				}
				w := adtest.Random(rng, 1, u.f(x).Len())
				adtest.Check(t, 1e-8, func(xs ...ad.Value) ad.Value {
					y := u.f(xs[0])
					return y.Reshape(1, y.Len()).Mul(w).Sum()
				}, x)
			})
		})
	}
}

func TestBinaryGradients(t *testing.T) {
	for name, f := range map[string]func(a, b ad.Value) ad.Value{
		"Add": ad.Value.Add, "Sub": ad.Value.Sub, "Mul": ad.Value.Mul, "Div": ad.Value.Div,
		"AddMul": func(a, b ad.Value) ad.Value { return a.AddMul(b, a) }, "SubMul": func(a, b ad.Value) ad.Value { return b.SubMul(a, b) },
	} {
		t.Run(name, func(t *testing.T) {
			adtest.Shapes(8, 4, func(rng *rand.Rand, r, c int) {
				for _, shapes := range [][4]int{{r, c, r, c}, {r, c, 1, 1}, {1, 1, r, c}, {r, c, 1, c}, {r, 1, r, c}, {r, 1, 1, c}} {
					a := adtest.Random(rng, shapes[0], shapes[1])
					b := adtest.Random(rng, shapes[2], shapes[3]).Abs().Shift(.5)
					w := adtest.Random(rng, r, c)
					adtest.Check(t, 1e-8, func(xs ...ad.Value) ad.Value { return f(xs[0], xs[1]).Mul(w).Sum() }, a, b)
				}
			})
		})
	}
}

func TestProducts(t *testing.T) {
	adtest.Shapes(12, 5, func(rng *rand.Rand, r, c int) {
		k := 1 + rng.IntN(5)
		a, b, w := adtest.Random(rng, r, k), adtest.Random(rng, k, c), adtest.Random(rng, r, c)
		plain := func(xs ...ad.Value) ad.Value { return xs[0].MatMul(xs[1]).Mul(w).Sum() }
		adtest.Check(t, 1e-8, plain, a, b)
		adtest.Equal(t, 1e-13, func(xs ...ad.Value) ad.Value { return xs[0].T().TMatMul(xs[1]).Mul(w).Sum() }, plain, a, b)
		adtest.Equal(t, 1e-13, func(xs ...ad.Value) ad.Value { return xs[0].MatMulT(xs[1].T()).Mul(w).Sum() }, plain, a, b)
		adtest.Check(t, 1e-8, func(xs ...ad.Value) ad.Value { return xs[0].T().TMatMul(xs[1]).Dot(w) }, a, b)
		adtest.Check(t, 1e-8, func(xs ...ad.Value) ad.Value { return xs[0].Beside(xs[1].T().Cols(0, 0)).SumSquares() }, a, adtest.Random(rng, 1, r))
	})
}

func TestBesideUndoesCols(t *testing.T) {
	adtest.Shapes(8, 6, func(rng *rand.Rand, r, c int) {
		x := adtest.Random(rng, r, c)
		cut := rng.IntN(c + 1)
		adtest.Equal(t, 0, func(xs ...ad.Value) ad.Value { return xs[0].Cols(0, cut).Beside(xs[0].Cols(cut, c)).Square().Sum() },
			func(xs ...ad.Value) ad.Value { return xs[0].Square().Sum() }, x)
	})
}

// A value that is used twice collects both gradients.
func TestFanOut(t *testing.T) {
	x := adtest.Random(rand.New(rand.NewPCG(7, 7)), 3, 3)
	adtest.Check(t, 1e-8, func(xs ...ad.Value) ad.Value { v := xs[0]; return v.MatMul(v).Add(v.Mul(v)).Sub(v).Sum() }, x)
}

func TestConstantsAreNotRecorded(t *testing.T) {
	var tape ad.Tape
	x := tape.Watch(ad.Scalar(1))
	n := tape.Len()
	ad.Scalar(1).Mul(ad.Scalar(2)).Tanh()
	if tape.Len() != n || x.Detach().Add(x.Sign()).Recorded() {
		t.Fatal("something constant was recorded")
	}
}

// After the first pass an unroll finds all gradients and scratch in the tape.
func TestGradientsAreRecycled(t *testing.T) {
	var tape ad.Tape
	x := ad.New(64, 64, nil)
	run := func() {
		tape.Reset()
		v := tape.Watch(x)
		v.Reshape(4096, 1).Reshape(64, 64).Sum().Backward()
	}
	run()
	if bytes := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			run()
		}
	}).AllocedBytesPerOp(); bytes > 64*64*8 {
		t.Fatalf("%d bytes allocated in a pass whose gradients should be recycled", bytes)
	}
}

// The caller's place for a gradient holds it after Reset, also where none arrives, and whether
// it came in float32, in float64 or in both.
func TestWatchInto(t *testing.T) {
	var tape ad.Tape
	grads := []*ad.Gradient{ad.NewGradient(4), ad.NewGradient(4), ad.NewGradient(4), ad.NewGradient(4), ad.NewGradient(4)}
	for range 2 {
		var v []ad.Value
		for _, g := range grads {
			v = append(v, tape.WatchInto(ad.Eye(2), g))
		}
		x := ad.Col(1, 2)
		one, two, mixed := ad.Round32(v[1]), ad.Round32(v[2]), ad.Round32(v[3])
		loss := v[0].Mul(v[0]).Add(v[0]).Sum()
		for _, y := range []ad.Value{one.MatMul(x), two.MatMul(x).Add(two.MatMul(ad.Col(1, 0))), mixed.TMatMul(x).Add(v[3].MatMul(x))} {
			loss = loss.Add(y.Sum())
		}
		loss.Backward()
		want := [][]float64{{3, 1, 1, 3}, {1, 2, 1, 2}, {2, 2, 2, 2}, {2, 3, 3, 4}, {0, 0, 0, 0}}
		asked := v[1].Grad() // in float64 from now on
		tape.Reset()
		if !slices.Equal(asked, want[1]) {
			t.Errorf("gradient %v, want %v", asked, want[1])
		}
		for i, g := range grads {
			got, sum := []float64{7, 7, 7}, []float64{1, 1, 1}
			g.CopyTo(got, 1)
			g.AddTo(sum, 1)
			for j, w := range want[i][1:] {
				if got[j] != w || sum[j] != 1+w {
					t.Errorf("leaf %d: gradient %v and added to ones %v, want %v", i, got, sum, want[i][1:])
				}
			}
		}
	}
}

func TestScratchIsZeroed(t *testing.T) {
	var tape ad.Tape
	for range 2 {
		a, b := tape.Scratch(3), tape.Scratch32(3)
		if slices.Max(a) != 0 || slices.Max(b) != 0 {
			t.Fatal("scratch holds old numbers")
		}
		a[1], b[2] = 5, 5
		tape.Reset()
	}
}

func TestMisuse(t *testing.T) {
	var tape, other ad.Tape
	x, y := tape.Watch(ad.New(2, 3, nil)), other.Watch(ad.New(2, 3, nil))
	for want, f := range map[string]func(){
		"ad: MatMul: 2×3 by 2×3":            func() { x.MatMul(x) },
		"ad: TMatMul: 2×3 by 3×2":           func() { x.TMatMul(x.T()) },
		"ad: MatMulT: 2×3 by 3×2":           func() { x.MatMulT(x.T()) },
		"ad: Add: 2×3 by 3×2":               func() { x.Add(x.T()) },
		"ad: Mul: 2×3 by 1×2":               func() { x.Mul(ad.Row(1, 2)) },
		"ad: Beside: 2×3 by 3×2":            func() { x.Beside(x.T()) },
		"ad: Dot: 2×3 by 3×2":               func() { x.Dot(x.T()) },
		"ad: Reshape: 2×3 into 4×2":         func() { x.Reshape(4, 2) },
		"columns 2 to 4 of a 2×3":           func() { x.Cols(2, 4) },
		"entry (2, 0) of a 2×3":             func() { x.At(2, 0) },
		"needs a 1×1 value, this one is 2×": func() { x.Item() },
		"recorded on two tapes":             func() { x.Add(y) },
		"not computed from a watched":       func() { ad.Scalar(1).Backward() },
		"5 numbers for a 2×3":               func() { ad.New(2, 3, make([]float64, 5)) },
		"Backward: needs a 1×1":             func() { x.Backward() },
		"already ran": func() {
			var t ad.Tape
			s := t.Watch(ad.Scalar(1)).Square()
			s.Backward()
			s.Backward()
		},
		"already played back": func() {
			var t ad.Tape
			s := t.Watch(ad.Scalar(1)).Square()
			s.Backward()
			s.Square()
		},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want %q in it", got, want)
				}
			}()
			f()
		}()
	}
}

func TestExtremes(t *testing.T) {
	inf := math.Inf(1)
	if v := ad.Row(800, inf, -800, -inf).Sigmoid(); v.Data[0] != 1 || v.Data[1] != 1 || !(v.Data[2] >= 0 && v.Data[2] < 1e-300) || !(v.Data[3] >= 0 && v.Data[3] < 1e-300) {
		t.Error("sigmoid", v)
	}
	if v := ad.Row(-800, 800).Softplus(); !slices.Equal(v.Data, []float64{0, 800}) {
		t.Error("softplus", v)
	}
	if v := ad.New(3, 2, []float64{-inf, -inf, 1000, 1000, inf, 0}).LogSumExp(); v.Data[0] != -inf || math.Abs(v.Data[1]-1000-math.Ln2) > 1e-12 || v.Data[2] != inf {
		t.Error("log-sum-exp", v)
	}
	if !math.IsNaN(ad.Scalar(math.NaN()).Sign().Item()) || ad.Scalar(0).Abs().Sign().Item() != 0 {
		t.Error("sign of NaN or 0")
	}
	empty := ad.New(0, 3, nil)
	if s := empty.Add(ad.Row(1, 2, 3)).Sum().Item(); s != 0 {
		t.Error("sum over nothing", s)
	}
}

func BenchmarkUnroll(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	a, x := adtest.Random(rng, 20, 40), adtest.Random(rng, 40, 1)
	var tape ad.Tape
	b.ReportAllocs()
	for b.Loop() {
		tape.Reset()
		v := tape.Watch(x)
		y := v
		for range 20 {
			y = y.Sub(a.TMatMul(a.MatMul(y)).Scale(.01))
		}
		y.SumSquares().Backward()
	}
}

func TestLists(t *testing.T) {
	v := ad.New(2, 3, []float64{1, 2, 3, 4, 5, 6})
	rows := v.Lists()
	if w := ad.FromLists(rows); w.R != 2 || w.C != 3 || !slices.Equal(w.Data, v.Data) {
		t.Errorf("%v came back as %v", v, w)
	}
	if rows[1][0] = 9; v.At(1, 0) != 4 {
		t.Error("Lists shares its numbers with the value")
	}
	if w := ad.FromLists(nil); w.IsZero() || w.Len() != 0 {
		t.Errorf("no rows make %v", w)
	}
	defer func() {
		if recover() == nil {
			t.Error("rows of different lengths make a matrix")
		}
	}()
	ad.FromLists([][]float64{{1}, {2, 3}})
}
