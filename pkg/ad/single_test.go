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

// The products of a Single, and their twins in float64. t says that S is transposed.
var singles = []struct {
	name      string
	t         bool
	f, double func(s, x, c ad.Value) ad.Value
}{
	{
		"MatMul", false,
		func(s, x, _ ad.Value) ad.Value { return ad.Round32(s).MatMul(x) },
		func(s, x, _ ad.Value) ad.Value { return s.MatMul(x) },
	},
	{
		"TMatMul", true,
		func(s, x, _ ad.Value) ad.Value { return ad.Round32(s).TMatMul(x) },
		func(s, x, _ ad.Value) ad.Value { return s.TMatMul(x) },
	},
	{
		"MatMulAdd", false,
		func(s, x, c ad.Value) ad.Value { return ad.Round32(s).MatMulAdd(x, c) },
		func(s, x, c ad.Value) ad.Value { return c.Add(s.MatMul(x)) },
	},
	{
		"TMatMulAdd", true,
		func(s, x, c ad.Value) ad.Value { return ad.Round32(s).TMatMulAdd(x, c) },
		func(s, x, c ad.Value) ad.Value { return c.Add(s.TMatMul(x)) },
	},
}

// operands draws S, x and c for an r×n result from k terms.
func operands(rng *rand.Rand, t bool, r, k, n int) []ad.Value {
	s := adtest.Random(rng, r, k)
	if t {
		s = adtest.Random(rng, k, r)
	}
	return []ad.Value{s, adtest.Random(rng, k, n), adtest.Random(rng, r, n)}
}

// On small whole numbers float32 is exact: values, gradients in S, x and c, and the
// difference quotients of a function that is linear in each entry agree to the bit.
func TestSingleExact(t *testing.T) {
	for _, p := range singles {
		t.Run(p.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 5))
			for _, q := range [][3]int{{1, 1, 1}, {3, 5, 2}, {4, 2, 9}, {17, 13, 11}, {30, 20, 40}, {2, 0, 3}} {
				xs := operands(rng, p.t, q[0], q[1], q[2])
				w := adtest.Random(rng, q[0], q[2])
				for _, v := range append(slices.Clone(xs), w) {
					for i, x := range v.Data {
						v.Data[i] = math.Round(4 * x)
					}
				}
				weighed := func(f func(s, x, c ad.Value) ad.Value) adtest.Func {
					return func(xs ...ad.Value) ad.Value { return f(xs[0], xs[1], xs[2]).Mul(w).Sum() }
				}
				f, got := adtest.Gradients(weighed(p.f), xs...)
				g, want := adtest.Gradients(weighed(p.double), xs...)
				if f != g {
					t.Errorf("%v: %g, in float64 %g", q, f, g)
				}
				for i := range want {
					if !slices.Equal(got[i], want[i]) {
						t.Errorf("%v: gradient %d is %v, in float64 %v", q, i, got[i], want[i])
					}
				}
				for i, x := range xs {
					for j := range min(x.Len(), 20) {
						at := func(h float64) float64 {
							ys := slices.Clone(xs)
							ys[i] = ad.New(x.R, x.C, slices.Clone(x.Data))
							ys[i].Data[j] += h
							return weighed(p.f)(ys...).Item()
						}
						if quotient := (at(1) - at(-1)) / 2; quotient != got[i][j] {
							t.Errorf("%v: argument %d entry %d: gradient %g, difference quotient %g", q, i, j, got[i][j], quotient)
						}
					}
				}
			}
		})
	}
}

