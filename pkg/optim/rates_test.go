package optim_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/trace"
)

// optimum returns a minimiser and a proven lower bound on F.
func optimum(t *testing.T, p *optimizee.Problem) (x optimizee.Point, lower float64) {
	t.Helper()
	o, err := trace.Certified(p, 1e-13)
	if err != nil {
		t.Fatal(err)
	}
	if rel := o.Certificate / math.Abs(o.F); !(rel <= 1e-10) {
		t.Fatalf("%s: F = %.12g is certified to %.2g only", p.Name, o.F, rel)
	}
	_, x, err = optim.Minimize(p, optim.FISTARestart, 5000, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x, o.F - o.Certificate
}

// TestRates holds the methods against the bounds that their papers prove, at every
// step up to 500, from a start away from the minimum.
func TestRates(t *testing.T) {
	draw := func(f optimizee.Family, seed uint64) *optimizee.Problem { return f.Draw(optimizee.Stream(seed)) }
	sublinear := func(l, r2 float64, k int) float64 { return l * r2 / (2 * float64(k)) }
	quadratically := func(l, r2 float64, k int) float64 { return 2 * l * r2 / float64((k+1)*(k+1)) }
	gd, nag := optim.GD(optim.InverseLipschitz), optim.NAG(optim.InverseLipschitz)
	for _, p := range []*optimizee.Problem{
		draw(optimizee.QuadraticSpec{Rows: 40, Cols: 30}, 1), draw(optimizee.SmallLasso, 2), lasso(),
		draw(optimizee.SmallLogistic, 3), logistic(),
	} {
		best, lower := optimum(t, p)
		for name, c := range map[string]struct {
			rule   optim.Rule
			bound  func(l, r2 float64, k int) float64
			smooth bool // for F without r
		}{
			"GD": {gd, sublinear, true}, "NAG": {nag, quadratically, true},
			"ISTA": {optim.ISTA, sublinear, false}, "FISTA": {optim.FISTA, quadratically, false},
		} {
			if c.smooth && p.Name != "quadratic" {
				continue
			}
			for _, from := range []optimizee.Point{p.Start, p.Start.Map(func(_ string, v ad.Value) ad.Value { return v.Shift(1) })} {
				q := *p
				q.Start = from
				l, r := p.Lipschitz("x", from), from.Sub(best)
				f, _, err := optim.Minimize(&q, c.rule, 500, nil)
				if err != nil {
					t.Fatal(err)
				}
				for k := 1; k <= 500; k++ {
					if gap, bound := f[k]-lower, c.bound(l, r.Dot(r), k); !(gap <= bound*(1+1e-9)+1e-12*math.Abs(lower)) {
						t.Errorf("%s on %s: the gap after %d steps is %.6g, proven is %.6g", name, p.Name, k, gap, bound)
						break
					}
				}
			}
		}
	}
}

// TestLinearRate: on a strongly convex problem a step of 1/L takes ‖x − x*‖² by at
// least 1 − µ/L, for GD and ISTA alike.
func TestLinearRate(t *testing.T) {
	a := gauss(21, 30, 10)
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(a.R, a.C, a.Data), mat.SVDNone) {
		t.Fatal("no singular values")
	}
	mu := math.Pow(svd.Values(nil)[9], 2)
	for name, c := range map[string]struct {
		p *optimizee.Problem
		r optim.Rule
	}{
		"GD":   {optimizee.Quadratic(a, gauss(22, 30, 1)), optim.GD(optim.InverseLipschitz)},
		"ISTA": {optimizee.Lasso(a, gauss(22, 30, 1), 0.5), optim.ISTA},
	} {
		best, _ := optimum(t, c.p)
		s, err := c.r(c.p, nil)
		if err != nil {
			t.Fatal(err)
		}
		shrink := 1 - mu/c.p.Lipschitz("x", best)
		x := c.p.Start
		before := x.Sub(best)
		bound := before.Dot(before)
		for k := 1; k <= 500 && bound > 1e-20; k++ {
			x = s(x)
			bound *= shrink
			if d := x.Sub(best); !(d.Dot(d) <= bound*(1+1e-9)+1e-22) {
				t.Fatalf("%s: after %d steps ‖x − x*‖² is %.6g, proven is %.6g", name, k, d.Dot(d), bound)
			}
		}
	}
}

// TestRestartIsFaster: with restarts FISTA reaches a relative gap of 1e-12 far sooner
// (O'Donoghue and Candès 2015, Figure 1).
func TestRestartIsFaster(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(seed))
		o, err := trace.Certified(p, 1e-14)
		if err != nil {
			t.Fatal(err)
		}
		first := map[string]int{}
		for name, r := range map[string]optim.Rule{"FISTA": optim.FISTA, "restarted": optim.FISTARestart} {
			const most = 5000
			f, _, err := optim.Minimize(p, r, most, nil)
			if err != nil {
				t.Fatal(err)
			}
			first[name] = most
			for k := most; k >= 0 && o.Relative(f[k]) <= 1e-12; k-- { // for good
				first[name] = k
			}
		}
		t.Logf("problem %d: a relative gap of 1e-12 from step %d on, with restarts from %d on", seed, first["FISTA"], first["restarted"])
		if 2*first["restarted"] > first["FISTA"] {
			t.Errorf("problem %d: restarts take %d steps, FISTA %d", seed, first["restarted"], first["FISTA"])
		}
	}
}
