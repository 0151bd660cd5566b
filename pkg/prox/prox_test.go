package prox_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/prox"
)

func ExampleSoft() {
	fmt.Println(prox.Soft(ad.Row(3, -0.5, -2), ad.Scalar(1)).Data)
	// Output: [2 0 -1]
}

func ExampleGroup() {
	r := prox.Group(1, prox.Consecutive(2, 2))
	fmt.Println(r.Prox(ad.Col(3, 4, 0.3, 0.4), ad.Scalar(2.5)).Data)
	// Output: [1.5 2 0 0]
}

func ExampleElasticNet() {
	r := prox.ElasticNet(1, 0.5)
	fmt.Println(r.Prox(ad.Col(4, -0.5), ad.Scalar(2)).Data)
	// Output: [1 0]
}

func ExampleBox() {
	r := prox.Box(0, 1)
	fmt.Println(r.Prox(ad.Col(-2, 0.3, 7), ad.Scalar(1)).Data, r.Value(ad.Col(2)).Item())
	// Output: [0 0.3 1] +Inf
}

func TestSoft(t *testing.T) {
	adtest.Shapes(20, 3, func(rng *rand.Rand, r, c int) {
		w := adtest.Random(rng, r, c)
		v := adtest.Random(rng, r, c)
		v = v.Add(v.Sign().Scale(.05)) // away from the kinks
		each := adtest.Random(rng, r, c).Abs().Scale(.02)
		soft := func(xs ...ad.Value) ad.Value { return prox.Soft(xs[0], xs[1]).Mul(w).Sum() }
		adtest.Check(t, 1e-7, soft, v, each.Scale(.2))
		adtest.Check(t, 1e-7, soft, v, ad.Scalar(.01))
		adtest.Equal(t, 1e-14, soft, func(xs ...ad.Value) ad.Value {
			over := xs[0].Abs().Sub(xs[1])
			return over.ReLU().Mul(xs[0].Sign()).Mul(w).Sum()
		}, v, each)
	})
	nan := math.NaN()
	for name, v := range map[string]ad.Value{
		"value": prox.Soft(ad.Scalar(nan), ad.Scalar(1)), "threshold": prox.Soft(ad.Scalar(0), ad.Scalar(nan)),
	} {
		if v.IsFinite() {
			t.Errorf("%s: NaN became %v", name, v.Data)
		}
	}
	if panics(func() { prox.Soft(ad.New(2, 3, nil), ad.New(3, 2, nil)) }) == "" {
		t.Error("a threshold of another shape was accepted")
	}
}

// TestSignals: the map of a long signal's variation closes the gap of Fenchel and Young,
// with ties among the data too.
func TestSignals(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	for i := range 300 {
		n := 2 + rng.IntN(150)
		v, step := adtest.Random(rng, n, 1).Scale(3), ad.Scalar(math.Pow(10, 3*rng.Float64()-2))
		if i%2 == 0 {
			for k, y := range v.Data {
				v.Data[k] = math.Round(y)
			}
			step = ad.Scalar(float64(rng.IntN(4)) / 2)
		}
		r := prox.TotalVariation(1, 1, n)
		p := r.Prox(v, step)
		if step.Item() == 0 {
			if adtest.Distance(p.Data, v.Data) != 0 {
				t.Errorf("a step of 0 moves %d numbers", n)
			}
			continue
		}
		u := v.Sub(p).Div(step)
		if gap := r.Value(p).Item() + r.Conjugate(u) - u.Dot(p).Item(); !(math.Abs(gap) <= 1e-10*float64(n)) {
			t.Errorf("%d numbers, step %g: the gap is %g", n, step.Item(), gap)
		}
	}
}

// TestSimplexFar: entries of any size, or −∞, leave a point of the simplex.
func TestSimplexFar(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ v, want ad.Value }{
		{ad.Col(1e17, 1e17, 0), ad.Col(.5, .5, 0)},
		{ad.Col(1e300, -1e300, 1), ad.Col(1, 0, 0)},
		{ad.Col(-inf, 0.5, 0.1), ad.Col(0, .7, .3)},
		{ad.Col(-1e20, -1e20), ad.Col(.5, .5)},
		{ad.Col(3), ad.Col(1)},
	} {
		p := prox.Simplex(1).Prox(c.v, ad.Scalar(1))
		if !(adtest.Distance(p.Data, c.want.Data) <= 1e-15) || prox.Simplex(1).Value(p).Item() != 0 {
			t.Errorf("of %v: %v, want %v", c.v, p, c.want)
		}
	}
}

