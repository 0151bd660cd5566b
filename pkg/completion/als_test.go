package completion_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// run takes n steps from p.Start.
func run(t *testing.T, p *optimizee.Problem, r optim.Rule, n int) ([]float64, optimizee.Point) {
	t.Helper()
	f, x, err := optim.Minimize(p, r, n, optimizee.Stream(8))
	if err != nil {
		t.Fatal(err)
	}
	return f, x
}

func agree(t *testing.T, what string, tol float64, got, want optimizee.Point) {
	t.Helper()
	for _, b := range want.Blocks() {
		if d := adtest.Distance(got.At(b).Data, want.At(b).Data); !(d <= tol) {
			t.Errorf("%s: block %s differs by %.2g", what, b, d)
		}
	}
}

// ALS whose λ falls recovers a matrix under every law, and so does ALS with λ chosen on
// entries held out; ALS at the small λ alone does not.
func TestRecovery(t *testing.T) {
	for _, law := range []completion.Law{completion.UniformFactors, completion.UniformSVD, completion.GaussianFactors} {
		spec := completion.Family{Rows: 60, Cols: 50, Rank: 3, Observe: 0.3, Law: law, Lambda: 1e-3}
		p := spec.Draw(optimizee.Stream(1))
		rmse := func(r optim.Rule) float64 {
			_, x := run(t, p, r, 60)
			return completion.HiddenRMSE(p, x)
		}
		lowered, chosen, one, constant := rmse(completion.ALSLowered(completion.LoweredConfig{})), rmse(completion.ALSHeldOut(completion.HeldOutConfig{})), rmse(completion.RankOne), rmse(completion.Constant)
		t.Logf("%v: lowered %.4f, chosen %.4f, rank 1 %.3f, constant %.3f", law, lowered, chosen, one, constant)
		if !(lowered <= 0.01) || !(chosen <= 0.01) || !(one >= 0.05) || !(constant >= 0.05) {
			t.Errorf("%v: hidden errors lowered %g, chosen %g, rank 1 %g, constant %g", law, lowered, chosen, one, constant)
		}
	}
	// with noise, a small λ fits it, and the one that is chosen does not
	noisy := completion.Observed{Rows: 40, Cols: 30}
	truth, rng := gauss(21, 40, 2).MatMulT(gauss(22, 30, 2)), optimizee.Stream(23)
	for k, v := range truth.Data {
		if rng.Float64() < 0.6 {
			noisy.Row, noisy.Col, noisy.Value = append(noisy.Row, k/30), append(noisy.Col, k%30), append(noisy.Value, v+0.5*rng.NormFloat64())
		}
	}
	p := completion.WithTruth(completion.Problem(noisy, completion.Config{P: 8, Lambda: 1e-3}), truth)
	_, small := run(t, p, completion.ALSLowered(completion.LoweredConfig{}), 60)
	_, chosen := run(t, p, completion.ALSHeldOut(completion.HeldOutConfig{}), 60)
	if a, b := completion.RMSE(p, small), completion.RMSE(p, chosen); !(b <= 0.8*a) {
		t.Errorf("noisy entries: error %.3f at the small λ, %.3f at the one that is chosen", a, b)
	}
}

// The λ to choose from have the unit of the entries.
func TestHeldOutInUnits(t *testing.T) {
	draw := func(unit float64) *optimizee.Problem {
		o := completion.Observed{Rows: 12, Cols: 12}
		rng := optimizee.Stream(3)
		u, v := ad.New(12, 1, nil), ad.New(12, 1, nil)
		for i := range 12 {
			u.Data[i], v.Data[i] = 1+rng.Float64(), 1+rng.Float64()
		}
		truth := u.MatMulT(v).Scale(unit)
		for k, r := range truth.Data {
			if rng.Float64() < 0.7 {
				o.Row, o.Col, o.Value = append(o.Row, k/12), append(o.Col, k%12), append(o.Value, r)
			}
		}
		return completion.WithTruth(completion.Problem(o, completion.Config{P: 2, Lambda: 1e-3 * unit}), truth)
	}
	for _, unit := range []float64{1e-6, 1e-3, 1, 1e3, 1e4} {
		p := draw(unit)
		_, x := run(t, p, completion.ALSHeldOut(completion.HeldOutConfig{}), 20)
		if e := completion.RMSE(p, x); !(e < 0.01) {
			t.Errorf("unit %g: error %g", unit, e)
		}
	}
}

