package optim_test

import (
	"math"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// watchProx is p whose i-th term tells what its proximal map is asked and answers.
func watchProx(p *optimizee.Problem, i int, told func(v, step, out ad.Value)) *optimizee.Problem {
	q := *p
	q.Terms = append([]optimizee.Term(nil), p.Terms...)
	q.Terms[i].Prox = func(v, step ad.Value) ad.Value {
		out := p.Terms[i].Prox(v, step)
		told(v, step, out)
		return out
	}
	return &q
}

// fixedPoints are z⁰, z¹, … of a rule that asks its first term for prox(z).
func fixedPoints(t *testing.T, p *optimizee.Problem, r optim.Rule, n int) (z []ad.Value) {
	t.Helper()
	run(t, watchProx(p, 0, func(v, _, _ ad.Value) { z = append(z, v) }), r, n)
	return z
}

func apartFrom(a, b ad.Value) float64 { return a.Sub(b).SumSquares().Item() }

// TestFixedPointRates: z ↦ z⁺ of Douglas–Rachford and Davis–Yin is averaged with
// α = 2/(4 − s), s = 0 without f, so that ‖z_{k+1} − z_k‖² never rises and is at most
// α/(1 − α)·‖z₀ − z*‖²/(k + 1) (Davis and Yin 2017, Theorem 3.1).
func TestFixedPointRates(t *testing.T) {
	for name, c := range map[string]struct {
		p *optimizee.Problem
		r optim.Rule
		s float64
	}{
		"Douglas–Rachford":    {apart, optim.DouglasRachford(0.4), 0},
		"Davis–Yin, s = 1":    {bounded, optim.DavisYin(1), 1},
		"Davis–Yin, s = 1.9":  {bounded, optim.DavisYin(1.9), 1.9},
		"Davis–Yin without f": {apart, optim.DavisYin(0.4), 0},
		"Davis–Yin, least r₁": {fit().Plus(prox.L1(0.2)), optim.DavisYin(1.5), 1.5},
	} {
		const most = 4000
		z := fixedPoints(t, c.p, c.r, most)
		alpha := 2 / (4 - c.s)
		first, last := apartFrom(z[0], z[most]), math.Inf(1)
		for k := range 300 {
			move := apartFrom(z[k+1], z[k])
			if bound := alpha / (1 - alpha) * first / float64(k+1); !(move <= bound*(1+1e-6)) {
				t.Errorf("%s: ‖z⁺ − z‖² at step %d is %.3g, proven is %.3g", name, k, move, bound)
				break
			}
			if !(move <= last*(1+1e-9)+1e-26) {
				t.Errorf("%s: ‖z⁺ − z‖² rises at step %d from %.6g to %.6g", name, k, last, move)
				break
			}
			last = move
		}
	}
}

// TestDouglasRachfordLinearRate: with r₂ = (µ/2)‖x − c‖² each step takes the distance to z*
// by (1 + |1 − γµ|/(1 + γµ))/2 at least (Giselsson and Boyd 2017, Theorem 2).
func TestDouglasRachfordLinearRate(t *testing.T) {
	for _, gamma := range []float64{0.5, 2, 20} { // µ = 0.5
		z := fixedPoints(t, apart, optim.DouglasRachford(gamma), 2000)
		rate := (1 + math.Abs(1-gamma/2)/(1+gamma/2)) / 2
		best, bound := z[2000], math.Sqrt(apartFrom(z[0], z[2000]))
		for k := range 200 {
			if d := math.Sqrt(apartFrom(z[k], best)); !(d <= bound*(1+1e-9)+1e-13) {
				t.Fatalf("γ = %g: after %d steps ‖z − z*‖ is %.6g, proven is %.6g", gamma, k, d, bound)
			}
			bound *= rate
		}
	}
}

// TestPrimalDualRate: F at the mean of the first N iterates is within 1/N of the largest
// ‖x* − x₀‖²/(2τ) + ‖y‖²/(2σ) − ⟨K(x* − x₀), y⟩ over the dual domain |y| ≤ λ (Chambolle
// and Pock 2011, Theorem 1, and 2016, Theorem 1; without the last term for the former).
func TestPrimalDualRate(t *testing.T) {
	k := linear.Difference(6)
	for name, c := range map[string]struct {
		p          *optimizee.Problem
		r          optim.Rule
		sigma, tau func(norm, l float64) float64
		cross      float64
	}{
		"Chambolle–Pock":         {jumps, optim.ChambollePock(1), func(norm, _ float64) float64 { return 1 / norm }, func(norm, _ float64) float64 { return 1 / norm }, 0},
		"Chambolle–Pock, s = 10": {jumps, optim.ChambollePock(10), func(norm, _ float64) float64 { return 10 / norm }, func(norm, _ float64) float64 { return 0.1 / norm }, 0},
		"Condat–Vũ":              {variation, optim.CondatVu(1), func(norm, l float64) float64 { return l / norm / norm }, func(_, l float64) float64 { return 0.5 / l }, 1},
		"Condat–Vũ, s = 0.1":     {variation, optim.CondatVu(0.1), func(norm, l float64) float64 { return 0.1 * l / norm / norm }, func(_, l float64) float64 { return 1 / 1.1 / l }, 1},
	} {
		const lambda = 0.3
		f, best := run(t, c.p, c.r, 20000)
		lowest, d := f[20000], best.Sub(c.p.Start).X()
		sigma, tau := c.sigma(k.Norm(), c.p.Lipschitz("x", best)), c.tau(k.Norm(), c.p.Lipschitz("x", best))
		kd := k.Apply(d)
		reach := d.SumSquares().Item()/(2*tau) + float64(kd.Len())*lambda*lambda/(2*sigma) + c.cross*lambda*kd.Norm1().Item()
		s, err := c.r(c.p, nil)
		if err != nil {
			t.Fatal(err)
		}
		sum := c.p.Start.Scale(0)
		for n, x := range optim.Steps(s, c.p.Start) {
			if n == 0 {
				continue
			}
			sum = sum.Add(x)
			if gap, bound := c.p.Value(sum.Scale(1/float64(n))).Item()-lowest, reach/float64(n); !(gap <= bound*(1+1e-9)+1e-12) {
				t.Errorf("%s: the gap of the mean of %d iterates is %.6g, proven is %.6g", name, n, gap, bound)
				break
			}
			if n == 300 {
				break
			}
		}
	}
}

// TestCondatVuMonotone: the distance to the saddle point in the norm
// ‖x‖²/τ − 2⟨Kx, y⟩ + ‖y‖²/σ never rises (Condat 2013, proof of Theorem 3.1). The dual
// variable is read from the proximal map that makes it, y = σ(v/σ − prox(v/σ)).
func TestCondatVuMonotone(t *testing.T) {
	k := linear.Difference(6)
	var y ad.Value
	var xs, ys []ad.Value
	p := watchProx(variation, 1, func(v, step, out ad.Value) { y = v.Sub(out).Scale(1 / step.Item()) })
	s, err := optim.CondatVu(1)(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, x := range optim.Steps(s, p.Start) {
		if n > 0 {
			xs, ys = append(xs, x.X()), append(ys, y)
		}
		if n == 5000 {
			break
		}
	}
	l := p.Lipschitz("x", p.Start)
	sigma, tau := l/k.Norm()/k.Norm(), 0.5/l
	last := math.Inf(1)
	for n := range 300 {
		dx, dy := xs[n].Sub(xs[4999]), ys[n].Sub(ys[4999])
		d := dx.SumSquares().Item()/tau - 2*k.Apply(dx).Dot(dy).Item() + dy.SumSquares().Item()/sigma
		if !(d <= last*(1+1e-9)+1e-20) {
			t.Fatalf("step %d: the distance rises from %.9g to %.9g", n, last, d)
		}
		last = d
	}
}

// TestADMMLyapunov: ‖z − z*‖² + ‖u − u*‖² falls by the squares of both residuals,
// ‖Kx − z‖² and ‖z⁺ − z‖², at least (Boyd et al. 2011, Appendix A, eq. A.1).
func TestADMMLyapunov(t *testing.T) {
	p := optimizee.LeastSquares(linear.Dense(gauss(11, 9, 6)), gauss(12, 9, 2)).Plus(prox.L1(0.3), linear.Difference(6))
	var zs, vs []ad.Value
	run(t, watchProx(p, 0, func(v, _, out ad.Value) { zs, vs = append(zs, out), append(vs, v) }), optim.ADMM(optim.ADMMConfig{Rho: 1}), 2000)
	last, us := len(zs)-1, make([]ad.Value, len(zs))
	for k := range zs {
		us[k] = vs[k].Sub(zs[k])
	}
	v := func(k int) float64 { return apartFrom(zs[k], zs[last]) + apartFrom(us[k], us[last]) }
	for k := 1; k < 200; k++ {
		primal, dual := apartFrom(us[k], us[k-1]), apartFrom(zs[k], zs[k-1])
		if !(v(k) <= v(k-1)-primal-dual+1e-12*v(1)) {
			t.Fatalf("step %d: V goes from %.9g to %.9g, with residuals of %.3g and %.3g", k, v(k-1), v(k), primal, dual)
		}
	}
	if v(200) > 1e-12*v(0) {
		t.Errorf("V is %.3g after 200 steps, %.3g at first", v(200), v(0))
	}
}

// TestBacktrackingRate: F(x_k) − F* ≤ 2‖x₀ − x*‖²/(Σ 1/√L_i)² with the curvatures that the
// search accepted (Scheinberg, Goldfarb and Bai 2014, Theorem 3.3), and these are below
// twice the true one.
func TestBacktrackingRate(t *testing.T) {
	a, b := gauss(3, 8, 14), gauss(4, 8, 2)
	for name, p := range map[string]*optimizee.Problem{
		"lasso": optimizee.LeastSquares(linear.Dense(a), b).Plus(prox.L1(0.3)), "quadratic": quadratic(),
		"box": optimizee.LeastSquares(linear.Dense(a), b).Plus(prox.Box(-0.2, 0.3)),
	} {
		f, best := run(t, p, optim.FISTARestart, 20000)
		lowest := f[20000]
		for _, l0 := range []float64{1e-3, 1, 1e3} {
			q := *p
			var mu, sum float64
			q.Prox = func(b string, v, step ad.Value) ad.Value { mu = step.Item(); return p.Prox(b, v, step) }
			s, err := optim.FISTABacktracking(l0)(&q, nil)
			if err != nil {
				t.Fatal(err)
			}
			from := p.Start.Sub(best)
			for k, x := range optim.Steps(s, p.Start) {
				if k == 0 {
					continue
				}
				sum += math.Sqrt(mu)
				if gap, bound := p.Value(x).Item()-lowest, 2*from.Dot(from)/sum/sum; !(gap <= bound*(1+1e-9)+1e-12*lowest) {
					t.Errorf("%s from %g: the gap after %d steps is %.6g, proven is %.6g", name, l0, k, gap, bound)
					break
				}
				if l := p.Lipschitz("x", x); 1/mu > max(l0, 2*l*(1+1e-9)) {
					t.Fatalf("%s from %g: a curvature of %g was accepted, and L is %g", name, l0, 1/mu, l)
				}
				if k == 400 {
					break
				}
			}
		}
	}
}

// TestFeasible: all points of these rules are inside of the constraint, the first term
// without an operator.
func TestFeasible(t *testing.T) {
	box := prox.Box(-0.1, 0.1)
	one := fit().Plus(box)
	three := fit().Plus(box).Plus(prox.L1(0.1), linear.Difference(6))
	for name, c := range map[string]struct {
		p *optimizee.Problem
		r optim.Rule
	}{
		"ISTA": {one, optim.ISTA}, "FISTA": {one, optim.FISTA}, "FISTA restart": {one, optim.FISTARestart},
		"FISTA backtracking": {one, optim.FISTABacktracking(1)}, "ProxMomentum": {one, optim.ProxMomentum(1, 0.9)},
		"Davis–Yin": {one.Plus(prox.L1(0.1)), optim.DavisYin(1)}, "Douglas–Rachford": {optimizee.Zero(gauss(1, 6, 2)).Plus(box).Plus(away(gauss(14, 6, 2), 1)), optim.DouglasRachford(1)},
		"Condat–Vũ": {three, optim.CondatVu(1)}, "ADMM": {three, optim.ADMM(optim.ADMMConfig{})},
		"Chambolle–Pock": {optimizee.Zero(gauss(1, 6, 2)).Plus(box).Plus(away(gauss(14, 6, 2), 1)), optim.ChambollePock(1)},
	} {
		s, err := c.r(c.p, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range optim.Steps(s, c.p.Start) {
			if k > 0 && box.Value(x.X()).Item() != 0 {
				t.Errorf("%s leaves the box at step %d: %v", name, k, x.X().Data)
				break
			}
			if k == 100 {
				break
			}
		}
	}
}

// TestLBFGS: a strictly convex quadratic of n unknowns in n + 10 steps, where n is 60 in
// fewer than that, and Rosenbrock's function in 40, with gonum's counts of questions.
func TestLBFGS(t *testing.T) {
	for _, n := range []int{2, 6, 20, 60} {
		p := optimizee.Quadratic(gauss(1, 2*n, n), gauss(2, 2*n, 1))
		want := p.Value(optimizee.X(p.Solve("x", p.Start))).Item()
		f, _ := run(t, p, optim.LBFGS(10), n+60)
		if gap := f[n+10] - want; !(gap <= 1e-12*want) {
			t.Errorf("n = %d: the gap after %d steps is %.3g of %.3g", n, n+10, gap, want)
		}
		for k := range n + 60 { // also where rounding ends the searches
			if f[k+1] > f[k] {
				t.Errorf("n = %d: step %d takes F from %.17g to %.17g", n, k+1, f[k], f[k+1])
			}
		}
	}
	rosenbrock := &optimizee.Problem{ // in two blocks, to see that it goes through all of them
		Name:  "Rosenbrock",
		Start: optimizee.Point{}.Plus("u", ad.Scalar(-1.2)).Plus("v", ad.Scalar(1)),
		Value: func(x optimizee.Point) ad.Value {
			u, v := x.At("u"), x.At("v")
			return v.Sub(u.Square()).Square().Scale(100).Add(u.Shift(-1).Square())
		},
		Grad: func(b string, x optimizee.Point) ad.Value {
			u, v := x.At("u"), x.At("v")
			if b == "v" {
				return v.Sub(u.Square()).Scale(200)
			}
			return u.Mul(v.Sub(u.Square())).Scale(-400).Add(u.Shift(-1).Scale(2))
		},
	}
	p, calls := optimizee.Count(rosenbrock)
	f, x := run(t, p, optim.LBFGS(10), 45)
	if !(f[40] <= 1e-20) {
		t.Errorf("Rosenbrock: F is %g after 40 steps", f[40])
	}
	if calls.Value > 200 || calls.Grad > 200 {
		t.Errorf("Rosenbrock: %+v", *calls)
	}
	s, err := optim.LBFGS(10)(rosenbrock, nil)
	if err != nil {
		t.Fatal(err)
	}
	if y := s(x); !y.Same(x) || !y.IsFinite() {
		t.Errorf("at the minimum it goes from %v to %v", x, y)
	}
	if y := s(x.With("u", ad.Scalar(math.NaN()))); y.IsFinite() {
		t.Errorf("NaN became %v", y)
	}
}
