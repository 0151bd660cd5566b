package pkg_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/completion"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/mixture"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/optimizee/problemtest"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/sparse"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/train"
	"github.com/l2olab/l2o/pkg/weights"
)

// The code of the README and of the pages in .github.

func inTenLines(ctx context.Context) {
	pa, err := weights.Load("l2opa-lasso-20x40") // ships with the module, trained on a family of Lasso problems
	if err != nil {
		log.Fatal(err)
	}
	race, err := trace.RaceFamily(ctx, optimizee.SmallLasso, trace.Config{Problems: 64, Steps: 100, Seed: 1},
		trace.Entry{Name: "FISTA", Rule: optim.FISTA},
		trace.Entry{Name: "L2O-PA", Rule: pa.Rule()},
		trace.Entry{Name: "guarded", Rule: optim.Guard(pa.Rule(), optim.ISTA)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(race.Table(trace.After(5, 20, 100))) // gaps to optima that a duality gap certifies
}

func recovered() (alista16, fista16 float64) {
	alista, err := weights.Load("alista-recovery-250x500")
	if err != nil {
		log.Fatal(err)
	}
	p := sparse.TalkRecovery.Draw(optimizee.Stream(1)) // 64 signals of 500 entries, its Truth, and 250 measurements of each
	_, x, err := optim.Minimize(p, alista.Rule(), 16, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sparse.NMSE(x.X(), p.Truth.X())) // −65 dB; optim.FISTA has −10
	_, classic, err := optim.Minimize(p, optim.FISTA, 16, nil)
	if err != nil {
		log.Fatal(err)
	}
	return sparse.NMSE(x.X(), p.Truth.X()), sparse.NMSE(classic.X(), p.Truth.X())
}

func lasso(a, b ad.Value, lambda float64) (*trace.Results, error) {
	pa, err := weights.Load("l2opa-lasso-250x500") // columns of length 1, λ = 0.1: scale a and b to come close
	if err != nil {
		return nil, err
	}
	p := optimizee.Lasso(a, b, lambda)
	fmt.Println(pa.Outside(p)) // the differences that it can see, or nil
	return trace.Race(p, trace.Config{Steps: 100}, trace.Entry{Name: "restarted FISTA", Rule: optim.FISTARestart},
		trace.Entry{Name: "L2O-PA, guarded", Rule: optim.Guard(pa.Rule(), optim.ISTA)})
}

func complete(known datasets.Entries, rank int) (ad.Value, error) {
	p := completion.Problem(completion.Observed(known), completion.Config{P: rank}) // ALSHeldOut chooses λ
	_, x, err := optim.Minimize(p, completion.ALSHeldOut(completion.HeldOutConfig{}), 60, optimizee.Stream(1))
	if err != nil {
		return ad.Value{}, err
	}
	return x.At("U").MatMulT(x.At("V")), nil
}

func cluster(t datasets.Table) ([]int, error) { // the cluster of each point, their number chosen by BIC
	points, form := ad.New(t.Rows, t.Cols, t.X), mixture.Config{Covariance: mixture.Full}
	best, all, err := mixture.Select(points, form, mixture.Search{From: 1, To: 6}, optimizee.Stream(1))
	if err != nil {
		return nil, err
	}
	for _, fit := range all {
		fmt.Println(fit) // on iris: K = 3: log-likelihood -180.185, 44 parameters, BIC 580.839, AIC 448.371
	}
	return best.Labels(), nil
}

func elasticNet(file, label string, l1, l2 float64) (ad.Value, error) { // ½‖Ax + c − b‖² + λ₁‖x‖₁ + λ₂/2·‖x‖², c is the last row
	t, err := datasets.ReadCSV(file, datasets.CSVOptions{Label: label})
	if err != nil {
		return ad.Value{}, err
	}
	t = datasets.Standardize(t) // t.Unscale takes x back to the units of the file
	a, b := linear.Dense(ad.New(t.Rows, t.Cols, t.X)), ad.Col(t.Y...)
	p := optimizee.LeastSquares(a, b, optimizee.Intercept()).Plus(prox.ElasticNet(l1, l2))
	_, x, err := optim.Minimize(p, optim.FISTARestart, 300, nil) // p.Value(x).Item() - p.Bound(x) bounds F(x) − min F
	if err != nil {
		return ad.Value{}, err
	}
	return x.X(), nil
}

func Ridge(a, b ad.Value, mu float64) *optimizee.Problem {
	residual := func(x optimizee.Point) ad.Value { return a.MatMul(x.X()).Sub(b) }
	return &optimizee.Problem{
		Name:  "ridge",
		Start: optimizee.X(ad.New(a.C, 1, nil)),
		Value: func(x optimizee.Point) ad.Value {
			return residual(x).SumSquares().Add(x.X().SumSquares().Scale(mu)).Scale(0.5)
		},
		Grad: func(_ string, x optimizee.Point) ad.Value {
			return a.TMatMul(residual(x)).Add(x.X().Scale(mu))
		},
	}
}

func HeavyBall(lr, beta float64) optim.Rule {
	return func(p *optimizee.Problem, _ *rand.Rand) (optim.Step, error) {
		return optim.Remember(func(prev optimizee.Point) optim.Step { // called where a path starts
			return func(x optimizee.Point) optimizee.Point {
				next := x.Sub(p.Gradient(x).Scale(lr)).Add(x.Sub(prev).Scale(beta))
				prev = x
				return next
			}
		}), p.Need("heavy ball", "Grad")
	}
}

// The code of the front page and of the pages behind it is compiled here.
func TestReadme(t *testing.T) {
	self, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../.github/*.md")
	if err != nil {
		t.Fatal(err)
	}
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	n := 0
	for _, page := range append(pages, "../README.md", "../notebooks/README.md", "../notebooks/notation.md", "../notebooks/glossary.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range strings.Split(string(text), "```go\n")[1:] {
			n++
			code, _, _ := strings.Cut(b, "```")
			if !strings.Contains(flat(string(self)), flat(code)) {
				t.Errorf("this code of %s is not in example_test.go, where it would be compiled:\n%s", page, code)
			}
		}
		if lines := strings.Count(string(text), "\n"); page == "../README.md" && lines > 130 {
			t.Errorf("the front page has %d lines, more than 130: move what is long to a page of its own", lines)
		}
	}
	if n < 8 {
		t.Fatalf("%d blocks of Go in the README and its pages", n)
	}
}

// The table of packages has all of them.
func TestReadmePackages(t *testing.T) {
	table, err := os.ReadFile("../.github/LIBRARY.md")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.IsDir() && d.Name() != "internal" && d.Name() != "atomicfile" && !strings.Contains(string(table), "`pkg/"+d.Name()+"`") {
			t.Errorf(".github/LIBRARY.md does not say what pkg/%s holds", d.Name())
		}
	}
}

func TestReadmeCode(t *testing.T) {
	inTenLines(t.Context())
	if alista, fista := recovered(); alista > -60 || fista < -12 || fista > -8 {
		t.Errorf("NMSE %.1f dB, and %.1f of FISTA, where the README says −65 and −10", alista, fista)
	}
	rng := optimizee.Stream(1)
	a, b := ad.New(30, 60, nil), ad.New(30, 1, nil)
	for _, v := range []ad.Value{a, b} {
		for i := range v.Data {
			v.Data[i] = rng.NormFloat64()
		}
	}
	if res, err := lasso(a, b, 0.5); err != nil || !(res.Mean("L2O-PA, guarded", 100) < res.Mean("L2O-PA, guarded", 0)/10) {
		t.Errorf("your own Lasso: %v, %v", res, err)
	}
	full, err := complete(datasets.Entries{Rows: 3, Cols: 3, Row: []int{0, 0, 1, 1, 1, 2, 2}, Col: []int{0, 2, 0, 1, 2, 1, 2}, Value: []float64{1, 3, 2, 4, 6, 6, 9}}, 2)
	if err != nil || math.Abs(full.Data[1]-2) > 0.2 || math.Abs(full.Data[6]-3) > 0.2 {
		t.Errorf("a matrix of rank 1 is completed to %v, %v", full.Data, err)
	}
	iris, err := datasets.ReadCSV("mixture/testdata/iris.csv", datasets.CSVOptions{Label: "species"})
	if err != nil {
		t.Fatal(err)
	}
	labels, err := cluster(iris)
	if err != nil || labels[0] != labels[49] || labels[0] == labels[50] || labels[50] != labels[149] {
		t.Errorf("the irises are in clusters %v, %v", labels, err)
	}
	net, err := elasticNet("optim/testdata/composites/diabetes.csv", "progression", 2000, 100)
	if err != nil || math.Abs(net.At(2, 0)-20.3176539786) > 1e-6 || math.Abs(net.At(10, 0)-152.1334841629) > 1e-6 {
		t.Errorf("the elastic net of scikit-learn is %v, %v", net, err)
	}
	p := Ridge(ad.New(3, 2, []float64{1, 2, 3, 4, 5, 7}), ad.Col(1, 0, 2), 0.1)
	problemtest.Run(t, p)
	race, err := trace.Race(p, trace.Config{Steps: 100}, append(trace.Classics(), trace.Entry{Name: "mine", Rule: HeavyBall(0.01, 0.5)})...)
	if err != nil {
		t.Fatal(err)
	}
	if len(race.Refused) == 0 || race.Mean("mine", 100) > race.Mean("mine", 10)/2 {
		t.Errorf("refused %v, gap of the README's rule %g", race.Refused, race.Mean("mine", 100))
	}
	if testing.Short() {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the README's training takes minutes: this only shows that it starts
	result, err := train.Run(ctx, learned.PA(learned.PAConfig{}), optimizee.SmallLasso, train.Paper)
	if err == nil || result.Minibatches != 0 {
		t.Error("a cancelled training went on")
	}
}
