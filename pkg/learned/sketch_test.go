package learned_test

// Four families, each as short as a new author's first draft, against the interface as
// it is: unrolled (LISTA-CP), alternating (ALS and PALM), expectation maximisation,
// and learned alternation.

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optim/optimtest"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/train"
)

var update = flag.Bool("update", false, "write testdata/laws.txt")

// TestLaws holds the sketches against the laws of problems and rules.
func TestLaws(t *testing.T) {
	dict := dictionary(20, 40)
	lista, th := listaCP(dict, 0.1, 8), nn.NewParams()
	lista.Init(th, nil)
	var report problemtest.Report
	t.Run("completion", func(t *testing.T) { // a mask hides part of the curvature, so L is loose
		report = append(report, problemtest.Run(t, completions(optimizee.Stream(1)), problemtest.Term(ridge(0.1)), problemtest.Loose(50))...)
	})
	t.Run("mixture", func(t *testing.T) {
		report = append(report, problemtest.Run(t, mixture(clusters(30, 3, 2), gauss(42, 3, 2)))...)
	})
	t.Run("LISTA-CP", func(t *testing.T) {
		report = append(report, optimtest.Run(t, optimtest.Case{
			Name: "LISTA-CP", Rule: lista.Rule(th), Monotone: true, Ordered: "the layers' matrices belong to the coordinates",
		}, instances(optimizee.Stream(3), dict, 1, 0.1))...)
	})
	problemtest.Golden(t, filepath.Join("testdata", "laws.txt"), *update, report)
}

// listaCP is LISTA with weight coupling (Chen et al. 2018) for one dictionary A:
// x⁺ = soft(x − W_kᵀ(Ax − b), θ_k) in layer k of K, the last layer from there on. At
// the start W_k = A/L and θ_k = λ/L, which is ISTA. It needs Residual.
func listaCP(a ad.Value, lambda float64, layers int) learned.Optimizer {
	return learned.Optimizer{
		Name: "LISTA-CP",
		Init: func(th nn.Params, _ *rand.Rand) {
			l := math.Pow(optimizee.SpectralNorm(a), 2)
			for k := range layers {
				th.Set(fmt.Sprint("W", k), a.Scale(1/l))
				th.Set(fmt.Sprint("theta", k), ad.Scalar(lambda/l))
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
				k, last := 0, optimizee.Point{}
				return func(x optimizee.Point) optimizee.Point {
					if !x.Same(last) {
						k = 0
					}
					W, theta := th.At(fmt.Sprint("W", k)), th.At(fmt.Sprint("theta", k))
					last, k = optimizee.X(prox.Soft(x.X().Sub(W.TMatMul(p.Residual(x))), theta)), min(k+1, layers-1)
					return last
				}, p.NeedOne("LISTA-CP", "Residual")
			}
		},
	}
}

func TestListaCP(t *testing.T) {
	const layers, lambda = 8, 0.1
	dict := dictionary(20, 40)
	family := func(rng *rand.Rand) *optimizee.Problem { return instances(rng, dict, 16, lambda) }
	o := listaCP(dict, lambda, layers)
	th := nn.NewParams()
	o.Init(th, nil)
	p := family(optimizee.Stream(2))
	equal(t, "LISTA-CP at its start is ISTA", 1e-12, points(t, o.Rule(th), p, p.Start, 2*layers), points(t, optim.ISTA, p, p.Start, 2*layers))
	improves(t, o, family, train.Config{Minibatches: 30, Batch: 2, Iterations: layers, Segment: layers, LR: 2e-3, Seed: 1})
}

// instances draws n sparse signals; what one dictionary makes of them are the columns
// of one problem.
func instances(rng *rand.Rand, dict ad.Value, n int, lambda float64) *optimizee.Problem {
	x := ad.New(dict.C, n, nil)
	for i := range x.Data {
		if rng.Float64() < 0.1 {
			x.Data[i] = rng.NormFloat64()
		}
	}
	return optimizee.Lasso(dict, dict.MatMul(x), lambda)
}

// dictionary is a random one with columns of length 1.
func dictionary(rows, cols int) ad.Value {
	a := gauss(31, rows, cols)
	lengths := a.Square().T().SumRows().T().Sqrt()
	return a.Div(lengths)
}

// improves trains and expects a lower mean of F over the steps on fresh problems.
func improves(t *testing.T, o learned.Optimizer, family optimizee.Family, c train.Config) {
	t.Helper()
	first := c
	first.Minibatches, first.LR = 1, 1e-300 // stays where it starts
	mean := func(c train.Config) float64 {
		r, err := train.Run(context.Background(), o, family, c)
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for i := range uint64(10) {
			p := family(optimizee.Stream(99, i))
			s, err := o.Rule(r.Theta)(p, optimizee.Stream(98, i))
			if err != nil {
				t.Fatal(err)
			}
			x := p.Start
			for range c.Iterations {
				x = s(x)
				sum += p.Value(x).Item() / float64(10*c.Iterations)
			}
		}
		return sum
	}
	before, after := mean(first), mean(c)
	t.Logf("%s: mean F on fresh problems %.4g, after %d minibatches %.4g", o.Name, before, c.Minibatches, after)
	if !(after < 0.98*before) {
		t.Errorf("%s: training takes the mean of F from %.6g to %.6g", o.Name, before, after)
	}
}

