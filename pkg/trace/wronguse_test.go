package trace_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/internal/par"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/neural"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
)

// TestWrongUse: what is nil, zero, empty or of a wrong size gives an error, an answer or a
// panic that has a name, never one of the runtime.
func TestWrongUse(t *testing.T) {
	var z ad.Value
	e := ad.New(0, 0, nil)
	m := ad.New(3, 2, []float64{1, 2, 3, 4, 5, 7})
	b := ad.Col(1, 2, 3)
	lasso := optimizee.Lasso(m, b, 0.1)
	ctx := t.Context()
	const huge = 1 << 61
	chk := func(p *optimizee.Problem) any {
		if p.Err != nil {
			return p.Err
		}
		v, _, err := optim.Minimize(p, optim.FISTA, 2, nil)
		return fmt.Sprint(v, err)
	}
	for name, f := range map[string]func() any{
		"lasso zero A":        func() any { return chk(optimizee.Lasso(z, b, 1)) },
		"lasso zero b":        func() any { return chk(optimizee.Lasso(m, z, 1)) },
		"lasso empty":         func() any { return chk(optimizee.Lasso(e, e, 1)) },
		"lasso mismatch":      func() any { return chk(optimizee.Lasso(m, ad.Col(1, 2), 1)) },
		"lasso nan λ":         func() any { return chk(optimizee.Lasso(m, b, math.NaN())) },
		"lasso neg λ":         func() any { return chk(optimizee.Lasso(m, b, -1)) },
		"logistic zero":       func() any { return chk(optimizee.Logistic(z, z, 1)) },
		"softmax zero":        func() any { return chk(optimizee.Softmax(z, z, 3, 1)) },
		"softmax 0 classes":   func() any { return chk(optimizee.Softmax(m, ad.Col(0, 0, 0), 0, 1)) },
		"softmax neg classes": func() any { return chk(optimizee.Softmax(m, ad.Col(0, 0, 0), -3, 1)) },
		"quadratic zero":      func() any { return chk(optimizee.Quadratic(z, z)) },
		"quadform zero c":     func() any { return chk(optimizee.QuadraticForm(linear.Dense(m), z)) },
		"quadform zero op":    func() any { return chk(optimizee.QuadraticForm(linear.Operator{}, z)) },
		"ls zero op":          func() any { return chk(optimizee.LeastSquares(linear.Operator{}, b)) },
		"ls weights zero":     func() any { return chk(optimizee.LeastSquares(linear.Dense(m), b, optimizee.Weights(ad.Col(1)))) },
		"ls nil opt":          func() any { return chk(optimizee.LeastSquares(linear.Dense(m), b, nil)) },
		"huber zero":          func() any { return chk(optimizee.HuberLoss(linear.Dense(m), z, 1)) },
		"huber nan":           func() any { return chk(optimizee.HuberLoss(linear.Dense(m), b, math.NaN())) },
		"poisson zero":        func() any { return chk(optimizee.PoissonLoss(linear.Dense(m), z)) },
		"norm1 zero":          func() any { return chk(optimizee.Norm1(z, z)) },
		"Of zero loss":        func() any { return chk(optimizee.Of(optimizee.Loss{}, linear.Dense(m))) },
		"plus zero reg":       func() any { return chk(optimizee.LeastSquares(linear.Dense(m), b).Plus(prox.Regulariser{})) },
		"plus op err":         func() any { return chk(optimizee.LeastSquares(linear.Dense(m), b).Plus(prox.L1(1), linear.Dense(z))) },
		"plus op shape": func() any {
			return chk(optimizee.LeastSquares(linear.Dense(m), b).Plus(prox.L1(1), linear.Identity(7)))
		},
		"plus none":  func() any { return chk(optimizee.LeastSquares(linear.Dense(m), b).Plus(prox.None())) },
		"zero start": func() any { return chk(optimizee.Zero(z)) },
		"zero prob":  func() any { return chk(&optimizee.Problem{}) },
		"nil prob check": func() any {
			var p *optimizee.Problem
			return p.Check()
		},
		"nil prob need": func() any {
			var p *optimizee.Problem
			return p.Need("x", "Grad")
		},
		"nil prob string": func() any {
			var p *optimizee.Problem
			return p.String()
		},
		"nil ISTA": func() any {
			_, err := optim.ISTA(nil, nil)
			return err
		},
		"nil GD": func() any {
			_, err := optim.GD(optim.Fixed(1))(nil, nil)
			return err
		},
		"nil On": func() any {
			_, err := optim.On("x", nil)(lasso, nil)
			return err
		},
		"nil Guard": func() any {
			_, err := optim.Guard(optim.ISTA, nil)(lasso, nil)
			return err
		},
		"nil Alternate": func() any {
			_, err := optim.Alternate(nil, optim.ISTA)(lasso, nil)
			return err
		},
		"nil Repeat": func() any {
			_, err := optim.Repeat(2, nil)(lasso, nil)
			return err
		},
		"nil Restart": func() any {
			_, err := optim.Restart(nil)(lasso, nil)
			return err
		},
		"nil Then": func() any {
			_, err := optim.Then(nil, 2, optim.ISTA)(lasso, nil)
			return err
		},
		"nil From": func() any {
			_, err := optim.From(nil, optim.ISTA)(lasso, nil)
			return err
		},
		"nil BestOf": func() any {
			_, err := optim.BestOf(2, nil)(lasso, nil)
			return err
		},
		"nil Relax": func() any {
			_, err := optim.Relax(1, nil)(lasso, nil)
			return err
		},
		"nil WithStep": func() any {
			_, err := optim.WithStep(1, nil)(lasso, nil)
			return err
		},
		"nil Scheme18": func() any {
			_, err := optim.Scheme18(nil)(lasso, nil)
			return err
		},
		"nil WithLambda": func() any {
			_, err := sparse.WithLambda(1, nil)(lasso, nil)
			return err
		},
		"redraw nil rng": func() any {
			_, err := optim.Redraw(lasso, nil)
			return err
		},
		"draw lasso":     func() any { return chk(optimizee.SmallLasso.Draw(nil)) },
		"draw log":       func() any { return chk(optimizee.SmallLogistic.Draw(nil)) },
		"draw quad":      func() any { return chk(optimizee.QuadraticSpec{Rows: 2, Cols: 2}.Draw(nil)) },
		"draw norm1":     func() any { return chk(optimizee.Norm1Spec{N: 2}.Draw(nil)) },
		"draw rec":       func() any { return chk(sparse.SmallRecovery.Draw(nil)) },
		"draw compl":     func() any { return chk(completion.Paper.Draw(nil)) },
		"draw mix":       func() any { return chk(mixture.Paper.Draw(nil)) },
		"draw flower":    func() any { return chk(mixture.PaperFlower.Draw(nil)) },
		"draw fig3":      func() any { return chk(mixture.Fig3(20).Draw(nil)) },
		"draw coding":    func() any { return chk(sparse.NewCoding("c", m, b, 1).Draw(nil)) },
		"draw neural":    func() any { return chk(neural.Family{}.Draw(nil)) },
		"draw conv":      func() any { return chk(neural.Family{Network: neural.ConvNet{}}.Draw(nil)) },
		"draw mlp":       func() any { return chk(neural.Family{Network: neural.MLP{}, Fresh: true}.Draw(nil)) },
		"no network":     func() any { return chk(neural.Problem(nil, ad.Value{}, ad.Value{}, ad.Value{})) },
		"coding at":      func() any { return chk(sparse.NewCoding("c", m, b, 1).At(5)) },
		"coding at neg":  func() any { return chk(sparse.NewCoding("c", m, b, 1).At(-1)) },
		"only nil":       func() any { return chk(optimizee.Only(nil).Draw(nil)) },
		"familyfunc nil": func() any { return chk(optimizee.FamilyFunc("x", nil).Draw(nil)) },
		"familyfunc nil problem": func() any {
			_, err := trace.RaceFamily(ctx, nilFamily(), trace.Config{Problems: 1, Steps: 1}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"changed nil": func() any { return optimizee.Changed(nil, "x", nil).String() },
		"gauss nil":   func() any { return optimizee.Gaussian(nil, 2, 2) },
		"unif nil":    func() any { return optimizee.Uniform(nil, 2, 2) },
		"gauss neg":   func() any { return optimizee.Gaussian(optimizee.Stream(1), -2, 2) },
		"ksvd nil rng": func() any {
			_, err := sparse.KSVD(m, sparse.KSVDConfig{Atoms: 2, Nonzeros: 1, Iterations: 1}, nil)
			return err
		},
		"ksvd zero": func() any {
			_, err := sparse.KSVD(z, sparse.KSVDConfig{Atoms: 2, Nonzeros: 1, Iterations: 1}, optimizee.Stream(1))
			return err
		},
		"omp zero":   func() any { return sparse.OMP(z, z, 1) },
		"omp zero y": func() any { return sparse.OMP(m, z, 1) },
		"analytic zero": func() any {
			_, err := sparse.AnalyticWeights(z)
			return err
		},
		"normalise":      func() any { return sparse.NormaliseWeights(m, z) },
		"coherence z":    func() any { return sparse.Coherence(z, z) },
		"dict zero":      func() any { return sparse.NewDictionary(z).Err() },
		"dict draw huge": func() any { return sparse.DrawDictionary(-1, 5, 1).Err() },
		"dict nil": func() any {
			var d *sparse.Dictionary
			return d.Err()
		},
		"nmse z":         func() any { return sparse.NMSE(z, z) },
		"recov of z":     func() any { return chk(sparse.SmallRecovery.Of(z)) },
		"recov nil dict": func() any { return chk(sparse.Recovery{}.Draw(optimizee.Stream(1))) },
		"recov nil str":  func() any { return sparse.Recovery{}.String() },
		"split nil": func() any {
			k, _ := completion.Observed{Rows: 1, Cols: 2, Row: []int{0, 0}, Col: []int{0, 1}, Value: []float64{1, 2}}.Split(0.5, nil)
			return k
		},
		"split none": func() any {
			k, _ := completion.Observed{}.Split(0.5, optimizee.Stream(1))
			return k
		},
		"rms shape": func() any {
			return completion.Observed{Rows: 1, Cols: 1, Row: []int{3}, Col: []int{0}, Value: []float64{1}}.RMS(optimizee.Point{}.Plus("U", m).Plus("V", m))
		},
		"compl lens": func() any {
			return chk(completion.Problem(completion.Observed{Rows: 2, Cols: 2, Row: []int{0}, Value: []float64{1, 2}}, completion.Config{P: 1}))
		},
		"mix zero":         func() any { return chk(mixture.Problem(z, mixture.Config{K: 1})) },
		"mix K neg":        func() any { return chk(mixture.Problem(m, mixture.Config{K: -1})) },
		"mix cov zero":     func() any { return chk(mixture.Problem(m, mixture.Config{K: 1, Cov: []ad.Value{z}})) },
		"mix cov str":      func() any { return mixture.Covariance(17).String() },
		"mix fit nolabels": func() any { return mixture.Fit{}.Labels() },
		"select nil rng": func() any {
			_, _, err := mixture.Select(m, mixture.Config{Covariance: mixture.Full}, mixture.Search{}, nil)
			return err
		},
		"select zero": func() any {
			_, _, err := mixture.Select(z, mixture.Config{Covariance: mixture.Full}, mixture.Search{}, optimizee.Stream(1))
			return err
		},
		"race nil": func() any {
			_, err := trace.Race(nil, trace.Config{Steps: 1}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"race zero": func() any {
			_, err := trace.Race(&optimizee.Problem{}, trace.Config{Steps: 1}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"certified nil": func() any {
			_, err := trace.Certified(nil, 1e-3)
			return err
		},
		"certified nan": func() any {
			_, err := trace.Certified(lasso, math.NaN())
			return err
		},
		"minimiser nil": func() any {
			_, _, err := trace.Minimiser(nil)
			return err
		},
		"minimize nil": func() any {
			_, _, err := optim.Minimize(nil, nil, 3, nil)
			return err
		},
		"path nil": func() any {
			_, err := trace.Path(nil, nil, 3, nil)
			return err
		},
		"path nil rule": func() any {
			_, err := trace.Path(lasso, nil, 3, nil)
			return err
		},
		"fixed nil": func() any {
			_, err := trace.FixedPoints(ctx, nil, trace.Config{Problems: 1}, []int{1}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"search zero": func() any {
			_, err := trace.Search{}.Run(ctx)
			return err
		},
		"search nil": func() any {
			_, err := trace.Search{Config: trace.Config{Problems: 1, Steps: 1}, By: trace.LowestMean()}.Run(ctx)
			return err
		},
		"search key":   func() any { return trace.Search{}.Key() },
		"tuning entry": func() any { return trace.Tuning{}.Entry("x").Name },
		"lowestat": func() any {
			_, err := trace.Search{Family: optimizee.SmallLasso, Config: trace.Config{Problems: 1, Steps: 1}, By: trace.LowestAt(5), Rule: trace.TwoConstants, Over: []trace.Range{trace.Values("a", 1), trace.Values("b", 0)}}.Run(ctx)
			return err
		},
		"results zero":   func() any { return (&trace.Results{}).Note() + (&trace.Results{}).Table().String() },
		"results mean":   func() any { return (&trace.Results{}).Mean("x", 0) },
		"across none":    func() any { return trace.Across(trace.Column{}, nil) },
		"table ragged":   func() any { return trace.Table{Header: []string{"a"}, Rows: [][]string{{"1", "2"}, {}}}.String() },
		"summary ragged": func() any { return trace.Summary("x", [][]float64{{1, 2}, {1}}) },
		"band ragged":    func() any { return trace.Band("x", []float64{1, 2}, [][]float64{{1}}) },
		"quantile":       func() any { return trace.Quantile([]float64{1, 2}, 7) },
		"quantile neg":   func() any { return trace.Quantile([]float64{1, 2}, -1) },
		"quantile nan":   func() any { return trace.Quantile([]float64{1, 2}, math.NaN()) },
		"grid neg":       func() any { return trace.Grid(0, 1, -1, false) },
		"grid 1":         func() any { return trace.Grid(0, 1, 1, true) },
		"lin neg":        func() any { return trace.Lin("x", 0, 1, -2) },
		"tunedadam": func() any {
			_, err := trace.TunedAdam([]float64{1, 2, 3, 4})(lasso, nil)
			return err
		},
		"tunedadamhd": func() any {
			_, err := trace.TunedAdamHD([]float64{1})(lasso, nil)
			return err
		},
		"twoconst": func() any {
			_, err := trace.TwoConstants([]float64{1})(lasso, nil)
			return err
		},
		"func nil": func() any { return trace.Function("x", []float64{1}, nil) },
		"measure nil": func() any {
			_, err := trace.Race(lasso, trace.Config{Steps: 1, Measure: trace.Measure{Name: "x"}}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"distance nil": func() any {
			_, err := trace.Race(lasso, trace.Config{Steps: 1, Measure: trace.DistanceTo(nil)}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"point zero x":     func() any { return optimizee.Point{}.X() },
		"point at":         func() any { return optimizee.X(b).At("y") },
		"point dot":        func() any { return optimizee.X(b).Dot(optimizee.X(m)) },
		"linear dense z":   func() any { return linear.Dense(z).Apply(b) },
		"linear op z":      func() any { return linear.Operator{}.Apply(b) },
		"linear apply z":   func() any { return linear.Dense(m).Apply(z) },
		"linear diag":      func() any { return linear.Diagonal(nil).Apply(b) },
		"linear mask":      func() any { return linear.Mask(3, []int{7}).Err },
		"linear id":        func() any { return linear.Identity(-2).Err },
		"linear blur":      func() any { return linear.Blur(-1, 3, z).Err },
		"linear grad":      func() any { return linear.Gradient(0, 0).Err },
		"linear diff":      func() any { return linear.Difference(0).Err },
		"linear wave":      func() any { return linear.Wavelet(3, 5, 2, linear.Haar).Err },
		"linear trip":      func() any { return linear.Triplets(2, 2, []int{5}, []int{0}, []float64{1}).Err },
		"linear csr":       func() any { return linear.CSR(2, 2, []int{0, 5}, []int{0}, []float64{1}).Err },
		"linear stack0":    func() any { return linear.Stack().Err },
		"linear beside0":   func() any { return linear.Beside().Err },
		"linear scale":     func() any { return linear.Operator{}.Scale(2).Err },
		"linear func nil":  func() any { return linear.Func(2, 2, nil, nil).Err },
		"linear check":     func() any { return linear.Check(linear.Operator{}) },
		"spectral z":       func() any { return linear.SpectralNorm(z) },
		"prox l1 z":        func() any { return prox.L1(1).Prox(z, ad.Scalar(1)) },
		"prox l1 zstep":    func() any { return prox.L1(1).Prox(b, z) },
		"prox group":       func() any { return prox.Group(1, [][]int{{7}}).Prox(b, ad.Scalar(1)) },
		"prox group nil":   func() any { return prox.Group(1, nil).Err },
		"prox cons":        func() any { return prox.Consecutive(-1) },
		"prox w":           func() any { return prox.WeightedL1(z).Err },
		"prox boxeach":     func() any { return prox.BoxEach(z, z).Err },
		"prox eq":          func() any { return prox.Equal(z).Err },
		"prox aff":         func() any { return prox.Affine(z, z).Err },
		"prox nuc":         func() any { return prox.Nuclear(1, 5, 5).Prox(b, ad.Scalar(1)) },
		"prox tv":          func() any { return prox.TotalVariation(1, -1, 2).Err },
		"prox half":        func() any { return prox.Halfspace(z, 1).Err },
		"prox sqd":         func() any { return prox.SquaredDistance(linear.Operator{}, z).Err },
		"prox rows":        func() any { return prox.L1(1).Rows(5, 2).Err },
		"prox simplex neg": func() any { return prox.Simplex(-1).Err },
		"prox soft z":      func() any { return prox.Soft(z, z) },
		"prox lin":         func() any { return prox.Linear(z).Err },
		"prox pairs":       func() any { return prox.Pairs(-3) },
		"estimate nil":     func() any { return optimizee.EstimateLipschitz(nil) },
		"smooth nil":       func() any { return optimizee.Smooth(nil) },
		"count nil": func() any {
			p, _ := optimizee.Count(nil)
			return p
		},
		"inunits nil":    func() any { return optimizee.InUnits(nil, 1) },
		"withlip nil":    func() any { return optimizee.WithLipschitz(nil, 1) },
		"publishedL nil": func() any { return optimizee.PublishedL(nil) },
		"admm": func() any {
			_, err := optim.ADMM(optim.ADMMConfig{Rho: -1})(lasso, nil)
			return err
		},
		"lbfgs": func() any {
			_, err := optim.LBFGS(-1)(lasso, nil)
			return err
		},
		"unfolded z": func() any {
			p := completion.SmallCompletion.Draw(optimizee.Stream(1))
			s, err := completion.Unfolded([]completion.Layer{{}})(p, nil)
			if err != nil {
				return err
			}
			return s(p.Start)
		},
		"nil context": func() any {
			var none context.Context
			_, err := trace.RaceContext(none, lasso, trace.Config{Steps: 1}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"race steps huge": func() any {
			_, err := trace.Race(lasso, trace.Config{Steps: huge}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"race problems huge": func() any {
			_, err := trace.RaceFamily(ctx, optimizee.Only(lasso), trace.Config{Steps: 1, Problems: huge}, trace.Entry{Name: "x", Rule: optim.ISTA})
			return err
		},
		"linear blur huge": func() any { return linear.Blur(1<<32, 1<<32, m).Err },
		"linear grad huge": func() any { return linear.Gradient(1<<32, 1<<32).Err },
		"linear wave huge": func() any { return linear.Wavelet(1<<32, 1<<32, 1, linear.Haar).Err },
		"linear func huge": func() any { return linear.Func(huge, huge, func(_, _ []float64) {}, func(_, _ []float64) {}).Err },
		"completion huge": func() any {
			return chk(completion.Problem(completion.Observed{Rows: huge, Cols: 1, Row: []int{0}, Col: []int{0}, Value: []float64{1}}, completion.Config{P: 1}))
		},
		"recovery huge": func() any {
			return chk(sparse.Recovery{Dictionary: sparse.DrawDictionary(2, 3, 1), Columns: huge}.Draw(optimizee.Stream(1)))
		},
		"mixture huge": func() any {
			return chk(mixture.Family{Points: huge, Dim: 2, Components: 1, Sigma: 1}.Draw(optimizee.Stream(1)))
		},
		"steps nil": func() any {
			for range optim.Steps(nil, optimizee.X(b)) {
				return "first"
			}
			return nil
		},
	} {
		func() {
			defer func() {
				r := recover()
				if p, ok := r.(*par.PanicError); ok {
					r = p.Value
				}
				if err, ok := r.(runtime.Error); ok {
					t.Errorf("%s: %v", name, err)
				}
			}()
			if got := f(); got == nil {
				t.Errorf("%s is taken", name)
			}
		}()
	}
}

func nilFamily() optimizee.Family {
	return optimizee.FamilyFunc("nil", func(*rand.Rand) *optimizee.Problem { return nil })
}