func TestConstantAndRankOne(t *testing.T) {
	o := completion.Observed{Rows: 2, Cols: 3, Row: []int{0, 0, 1}, Col: []int{0, 1, 2}, Value: []float64{1, 2, 6}}
	for _, lambda := range []float64{0, 0.1} {
		p := completion.Problem(o, completion.Config{P: 2, Lambda: lambda})
		_, x := run(t, p, completion.Constant, 1)
		for _, v := range x.At("U").MatMulT(x.At("V")).Data {
			if v != 3 {
				t.Errorf("the constant predictor says %g, the mean is 3", v)
			}
		}
		_, x = run(t, p, completion.RankOne, 20)
		for _, b := range []string{"U", "V"} {
			for i := range x.At(b).R {
				if v := x.At(b).At(i, 1); !(math.Abs(v) <= 1e-12) {
					t.Errorf("λ = %g: the second column of %s holds %g", lambda, b, v)
				}
			}
		}
		if lambda == 0 && !(o.RMS(x) <= 1e-10) { // three entries, and rank 1 fits them
			t.Errorf("rank 1 is off by %g", o.RMS(x))
		}
	}
}

// λ of each sweep: from the exact minimisers for the λ that the formula has.
func TestLoweredSchedule(t *testing.T) {
	p := completions(0.1)
	c := p.Data.(*completion.Data)
	step, err := completion.ALSLowered(completion.LoweredConfig{From: 8, To: 0.5, Over: 3})(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, want := p.Start, p.Start
	for k, lambda := range []float64{8, 2, 0.5, 0.5} {
		x = step(x)
		want = want.With("U", c.SolveAt(lambda, "U", want))
		want = want.With("V", c.SolveAt(lambda, "V", want))
		agree(t, fmt.Sprint("sweep ", k), 1e-13, x, want)
	}
	want = p.Start.With("U", c.SolveAt(8, "U", p.Start))
	agree(t, "from a foreign point", 1e-13, step(p.Start), want.With("V", c.SolveAt(8, "V", want)))
}

// Two factors are Adam on U and V; with three and more, a run is gradient descent on
// F(A·B₁⋯B_n, V) with derivatives from a tape, when Adam's ε makes it that.
func TestDeepFactors(t *testing.T) {
	p := completions(0.1)
	adam := optim.AdamConfig{LR: 0.05}
	_, got := run(t, p, completion.DeepFactors(completion.DeepConfig{Depth: 2, Adam: adam}), 10)
	_, want := run(t, p, optim.Adam(adam), 10)
	agree(t, "two factors", 1e-13, got, want)

	const lr, eps = 0.02, 1e9
	for depth := 3; depth <= 5; depth++ {
		_, got := run(t, p, completion.DeepFactors(completion.DeepConfig{Depth: depth, Adam: optim.AdamConfig{LR: lr * eps, Eps: eps, Beta1: 1e-300, Beta2: 1e-300}}), 5)
		fs := []ad.Value{p.Start.At("U")}
		for len(fs) < depth-1 {
			fs = append(fs, ad.Eye(2))
		}
		fs = append(fs, p.Start.At("V"))
		at := func(fs ...ad.Value) optimizee.Point {
			u := fs[0]
			for _, b := range fs[1 : depth-1] {
				u = u.MatMul(b)
			}
			return p.Start.With("U", u).With("V", fs[depth-1])
		}
		for range 5 {
			_, gs := adtest.Gradients(func(fs ...ad.Value) ad.Value { return p.Value(at(fs...)) }, fs...)
			for i, f := range fs {
				fs[i] = f.Sub(ad.New(f.R, f.C, gs[i]).Scale(lr))
			}
		}
		agree(t, fmt.Sprint(depth, " factors"), 1e-7, got, at(fs...))
	}
}

// With step sizes of 1 it is proximal alternating descent, and layers count.
func TestUnfolded(t *testing.T) {
	p := completions(0.1)
	_, got := run(t, p, completion.Unfolded(completion.Layers(1, 1, 1)), 7)
	_, want := run(t, p, optim.Alternate(optim.On("U", optim.ISTA), optim.On("V", optim.ISTA)), 7)
	agree(t, "step sizes of 1", 1e-13, got, want)

	sizes := []float64{0.2, 0.5, 1.1, 1.4}
	layers := append(completion.Layers(1, sizes[0], sizes[1]), completion.Layers(1, sizes[2], sizes[3])...)
	_, got = run(t, p, completion.Unfolded(layers), 3)
	x := p.Start
	for k, s := range []float64{0.2, 0.5, 1.1, 1.4, 1.1, 1.4} { // the last layer again
		b := []string{"U", "V"}[k%2]
		x = x.With(b, x.At(b).Sub(p.Grad(b, x).Scale(s/p.Lipschitz(b, x))))
	}
	agree(t, "layers", 1e-13, got, x)

	// the derivative by a step size
	value := func(vs ...ad.Value) ad.Value {
		step, err := completion.Unfolded([]completion.Layer{{U: ad.Scalar(0.3), V: vs[0]}})(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p.Value(step(got))
	}
	_, g := adtest.Gradients(value, ad.Scalar(0.7))
	num := (value(ad.Scalar(0.7+1e-5)).Item() - value(ad.Scalar(0.7-1e-5)).Item()) / 2e-5
	if !(math.Abs(g[0][0]-num) <= 1e-6*math.Abs(num)) {
		t.Errorf("the derivative by a step size is %g on the tape and %g by finite differences", g[0][0], num)
	}
}

func TestFactorRulesRefuse(t *testing.T) {
	p, q := completions(0.1), optimizee.Quadratic(gauss(1, 12, 6), gauss(2, 12, 1))
	for want, err := range map[string]error{
		"ALS with λ lowered works on a problem whose Data is a completion.Data": start(completion.ALSLowered(completion.LoweredConfig{}), q),
		"from -1 to 0 over 50 sweeps":                                           start(completion.ALSLowered(completion.LoweredConfig{From: -1}), p),
		"over 1 sweeps":                                                         start(completion.ALSLowered(completion.LoweredConfig{Over: 1}), p),
		"a share of 1.5 is held out":                                            start(completion.ALSHeldOut(completion.HeldOutConfig{Share: 1.5}), p),
		"Lambdas is -1":                                                         start(completion.ALSHeldOut(completion.HeldOutConfig{Lambdas: []float64{-1}}), p),
		"0 λ":                                                                   start(completion.ALSHeldOut(completion.HeldOutConfig{Lambdas: []float64{}}), p),
		"the constant predictor works on":                                       start(completion.Constant, q),
		"a product of 1 factors":                                                start(completion.DeepFactors(completion.DeepConfig{Depth: 1}), p),
		`deep factors works in blocks ["U" "V"]`:                                start(completion.DeepFactors(completion.DeepConfig{}), q),
		`unfolded factors works in blocks ["U" "V"]`:                            start(completion.Unfolded(completion.Layers(1, 1, 1)), q),
		"there is no layer":                                                     start(completion.Unfolded(nil), p),
		"matrix completion: no entry is observed":                               start(completion.ALSHeldOut(completion.HeldOutConfig{}), completion.Problem(completion.Observed{Rows: 1, Cols: 1}, completion.Config{P: 1})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func start(r optim.Rule, p *optimizee.Problem) error {
	_, err := r(p, optimizee.Stream(1))
	return err
}