// completion is ½‖M⊙(UVᵀ − R)‖² + (µ/2)(‖U‖² + ‖V‖²) with the ridge as r: blocks U
// (m×rank) and V (n×rank), M holding 1 where R is observed and 0 elsewhere.
func completion(r, m ad.Value, mu float64, u, v ad.Value) *optimizee.Problem {
	res := func(x optimizee.Point) ad.Value { return x.At("U").MatMulT(x.At("V")).Sub(r).Mul(m) }
	other := map[string]string{"U": "V", "V": "U"}
	p := &optimizee.Problem{
		Name:  "completion",
		Start: optimizee.Point{}.Plus("U", u).Plus("V", v),
		Value: func(x optimizee.Point) ad.Value { return res(x).SumSquares().Scale(0.5).Add(ridge(mu)(x)) },
		Grad: func(block string, x optimizee.Point) ad.Value {
			if block == "U" {
				return res(x).MatMul(x.At("V"))
			}
			return res(x).TMatMul(x.At("U"))
		},
		Prox: func(_ string, v, step ad.Value) ad.Value { return v.Div(step.Scale(mu).Shift(1)) },
		Lipschitz: func(block string, x optimizee.Point) float64 {
			return math.Pow(optimizee.SpectralNorm(x.At(other[block])), 2)
		},
		Solve: func(block string, x optimizee.Point) ad.Value { // a ridge regression for each row
			if block == "U" {
				return regressions(r, m, x.At("V"), mu)
			}
			return regressions(r.T(), m.T(), x.At("U"), mu)
		},
	}
	p.Subgrad = func(block string, x optimizee.Point) ad.Value { return p.Grad(block, x).Add(x.At(block).Scale(mu)) }
	return p
}

func ridge(mu float64) func(x optimizee.Point) ad.Value {
	return func(x optimizee.Point) ad.Value {
		return x.At("U").SumSquares().Add(x.At("V").SumSquares()).Scale(mu / 2)
	}
}

// regressions solves (Σ vvᵀ + µ)u = Σ rv for each row u, over the observed entries.
func regressions(r, m, v ad.Value, mu float64) ad.Value {
	u := ad.New(r.R, v.C, nil)
	for i := range r.R {
		A, b := mat.NewSymDense(v.C, nil), mat.NewVecDense(v.C, nil)
		for k := range v.C {
			A.SetSym(k, k, mu)
		}
		for j := range r.C {
			row := mat.NewVecDense(v.C, v.Data[j*v.C:(j+1)*v.C])
			A.SymRankOne(A, m.At(i, j), row)
			b.AddScaledVec(b, m.At(i, j)*r.At(i, j), row)
		}
		x := mat.NewVecDense(v.C, u.Data[i*v.C:(i+1)*v.C])
		if err := x.SolveVec(A, b); err != nil {
			panic(err) // µ > 0 makes A positive definite
		}
	}
	return u
}

// completions is a family: rank 2, 60 % observed, a little noise.
func completions(rng *rand.Rand) *optimizee.Problem {
	const rows, cols, rank = 12, 10, 2
	r := adtest.Random(rng, rows, rank).MatMulT(adtest.Random(rng, cols, rank)).Add(adtest.Random(rng, rows, cols).Scale(0.01))
	m := ad.New(rows, cols, nil)
	for i := range m.Data {
		if rng.Float64() < 0.6 {
			m.Data[i] = 1
		}
	}
	return completion(r, m, 0.1, adtest.Random(rng, rows, rank), adtest.Random(rng, cols, rank))
}

func TestCompletion(t *testing.T) {
	p := completions(optimizee.Stream(1))
	als := optim.Alternate(optim.On("U", optim.Exact), optim.On("V", optim.Exact))
	palm := optim.Alternate(optim.On("U", optim.ISTA), optim.On("V", optim.ISTA))
	first := p.Value(p.Start).Item()
	for name, r := range map[string]optim.Rule{"ALS": als, "PALM": palm} {
		if last := monotone(t, name, p, r, 500); !(last < 0.25*first) {
			t.Errorf("%s takes F from %g to %g", name, first, last)
		}
	}
}