// Values and gradients keep the bound on the rounding that the documentation states,
// and the summand is not rounded at all.
func TestSingleRounding(t *testing.T) {
	const unit = 6e-8
	rng := rand.New(rand.NewPCG(2, 5))
	for _, p := range singles {
		for _, q := range [][3]int{{250, 500, 64}, {33, 70, 1}, {128, 9, 300}} {
			r, k, n := q[0], q[1], q[2]
			xs := operands(rng, p.t, r, k, n)
			compute := func(f func(s, x, c ad.Value) ad.Value, g ad.Value, xs ...ad.Value) [][]float64 {
				var tape ad.Tape
				s, x, c := tape.Watch(xs[0]), tape.Watch(xs[1]), tape.Watch(xs[2])
				y := f(s, x, c)
				y.Mul(g).Sum().Backward()
				return [][]float64{y.Data, s.Grad(), x.Grad()}
			}
			g := adtest.Random(rng, r, n)
			got, want := compute(p.f, g, xs...), compute(p.double, g, xs...)
			size := compute(p.double, g.Abs(), xs[0].Abs(), xs[1].Abs(), ad.New(r, n, nil))
			for i, terms := range []int{k, n, r} {
				for j, x := range got[i] {
					if bound := float64(terms+2)*unit*size[i][j] + 1e-12; math.Abs(x-want[i][j]) > bound {
						t.Errorf("%s %v: result %d entry %d is %g, in float64 %g: more than %g apart", p.name, q, i, j, x, want[i][j], bound)
						break
					}
				}
			}
		}
	}
	tiny := ad.Round32(ad.Full(2, 3, 0)).MatMulAdd(ad.Full(3, 4, 1), ad.Full(2, 4, 1+1e-15))
	if tiny.Data[7] != 1+1e-15 {
		t.Errorf("the summand 1 + 1e-15 became %v", tiny.Data[7])
	}
}

// Two tapes share one rounding, and each gets its own gradient.
func TestSingleFor(t *testing.T) {
	v := ad.New(2, 2, []float64{1, 2, 3, 4})
	s := ad.Round32(v)
	for _, x := range []ad.Value{ad.Col(1, 10), ad.Col(-1, 5)} {
		var tape ad.Tape
		w := tape.Watch(v)
		s.For(w).MatMul(x).Sum().Backward()
		if want := []float64{x.Data[0], x.Data[1], x.Data[0], x.Data[1]}; !slices.Equal(w.Grad(), want) {
			t.Errorf("gradient %v, want %v", w.Grad(), want)
		}
	}
	if y := s.MatMul(ad.Col(1, 1)); y.Recorded() {
		t.Error("a product of constants is recorded")
	}
}

// Numbers that their owner changed in place are rounded again.
func TestSingleAgain(t *testing.T) {
	v := ad.Row(1, 2, 3)
	s := ad.Round32(v)
	if !s.Of(v) || s.Of(ad.Row(1, 2, 3)) {
		t.Error("it knows the value that was rounded from another one of the same numbers")
	}
	copy(v.Data, []float64{10, 20, 30})
	s.Again(1, 2)
	if got := s.MatMul(ad.Col(1, 1, 1)).Item(); got != 1+20+3 {
		t.Errorf("the sum of 1, 20 and 3 is %g", got)
	}
}

func TestSinglePanics(t *testing.T) {
	s := ad.Round32(ad.New(2, 3, nil))
	for name, f := range map[string]func(){
		"MatMul: 2×3 by 2×5":                          func() { s.MatMul(ad.New(2, 5, nil)) },
		"TMatMul: 2×3 by 3×5":                         func() { s.TMatMul(ad.New(3, 5, nil)) },
		"MatMulAdd: 2×3 by 4×5":                       func() { s.MatMulAdd(ad.New(4, 5, nil), ad.New(2, 5, nil)) },
		"TMatMulAdd: a summand 2×5 for a product 3×5": func() { s.TMatMulAdd(ad.New(2, 5, nil), ad.New(2, 5, nil)) },
		"the 2×3 value is not the 2×3 value":          func() { s.For(ad.New(2, 3, nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, name) {
					t.Errorf("panic %q does not say %q", text, name)
				}
			}()
			f()
		})
	}
}

func ExampleRound32() {
	a := ad.New(2, 3, []float64{1, 0, 2, 0, 1, 1}) // one dictionary
	b := ad.New(2, 2, []float64{1, 2, 3, 4})       // two instances
	x := ad.New(3, 2, []float64{1, 1, 0, 0, 1, 2})
	r := ad.Round32(a.Neg()).MatMulAdd(x, b) // b − Ax
	fmt.Println(r.Data)
	// Output: [-2 -3 2 2]
}
