package completion_test

import (
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// scattered observes about a share of a matrix; row 1 and column 2 stay empty.
func scattered(r ad.Value, share float64) completion.Observed {
	o, rng := completion.Observed{Rows: r.R, Cols: r.C}, optimizee.Stream(5)
	for k := range r.Data {
		if i, j := k/r.C, k%r.C; i != 1 && j != 2 && rng.Float64() < share {
			o.Row, o.Col, o.Value = append(o.Row, i), append(o.Col, j), append(o.Value, r.Data[k])
		}
	}
	return o
}

func blocks(u, v ad.Value) optimizee.Point {
	return optimizee.Point{}.Plus("U", u).Plus("V", v)
}

// withPrior is a completion with everything that F can hold.
func withPrior() *optimizee.Problem {
	return completion.Problem(scattered(gauss(11, 9, 7), 0.6), completion.Config{
		P: 3, Lambda: 0.1, Start: blocks(gauss(12, 9, 3), gauss(13, 7, 3)),
		Prior: completion.Prior{U: gauss(14, 9, 3), V: gauss(15, 7, 3), WeightU: 0.2, WeightV: 0.05},
	})
}

// The sparse operations against F and ∇f with the matrix and its mask in full: values,
// gradients, and the derivatives of both on a tape.
func TestCompletionIsItsFormula(t *testing.T) {
	const lambda = 0.3
	r := gauss(21, 8, 6)
	o := scattered(r, 0.5)
	mask := ad.New(8, 6, nil)
	for k := range o.Value {
		mask.Data[o.Row[k]*6+o.Col[k]] = 1
	}
	p := completion.Problem(o, completion.Config{P: 4, Lambda: lambda})
	off := func(u, v ad.Value) ad.Value { return u.MatMulT(v).Sub(r).Mul(mask) }
	with := []ad.Value{gauss(24, 8, 4), gauss(25, 6, 4)}
	dense := func(xs ...ad.Value) ad.Value { // one number that F and both gradients enter
		u, v := xs[0], xs[1]
		f := off(u, v).SumSquares().Add(u.SumSquares().Add(v.SumSquares()).Scale(lambda)).Scale(0.5)
		gu, gv := off(u, v).MatMul(v).Add(u.Scale(lambda)), off(u, v).TMatMul(u).Add(v.Scale(lambda))
		return f.Mul(f).Scale(0.1).Add(gu.Square().Dot(with[0])).Add(gv.Square().Dot(with[1]))
	}
	sparse := func(xs ...ad.Value) ad.Value {
		x := blocks(xs[0], xs[1])
		f, gu := p.ValueGrad("U", x)
		return f.Mul(p.Value(x)).Scale(0.1).Add(gu.Square().Dot(with[0])).Add(p.Grad("V", x).Square().Dot(with[1]))
	}
	u, v := gauss(22, 8, 4), gauss(23, 6, 4)
	want, wantG := adtest.Gradients(dense, u, v)
	got, gotG := adtest.Gradients(sparse, u, v)
	if d := math.Abs(got - want); !(d <= 1e-12*math.Abs(want)) {
		t.Errorf("F and its gradients differ by %.2g", d)
	}
	for i := range gotG {
		if d := adtest.Distance(gotG[i], wantG[i]); !(d <= 1e-12) {
			t.Errorf("their derivative by block %d differs by %.2g", i, d)
		}
	}
}

func TestCompletionIgnoresTheOrderOfEntries(t *testing.T) {
	o := scattered(gauss(31, 8, 6), 0.5)
	q := completion.Observed{Rows: 8, Cols: 6}
	for _, k := range optimizee.Stream(1).Perm(len(o.Value)) {
		q.Row, q.Col, q.Value = append(q.Row, o.Row[k]), append(q.Col, o.Col[k]), append(q.Value, o.Value[k])
	}
	a := completion.Problem(o, completion.Config{P: 2})
	b := completion.Problem(q, completion.Config{P: 2})
	if fa, fb := a.Value(a.Start).Item(), b.Value(b.Start).Item(); fa != fb {
		t.Errorf("F is %.17g, and %.17g with the entries in another order", fa, fb)
	}
}

// Without λ a line with fewer entries than numbers has many minimisers: Solve takes the
// shortest, so that a start of rank 1 stays of rank 1.
func TestCompletionSolveIsShortest(t *testing.T) {
	u, v := gauss(41, 8, 4), gauss(42, 6, 4)
	for i := range v.R {
		for k := 1; k < 4; k++ {
			v.Data[i*4+k] = 0
		}
	}
	for name, share := range map[string]float64{"few entries": 0.3, "all entries": 2} {
		p := completion.Problem(scattered(gauss(43, 8, 6), share), completion.Config{P: 4})
		s := p.Solve("U", blocks(u, v))
		for i := range s.R {
			for k := 1; k < 4; k++ {
				if !(math.Abs(s.At(i, k)) <= 1e-12) {
					t.Errorf("%s: U[%d,%d] is %g, want 0", name, i, k, s.At(i, k))
				}
			}
			if i == 1 && s.At(i, 0) != 0 {
				t.Errorf("%s: the row without entries is %g", name, s.At(i, 0))
			}
		}
		best := blocks(s, v)
		if g := p.Grad("U", best).Norm1().Item(); !(g <= 1e-10) {
			t.Errorf("%s: the gradient at the minimiser is %g", name, g)
		}
	}
}

func TestCompletionMeasures(t *testing.T) {
	truth := ad.New(2, 2, []float64{3, 4, 0, 5})
	o := completion.Observed{Rows: 2, Cols: 2, Row: []int{0, 1}, Col: []int{0, 1}, Value: []float64{3, 5}}
	p := completion.WithTruth(completion.Problem(o, completion.Config{P: 1}), truth)
	x := blocks(ad.Col(1, 1), ad.Col(3, 3)) // all entries 3: off by 0, −1, 3, −2
	for what, v := range map[string][2]float64{
		"RMSE":       {completion.RMSE(p, x), math.Sqrt(14.0 / 50)},
		"HiddenRMSE": {completion.HiddenRMSE(p, x), math.Sqrt(10.0 / 16)},
		"RMS":        {o.RMS(x), math.Sqrt2},
		"Mean":       {o.Mean(), 4},
	} {
		if !(math.Abs(v[0]-v[1]) <= 1e-14) {
			t.Errorf("%s is %g, want %g", what, v[0], v[1])
		}
	}
	if _, err := optimizee.DataOf[completion.Data](optimizee.Quadratic(truth, truth), "my rule"); err == nil || !strings.Contains(err.Error(), "my rule works on a problem whose Data is a completion.Data, and that of quadratic is not") {
		t.Errorf("a quadratic passes for a completion: %v", err)
	}
	if err := completion.WithTruth(p, ad.Scalar(1)).Check(); err == nil || !strings.Contains(err.Error(), "the truth is 1×1: it has to be 2×2") {
		t.Errorf("a truth of another size: %v", err)
	}
	if err := completion.WithTruth(optimizee.Quadratic(truth, truth), truth).Check(); err == nil || !strings.Contains(err.Error(), "completion.Data") {
		t.Errorf("a quadratic with a true matrix: %v", err)
	}
	if e := completion.RMSE(completion.Problem(o, completion.Config{P: 1}), x); !math.IsNaN(e) {
		t.Errorf("without a truth the RMSE is %g", e)
	}
	kept, held := completion.Observed{Rows: 2, Cols: 5, Row: make([]int, 10), Col: make([]int, 10), Value: make([]float64, 10)}.Split(0.3, optimizee.Stream(1))
	if len(kept.Value) != 7 || len(held.Value) != 3 || held.Rows != 2 || held.Cols != 5 {
		t.Errorf("a split of 10 entries gives %v and %v", kept, held)
	}
}

func TestCompletionRefuses(t *testing.T) {
	good := func() (completion.Observed, completion.Config) {
		return scattered(gauss(51, 5, 4), 0.8), completion.Config{P: 2, Lambda: 0.1}
	}
	for want, spoil := range map[string]func(o *completion.Observed, c *completion.Config){
		"no entry is observed":                    func(o *completion.Observed, _ *completion.Config) { o.Row, o.Col, o.Value = nil, nil, nil },
		"0×4 matrix":                              func(o *completion.Observed, _ *completion.Config) { o.Rows = 0 },
		"every entry has one of each":             func(o *completion.Observed, _ *completion.Config) { o.Row = o.Row[1:] },
		"row 5, column":                           func(o *completion.Observed, _ *completion.Config) { o.Row[3] = 5 },
		"column -1 of a 5×4":                      func(o *completion.Observed, _ *completion.Config) { o.Col[0] = -1 },
		"is NaN: leave it out":                    func(o *completion.Observed, _ *completion.Config) { o.Value[2] = math.NaN() },
		"given twice":                             func(o *completion.Observed, _ *completion.Config) { o.Row[1], o.Col[1] = o.Row[0], o.Col[0] },
		"p = 5 columns of U and V":                func(_ *completion.Observed, c *completion.Config) { c.P = 5 },
		"p = 0 columns of U and V":                func(_ *completion.Observed, c *completion.Config) { c.P = 0 },
		"λ = -1":                                  func(_ *completion.Observed, c *completion.Config) { c.Lambda = -1 },
		"the prior of V is 0×0: it has to be 4×2": func(_ *completion.Observed, c *completion.Config) { c.Prior.WeightV = 1 },
		`the start has blocks ["x"]`:              func(_ *completion.Observed, c *completion.Config) { c.Start = optimizee.X(ad.Scalar(1)) },
		"the start's V is 5×2: it has to be 4×2": func(_ *completion.Observed, c *completion.Config) {
			c.Start = blocks(gauss(1, 5, 2), gauss(1, 5, 2))
		},
		"the start's U holds NaN in row 0, column 0": func(_ *completion.Observed, c *completion.Config) {
			c.Start = blocks(ad.Full(5, 2, math.NaN()), gauss(1, 4, 2))
		},
	} {
		o, c := good()
		spoil(&o, &c)
		if err := completion.Problem(o, c).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	good5 := completion.Family{Rows: 6, Cols: 5, Rank: 2, Observe: 0.5}
	for want, spoil := range map[string]func(s *completion.Family){
		"a share of 0 of the entries":   func(s *completion.Family) { s.Observe = 0 },
		"a share of 1.5 of the entries": func(s *completion.Family) { s.Observe = 1.5 },
		"is not one entry":              func(s *completion.Family) { s.Observe = 0.001 },
		"rank 6 of a 6×5 matrix":        func(s *completion.Family) { s.Ranks = []int{1, 6} },
		"rank 0 of a 6×5 matrix":        func(s *completion.Family) { s.Rank = 0 },
		"p = 7 columns":                 func(s *completion.Family) { s.P = 7 },
		"-1×5":                          func(s *completion.Family) { s.Rows = -1 },
		"MatrixLaw(9) is no law":        func(s *completion.Family) { s.Law = 9 },
	} {
		s := good5
		spoil(&s)
		if err := s.Draw(optimizee.Stream(1)).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// The corners that are allowed stay finite: everything observed, p at the limit without
// λ, one entry, a block that is 0.
func TestCompletionCorners(t *testing.T) {
	als := optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))
	palm := optim.Alternate(optim.On("U", optim.ISTA), optim.On("V", optim.ISTA))
	spec := completion.Family{Rows: 6, Cols: 5, Rank: 2, Observe: 1}
	full, one := spec.Draw(optimizee.Stream(1)), spec
	one.Observe, one.P = 1.0/30, 5
	zero := completion.Problem(scattered(gauss(61, 6, 5), 0.5), completion.Config{P: 5, Start: blocks(ad.New(6, 5, nil), ad.New(5, 5, nil))})
	for name, p := range map[string]*optimizee.Problem{"all observed": full, "one observed, p = 5": one.Draw(optimizee.Stream(2)), "from 0": zero} {
		for what, r := range map[string]optim.Rule{"ALS": als, "PALM": palm} {
			f, x, err := optim.Minimize(p, r, 30, nil)
			if err != nil {
				t.Fatal(name, what, err)
			}
			if !x.IsFinite() || !(f[30] <= f[0]) {
				t.Errorf("%s: %s goes from %g to %v", name, what, f[0], x)
			}
		}
	}
	_, x, err := optim.Minimize(full, als, 100, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !(completion.RMSE(full, x) <= 1e-8) || completion.HiddenRMSE(full, x) != 0 {
		t.Errorf("with everything observed, ALS ends at an error of %g, %g on no entries", completion.RMSE(full, x), completion.HiddenRMSE(full, x))
	}
}

func TestCompletionFamilies(t *testing.T) {
	s := completion.Family{Rows: 30, Cols: 20, Ranks: []int{2, 7}, P: 4, Observe: 0.3, Lambda: 0.1}
	seen := map[float64]bool{}
	for i := range uint64(20) {
		p := s.Draw(optimizee.Stream(i))
		if p.Err != nil {
			t.Fatal(p.Err)
		}
		seen[p.Traits["rank"]] = true
		if n, u := p.Traits["observed"], p.Start.At("U"); n != 180 || u.R != 30 || u.C != 4 {
			t.Errorf("%g entries of 600 are observed, U is %s", n, u.Shape())
		}
	}
	if len(seen) != 2 || !seen[2] || !seen[7] {
		t.Errorf("ranks drawn: %v", seen)
	}
	for _, l := range []completion.Law{completion.UniformFactors, completion.UniformSVD, completion.GaussianFactors} {
		s := completion.Family{Rows: 30, Cols: 20, Rank: 3, Observe: 1, Law: l}
		p := s.Draw(optimizee.Stream(1))
		als := optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))
		_, x, err := optim.Minimize(p, als, 300, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e := completion.RMSE(p, x); !(e <= 1e-6) { // so the rank is at most 3
			t.Errorf("%v: rank 3 leaves an error of %g", l, e)
		}
	}
}

// TestInUnits asks for the same problem in thousandths: ALS goes the same way.
func TestInUnits(t *testing.T) {
	for _, p := range []*optimizee.Problem{withPrior(), completion.SmallCompletion.Draw(optimizee.Stream(1))} {
		const c = 1e-3
		q := completion.InUnits(p, c)
		_, x, err := optim.Minimize(p, completion.ALS, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, y, err := optim.Minimize(q, completion.ALS, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := q.Value(y).Item(), p.Value(x).Item()/(c*c); math.Abs(got-want) > 1e-9*want {
			t.Errorf("%s: F is %g, want %g", p.Name, got, want)
		}
		if got, want := completion.RMSE(q, y), completion.RMSE(p, x); math.Abs(got-want) > 1e-9*want {
			t.Errorf("%s: the error is %g, want %g", p.Name, got, want)
		}
		if q.Traits["law"] != p.Traits["law"] || math.Abs(q.Traits["lambda"]/p.Traits["lambda"]*c-1) > 1e-12 {
			t.Errorf("%s: traits %v became %v", p.Name, p.Traits, q.Traits)
		}
		if err := completion.InUnits(p, 0).Check(); err == nil || !strings.Contains(err.Error(), "positive") {
			t.Error(err)
		}
	}
}