// monotone runs a rule, expects F to fall at every step, and returns the last F.
func monotone(t *testing.T, name string, p *optimizee.Problem, r optim.Rule, n int) float64 {
	t.Helper()
	f, _, err := optim.Minimize(p, r, n, optimizee.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	for k := range n {
		if !(f[k+1] <= f[k]*(1+1e-12)) {
			t.Fatalf("%s: step %d takes F from %.12g to %.12g", name, k+1, f[k], f[k+1])
		}
	}
	return f[n]
}

// mixture is the free energy of a mixture of Gaussians with unit covariances and equal
// weights, data X (N×d), in blocks "logits" (N×K; the responsibilities are r = softmax
// of each row) and "means" (K×d):
//
//	F = Σ r(½‖x − µ‖² + ln r).
//
// Minimised over the logits it is −Σ ln Σ exp(−½‖x − µ‖²); both blocks have an exact
// minimiser, and taking them in turn is expectation maximisation.
func mixture(x, means ad.Value) *optimizee.Problem {
	n, k := x.R, means.R
	energy := func(p optimizee.Point) ad.Value { // ½‖x − µ‖², N×K
		mu := p.At("means")
		return x.Square().SumRows().Add(mu.Square().SumRows().T()).Scale(0.5).Sub(x.MatMulT(mu))
	}
	logr := func(p optimizee.Point) ad.Value { return p.At("logits").Sub(p.At("logits").LogSumExp()) }
	return &optimizee.Problem{
		Name:  "mixture",
		Start: optimizee.Point{}.Plus("logits", ad.New(n, k, nil)).Plus("means", means),
		Value: func(p optimizee.Point) ad.Value {
			l := logr(p)
			return l.Exp().Mul(energy(p).Add(l)).Sum()
		},
		Grad: func(block string, p optimizee.Point) ad.Value {
			l := logr(p)
			r := l.Exp()
			if block == "means" { // Σ r(µ − x)
				return r.T().SumRows().Mul(p.At("means")).Sub(r.TMatMul(x))
			}
			c := r.Mul(energy(p).Add(l))
			return c.Sub(r.Mul(c.SumRows()))
		},
		Solve: func(block string, p optimizee.Point) ad.Value {
			if block == "logits" {
				return energy(p).Neg()
			}
			r := logr(p).Exp()
			return r.TMatMul(x).Div(r.T().SumRows())
		},
	}
}

// clusters draws n points in d dimensions around k centres.
func clusters(n, k, d int) ad.Value {
	x := gauss(41, n, d)
	for i := range x.Data {
		x.Data[i] += 4 * float64((i/d)%k-1)
	}
	return x
}

func TestExpectationMaximisation(t *testing.T) {
	const n, k, d = 60, 3, 2
	x, means := clusters(n, k, d), gauss(42, k, d)
	p := mixture(x, means)
	em := optim.Alternate(optim.On("logits", optim.Exact), optim.On("means", optim.Exact))
	monotone(t, "EM", p, em, 50)
	step, err := em(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := p.Start
	for iteration := range 30 {
		at = step(at)
		// the same in loops
		next, weight := ad.New(k, d, nil), make([]float64, k)
		for i := range n {
			r, sum := make([]float64, k), 0.
			for j := range k {
				var dist float64
				for c := range d {
					dist += math.Pow(x.At(i, c)-means.At(j, c), 2)
				}
				r[j] = math.Exp(-dist / 2)
				sum += r[j]
			}
			for j := range k {
				weight[j] += r[j] / sum
				for c := range d {
					next.Data[j*d+c] += r[j] / sum * x.At(i, c)
				}
			}
		}
		for j := range k {
			for c := range d {
				next.Data[j*d+c] /= weight[j]
			}
		}
		means = next
		if dist := adtest.Distance(at.At("means").Data, means.Data); !(dist <= 1e-10) {
			t.Fatalf("iteration %d: the means differ by %.2g from those of EM by hand", iteration, dist)
		}
	}
}

// alternating gives each block a learned rule of its own, in the order listed; its
// parameters lie under the name of the block.
func alternating(order []string, of map[string]learned.Optimizer) learned.Optimizer {
	return learned.Optimizer{
		Name: "learned alternation",
		Init: func(th nn.Params, rng *rand.Rand) {
			for _, b := range order {
				of[b].Init(th.Sub(b), rng)
			}
		},
		Rule: func(th nn.Params) optim.Rule {
			var rules []optim.Rule
			for _, b := range order {
				rules = append(rules, optim.On(b, of[b].Rule(th.Sub(b))))
			}
			return optim.Alternate(rules...)
		},
	}
}

func TestLearnedAlternation(t *testing.T) {
	o := alternating([]string{"U", "V"}, map[string]learned.Optimizer{
		"U": learned.PA(learned.PAConfig{}), "V": learned.RNNprop(learned.RNNpropConfig{}),
	})
	improves(t, o, completions, train.Config{Minibatches: 10, Batch: 4, Iterations: 20, Segment: 10, LR: 5e-3, Seed: 3})
	th := nn.NewParams()
	o.Init(th, optimizee.Stream(1))
	safe := optim.Guard(o.Rule(th), optim.Alternate(optim.On("U", optim.ISTA), optim.On("V", optim.ISTA)))
	monotone(t, "guarded alternation", completions(optimizee.Stream(7)), safe, 30)
}
