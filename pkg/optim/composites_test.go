package optim_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/datasets"
	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// A composite is a case of testdata/composites: a problem with its optimum by solvers in
// Python.
type composite struct {
	t        testing.TB
	Inputs   map[string]json.RawMessage
	Optimum  float64
	Solution []json.RawMessage
}

// at is an input: a number, a column or a matrix.
func (c composite) at(name string) ad.Value { return c.read(c.Inputs[name]) }

func (c composite) read(text json.RawMessage) ad.Value {
	c.t.Helper()
	var matrix [][]float64
	var column []float64
	var number float64
	switch {
	case json.Unmarshal(text, &matrix) == nil:
		return ad.FromLists(matrix)
	case json.Unmarshal(text, &column) == nil:
		return ad.Col(column...)
	}
	if err := json.Unmarshal(text, &number); err != nil {
		c.t.Fatalf("%v in %.40s", err, text)
	}
	return ad.Scalar(number)
}

func (c composite) number(name string) float64 { return c.at(name).Item() }
func (c composite) size(name string) int       { return int(c.number(name)) }

// flat is an input as one column, row after row.
func (c composite) flat(name string) ad.Value {
	v := c.at(name)
	return ad.New(v.Len(), 1, v.Data)
}

// matrix and table are the data A and b of a fit.
func (c composite) matrix(name string) linear.Operator { return linear.Dense(c.at(name)) }

func (c composite) table() (linear.Operator, ad.Value, datasets.Table) {
	c.t.Helper()
	var file, label string
	for name, to := range map[string]*string{"csv": &file, "label": &label} {
		if err := json.Unmarshal(c.Inputs[name], to); err != nil {
			c.t.Fatal(err)
		}
	}
	t, err := datasets.ReadCSV(filepath.Join("testdata", "composites", file), datasets.CSVOptions{Label: label})
	if err != nil {
		c.t.Fatal(err)
	}
	return linear.Dense(ad.New(t.Rows, t.Cols, t.X)), ad.Col(t.Y...), t
}

// A solver makes the problem and says how to solve it. Behind a comma in its name stands
// another way to the same optimum.
type solver func(c composite) (p *optimizee.Problem, r optim.Rule, steps int)

var solvers = map[string]solver{
	"elastic net": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		_, b, t := c.table()
		t = datasets.Standardize(t)
		return optimizee.LeastSquares(linear.Dense(ad.New(t.Rows, t.Cols, t.X)), b, optimizee.Intercept()).
			Plus(prox.ElasticNet(c.number("lambda"), c.number("mu"))), optim.FISTARestart, 300
	},
	"group lasso": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		a, b, t := c.table()
		groups := prox.Consecutive(slices.Repeat([]int{c.size("size")}, t.Cols/c.size("size"))...)
		return optimizee.LeastSquares(a, b).Plus(prox.Group(c.number("lambda"), groups)), optim.FISTARestart, 300
	},
	"non-negative": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		a, b, _ := c.table()
		return optimizee.LeastSquares(a, b).Plus(prox.NonNegative()), optim.FISTARestart, 1000
	},
	"simplex": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return optimizee.LeastSquares(c.matrix("A"), c.at("b")).Plus(prox.Simplex(1)), optim.FISTARestart, 1000
	},
	"box": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return optimizee.QuadraticForm(c.matrix("Q"), c.at("c")).Plus(prox.Box(0, 1)), optim.FISTARestart, 500
	},
	"deblur haar": func(c composite) (*optimizee.Problem, optim.Rule, int) { return c.deblur(linear.Haar) },
	"deblur db2":  func(c composite) (*optimizee.Problem, optim.Rule, int) { return c.deblur(linear.DB2) },
	"nuclear norm": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		var seen []int
		var values []float64
		for i, known := range c.flat("known").Data {
			if known == 1 {
				seen, values = append(seen, i), append(values, c.flat("M").Data[i])
			}
		}
		m := c.at("M")
		return optimizee.LeastSquares(linear.Mask(m.Len(), seen), ad.Col(values...)).
			Plus(prox.Nuclear(c.number("lambda"), m.R, m.C)), optim.FISTARestart, 2000
	},
	"logistic": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return c.logistic(), optim.FISTARestart, 1000
	},
	"huber": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return optimizee.HuberLoss(c.matrix("A"), c.at("b"), c.number("delta"), optimizee.Intercept()), optim.LBFGS(10), 100
	},
	"poisson": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return optimizee.PoissonLoss(c.matrix("A"), c.at("b"), optimizee.Intercept()), optim.LBFGS(10), 100
	},
	"total variation": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		b := c.at("b")
		return optimizee.LeastSquares(linear.Identity(b.R), b).
			Plus(prox.L1(c.number("lambda")), linear.Difference(b.R)), optim.CondatVu(1), 5000
	},
	"total variation 2": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		b := c.at("b")
		return optimizee.LeastSquares(linear.Identity(b.Len()), c.flat("b")).
			Plus(prox.L1(c.number("lambda")), linear.Gradient(b.R, b.C)), optim.ADMM(optim.ADMMConfig{}), 1000
	},
	"fused lasso": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return optimizee.LeastSquares(c.matrix("A"), c.at("b")).Plus(prox.L1(c.number("lambda"))).
			Plus(prox.L1(c.number("mu")), linear.Difference(c.at("A").C)), optim.ADMM(optim.ADMMConfig{}), 1000
	},
	"linear program": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		cost := prox.Sum(prox.Linear(c.at("c")), prox.NonNegative())
		return optimizee.Zero(ad.New(c.at("c").R, 1, nil)).Plus(cost).Plus(prox.Equal(c.at("b")), c.matrix("A")), optim.ChambollePock(1), 20000
	},
	"elastic net, in parts": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		_, b, t := c.table()
		t = datasets.Standardize(t)
		return optimizee.LeastSquares(linear.Dense(ad.New(t.Rows, t.Cols, t.X)), b, optimizee.Intercept()).
			Plus(prox.L1(c.number("lambda"))).Plus(prox.SquaredL2(c.number("mu"))), optim.DavisYin(1), 2000
	},
	"logistic, L not known": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		return c.logistic(), optim.FISTABacktracking(1), 1000
	},
	"total variation, its map": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		b := c.at("b")
		return optimizee.LeastSquares(linear.Identity(b.R), b).Plus(prox.TotalVariation(c.number("lambda"), b.R, 1)), optim.ISTA, 1
	},
	"fused lasso, one map": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		both := prox.Sum(prox.L1(c.number("lambda")), prox.TotalVariation(c.number("mu"), c.at("A").C, 1))
		return optimizee.LeastSquares(c.matrix("A"), c.at("b")).Plus(both), optim.FISTARestart, 1000
	},
	"linear program, two sets": func(c composite) (*optimizee.Problem, optim.Rule, int) {
		cost := prox.Sum(prox.Linear(c.at("c")), prox.NonNegative())
		return optimizee.Zero(ad.New(c.at("c").R, 1, nil)).Plus(prox.Affine(c.at("A"), c.at("b"))).Plus(cost), optim.DouglasRachford(1), 5000
	},
}