// TestErrors: senseless settings are an error, and shapes that do not fit a panic.
func TestErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	a := ad.FromLists([][]float64{{1, 2}, {2, 4}})
	var tape ad.Tape
	for want, rs := range map[string][]prox.Regulariser{
		"λ =": {
			prox.L1(-1), prox.L1(nan), prox.L2(inf), prox.LInf(-1), prox.ElasticNet(1, -1), prox.ElasticNet(nan, 1), prox.SquaredL2(-1),
			prox.Group(-1, prox.Consecutive(2)), prox.Nuclear(nan, 2, 2), prox.TotalVariation(-1, 2, 2),
		},
		"negative or NaN":      {prox.WeightedL1(ad.Col(1, -1)), prox.WeightedL1(ad.Col(nan))},
		"holds":                {prox.Linear(ad.Col(nan)), prox.Equal(ad.Col(1, inf)), prox.L1(1).Translate(ad.Col(nan))},
		"is empty":             {prox.Box(2, 1), prox.Box(nan, 1), prox.BoxEach(ad.Col(0, 1), ad.Col(1, 0)), prox.Sum(prox.Box(0, 1), prox.Box(2, 3)), prox.Group(1, [][]int{{}})},
		"one shape":            {prox.BoxEach(ad.Col(0, 1), ad.Col(1, 1, 1))},
		"positive and finite":  {prox.Simplex(0), prox.L2Ball(-1), prox.L1Ball(inf), prox.Huber(0, 1), prox.L1(1).Scale(-1), prox.L1(1).Moreau(0)},
		"two groups":           {prox.Group(1, [][]int{{0, 1}, {1, 2}}), prox.Group(1, [][]int{{-1}})},
		"without numbers":      {prox.WeightedL1(ad.Value{}), prox.Linear(ad.Value{}), prox.BoxEach(ad.Value{}, ad.Scalar(1)), prox.Equal(ad.New(0, 1, nil))},
		"no groups":            {prox.Group(1, nil)},
		"not 0":                {prox.Halfspace(ad.Col(0, 0), 1)},
		"contradict":           {prox.Affine(a, ad.Col(1, 3))},
		"one row for each row": {prox.Affine(a, ad.Col(1)), prox.SquaredDistance(linear.Dense(a), ad.Col(1))},
		"on a tape":            {prox.Affine(tape.Watch(a), ad.Col(1, 2)), prox.SquaredDistance(linear.Dense(tape.Watch(a)).Scale(2), ad.Col(1, 2))},
		"no entries":           {prox.Nuclear(1, 0, 3)},
		"at least 2 pixels":    {prox.TotalVariation(1, 1, 1)},
		"a constant":           {prox.L1(1).Stretch(0)},
		"there are no rows":    {prox.L1(1).Rows(2, 2)},
		"nobody knows":         {prox.Sum(prox.L2(1), prox.Simplex(1)), prox.Sum(prox.Huber(1, 1), prox.Huber(1, 2))},
		"do not compose":       {prox.Sum(prox.L2(1), prox.Box(0, 1)), prox.Sum(prox.LInf(1), prox.L1(1)), prox.Sum(prox.Huber(1, 1), prox.L1(1))},
	} {
		for _, r := range rs {
			if r.Err == nil || !strings.Contains(r.Err.Error(), want) {
				t.Errorf("%s: error %v, want %q", r.Name, r.Err, want)
			}
		}
	}
	one := ad.Scalar(1)
	for want, f := range map[string]func(){
		"row 2 of a 2×1":    func() { prox.Group(1, prox.Consecutive(2, 2)).Prox(ad.Col(1, 2), one) },
		"parameters of 2×1": func() { prox.BoxEach(ad.Col(0, 1), ad.Col(1, 1)).Prox(ad.Col(1, 2, 3), one) },
		"3×1 by 2×1":        func() { prox.WeightedL1(ad.Col(1, 1)).Prox(ad.Col(1, 2, 3), one) },
		"not 2×1":           func() { prox.L1(1).Prox(ad.Col(1, 2, 3), ad.Col(1, 2)) },
		"4 rows":            func() { prox.Nuclear(1, 2, 2).Prox(ad.Col(1, 2, 3), one) },
		"it needs 6 rows":   func() { prox.TotalVariation(1, 2, 3).Prox(ad.Col(1, 2, 3), one) },
		"rows 1 to 4 of":    func() { prox.L1(1).Rows(1, 5).Prox(ad.Col(1, 2, 3), one) },
		"without entries":   func() { prox.Simplex(1).Prox(ad.New(0, 1, nil), one) },
	} {
		if text := panics(f); !strings.Contains(text, want) {
			t.Errorf("panic %q, want %q", text, want)
		}
	}
}