// deblur looks for the wavelet coefficients of the image.
func (c composite) deblur(w linear.Wave) (*optimizee.Problem, optim.Rule, int) {
	n := c.size("size")
	blur, wavelets := linear.Blur(n, n, c.at("kernel")), linear.Wavelet(n, n, c.size("levels"), w)
	return optimizee.LeastSquares(linear.Compose(blur, wavelets.T()), c.at("b")).Plus(prox.L1(c.number("lambda"))), optim.FISTARestart, 2000
}

func (c composite) logistic() *optimizee.Problem {
	return optimizee.LogisticLoss(c.matrix("A"), c.at("y"), optimizee.Intercept(), optimizee.Weights(c.at("weights"))).
		Plus(prox.L1(c.number("lambda")))
}

// image is the image of coefficients.
func (c composite) image(w linear.Wave) func(x ad.Value) ad.Value {
	return linear.Wavelet(c.size("size"), c.size("size"), c.size("levels"), w).Transpose
}

// composites are the problems of the file.
func composites(t *testing.T) (cases map[string]composite) {
	t.Helper()
	text, err := os.ReadFile("testdata/composites/composites.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestTwelveLines: a problem made of parts is read, solved and shown in twelve lines.
func TestTwelveLines(t *testing.T) {
	var files token.FileSet
	file, err := parser.ParseFile(&files, "example_parts_test.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			body := f.Body.List
			if n := files.Position(body[len(body)-1].End()).Line - files.Position(body[0].Pos()).Line + 1; n > 12 {
				t.Errorf("%s has %d lines", f.Name.Name, n)
			}
		}
	}
}

func TestComposites(t *testing.T) {
	cases := composites(t)
	for name := range cases {
		if solvers[name] == nil {
			t.Errorf("%s is not solved", name)
		}
	}
	for name, solve := range solvers {
		t.Run(name, func(t *testing.T) {
			name, _, _ := strings.Cut(name, ",")
			c, ok := cases[name]
			if c.t = t; !ok {
				t.Fatal("there is no such case")
			}
			p, rule, steps := solve(c)
			_, x, err := optim.Minimize(p, rule, steps, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.compare(t, name, p, x)
		})
	}
}

// compare holds F and x against the numbers of Python, and the bound against both.
func (c composite) compare(t *testing.T, name string, p *optimizee.Problem, x optimizee.Point) {
	size := math.Max(math.Abs(c.Optimum), 1e-3)
	got, v := p.Value(x).Item(), x.X()
	switch name {
	case "linear program": // x is on one side of its equations
		if miss := c.matrix("A").Apply(v).Sub(c.at("b")).SumSquares().Item(); !(miss <= 1e-16) {
			t.Errorf("‖Ax − b‖² = %g", miss)
		}
		got = v.Dot(c.at("c")).Item()
	case "deblur haar":
		v = c.image(linear.Haar)(v)
	case "deblur db2":
		v = c.image(linear.DB2)(v)
	}
	if !(math.Abs(got-c.Optimum) <= 1e-9*size) {
		t.Errorf("F = %.12g, in Python %.12g: relative difference %.1e", got, c.Optimum, (got-c.Optimum)/size)
	}
	var want []float64
	for _, part := range c.Solution {
		want = append(want, c.read(part).Data...)
	}
	top := 0.0
	for _, w := range want {
		top = math.Max(top, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(v.Data[i]-w) <= 1e-5*top) {
			t.Fatalf("x[%d] = %.9g, in Python %.9g", i, v.Data[i], w)
		}
	}
	t.Logf("F = %.12g, relative difference to Python %.1e", got, (got-c.Optimum)/size)
	if len(p.Terms) == 1 && p.Prox != nil && p.Terms[0].Conjugate != nil {
		c.certified(t, p, x, size)
	}
}

// certified: a loss and one regulariser with a conjugate have a bound, which is the optimum
// to rounding.
func (c composite) certified(t *testing.T, p *optimizee.Problem, x optimizee.Point, size float64) {
	if p.Bound == nil {
		t.Error("there is no certificate")
	} else if b := p.Bound(x); !(math.Abs(b-c.Optimum) <= 1e-9*size) {
		t.Errorf("the bound is %.12g, the optimum in Python %.12g", b, c.Optimum)
	}
}
