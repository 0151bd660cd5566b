package optim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
)

// parabola is ½c·x² in one number, started at 1: every rule can be followed by hand.
func parabola(c float64) *optimizee.Problem {
	return &optimizee.Problem{
		Name: "parabola", Start: optimizee.X(ad.Scalar(1)),
		Value:     func(x optimizee.Point) ad.Value { return x.X().SumSquares().Scale(c / 2) },
		Grad:      func(_ string, x optimizee.Point) ad.Value { return x.X().Scale(c) },
		Lipschitz: func(string, optimizee.Point) float64 { return c },
	}
}

func TestByHand(t *testing.T) {
	adam := optim.AdamConfig{LR: 0.1, Beta1: 0.5, Beta2: 0.75, Eps: 1e-300}
	// second points of Adam from 1 with gradients 1 and 0.9
	m, v := (0.5*0.5+0.5*0.9)/(1-0.25), (0.75*0.25+0.25*0.81)/(1-0.5625)
	d2 := m / math.Sqrt(v)
	for name, c := range map[string]struct {
		p    *optimizee.Problem
		r    optim.Rule
		want []float64
	}{
		"GD":              {parabola(1), optim.GD(optim.Fixed(0.5)), []float64{1, 0.5, 0.25}},
		"GD, 1/L":         {parabola(8), optim.GD(optim.InverseLipschitz), []float64{1, 0, 0}},
		"GD, line search": {parabola(8), optim.GD(optim.LineSearch(1)), []float64{1, 0, 0}}, // 1, ½, ¼, ⅛
		"heavy ball":      {parabola(1), optim.HeavyBall(optim.Fixed(0.5), 0.5), []float64{1, 0.5, 0, -0.25}},
		"NAG":             {parabola(1), optim.NAG(optim.Fixed(0.5)), []float64{1, 0.5, 0.25, 0.25/2 - 0.25/2*momentum(2)}},
		"subgradient":     {parabola(1), optim.Subgradient(0.5), []float64{1, 0.5, 0.5 - 0.5*0.5/math.Sqrt2}},
		"Adam":            {parabola(1), optim.Adam(adam), []float64{1, 0.9, 0.9 - 0.1*d2}},
		"AdamHD":          {parabola(1), optim.AdamHD(adam, 0.2), []float64{1, 0.9, 0.9 - (0.1+0.2*0.9)*d2}},
		"AdamHD, floor":   {parabola(1), optim.AdamHD(adam, -1), []float64{1, 0.9, 0.9 - 1e-8*d2}},
		"RMSProp":         {parabola(1), optim.RMSProp(0.1, 0.75), []float64{1, 0.8, 0.8 - 0.1*0.8/math.Sqrt(0.75*0.25+0.25*0.64)}},
		"ISTA":            {optimizee.Smooth(parabola(4)), optim.ISTA, []float64{1, 0}},
		"ProxMomentum":    {optimizee.Smooth(parabola(1)), optim.ProxMomentum(0.5, 1), []float64{1, 0, -0.5}},
		"Explicit":        {parabola(1), optim.Explicit(func(k int) float64 { return 1 / float64(k+2) }), []float64{1, 0.5, 0.5 - 0.5/3}},
		"scheme (18)": { // x̂ = ŷ = ½ and x = ½ − ¼; y = ¼ + 1·(¼ − 1) + ½ = 0; x̂ = ⅛ and ŷ = 0; x = ½·⅛ − ¼
			optimizee.Smooth(parabola(1)), optim.Scheme18(func(*optimizee.Problem, int, ad.Value, ad.Value) optim.Terms {
				return optim.Terms{P: ad.Scalar(0.5), A: ad.Scalar(1), B: ad.Scalar(0.5), B1: ad.Scalar(0.25), B2: ad.Scalar(0.5)}
			}), []float64{1, 0.25, 0.0625 - 0.25},
		},
		"Backtracking":       {optimizee.Smooth(parabola(8)), optim.Backtracking(1), []float64{1, 0, 0}}, // 1, 2, 4, 8
		"Alternate":          {parabola(1), optim.Alternate(optim.GD(optim.Fixed(0.5)), optim.GD(optim.Fixed(1.5))), []float64{1, -0.25, 0.0625}},
		"Repeat":             {parabola(1), optim.Repeat(3, optim.GD(optim.Fixed(0.5))), []float64{1, 0.125}},
		"Restart":            {parabola(1), optim.Restart(optim.HeavyBall(optim.Fixed(0.5), 0.5)), []float64{1, 0.5, 0.25, 0.125}},
		"Guard takes better": {optimizee.Smooth(parabola(1)), optim.Guard(optim.GD(optim.Fixed(0.9)), optim.GD(optim.Fixed(0.5))), []float64{1, 0.1}},
		"Guard takes safe":   {optimizee.Smooth(parabola(1)), optim.Guard(optim.GD(optim.Fixed(2.5)), optim.GD(optim.Fixed(0.5))), []float64{1, 0.5, 0.25}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := c.r(c.p, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []float64
			for k, x := range optim.Steps(s, c.p.Start) {
				if got = append(got, x.X().Item()); k == len(c.want)-1 {
					break
				}
			}
			if d := adtest.Distance(got, c.want); !(d <= 1e-7) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// momentum is (t_{k−1} − 1)/t_k after k steps of Nesterov's sequence.
func momentum(k int) float64 {
	t := []float64{1}
	for range k {
		last := t[len(t)-1]
		t = append(t, (1+math.Sqrt(1+4*last*last))/2)
	}
	return (t[k-1] - 1) / t[k]
}

func TestSteps(t *testing.T) {
	s := optim.Step(func(x optimizee.Point) optimizee.Point { return x.Scale(2) })
	asked := 0
	for k, x := range optim.Steps(s, optimizee.X(ad.Scalar(1))) {
		if asked++; x.X().Item() != math.Pow(2, float64(k)) {
			t.Errorf("point %d is %v", k, x.X())
		}
		if k == 3 {
			break
		}
	}
	if asked != 4 {
		t.Errorf("%d points until the break", asked)
	}
}

func TestMinimize(t *testing.T) {
	p := parabola(1)
	f, x, err := optim.Minimize(p, optim.GD(optim.Fixed(0.5)), 2, nil)
	if err != nil || !slices.Equal(f, []float64{0.5, 0.125, 0.03125}) || x.X().Item() != 0.25 {
		t.Errorf("%v at %v, %v", f, x, err)
	}
	if f, x, err = optim.Minimize(p, optim.ISTA, 0, nil); err == nil {
		t.Errorf("without a Prox ISTA gives %v at %v", f, x)
	}
	f, _, err = optim.Minimize(p, optim.GD(optim.Fixed(1e200)), 4, nil)
	if err != nil || len(f) != 5 || !math.IsNaN(f[4]) && !math.IsInf(f[4], 0) {
		t.Errorf("a run that diverges gives %v, %v", f, err)
	}
	invalid := optimizee.Lasso(ad.New(2, 3, nil), ad.New(3, 1, nil), 1)
	for want, err := range map[string]error{
		"-1 steps":                      second(optim.Minimize(p, optim.ISTA, -1, nil)),
		"one row for each row of A":     second(optim.Minimize(invalid, optim.ISTA, 1, nil)),
		"ISTA needs the Prox oracle":    second(optim.Minimize(p, optim.ISTA, 1, nil)),
		"optimizee.Smooth adds the ide": second(optim.Minimize(p, optim.FISTA, 1, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func second(_ []float64, _ optimizee.Point, err error) error { return err }

func prox1(_ string, v, step ad.Value) ad.Value { return prox.L1(1).Prox(v, step) }

func TestRefused(t *testing.T) {
	p := optimizee.Smooth(parabola(1))
	nan, inf := math.NaN(), math.Inf(1)
	two := *p
	two.Start = optimizee.Point{}.Plus("U", ad.Scalar(1)).Plus("V", ad.Scalar(1))
	normless := linear.Diagonal([]float64{2, 2, 2, 2, 2, 2})
	normless.Name, normless.Norm = "twice", nil
	bare := *parabola(1)
	bare.Lipschitz = nil
	proximal := *parabola(1)
	proximal.Prox, proximal.Smooth = prox1, proximal.Value
	adam := func(c optim.AdamConfig) optim.Rule { return optim.Adam(c) }
	for _, c := range []struct {
		p    *optimizee.Problem
		r    optim.Rule
		want string
	}{
		{p, optim.GD(optim.Fixed(0)), "GD: the step size is 0"},
		{p, optim.GD(optim.Fixed(nan)), "GD: the step size is NaN"},
		{p, optim.GD(optim.LineSearch(inf)), "GD: the step size is +Inf"},
		{p, optim.GD(optim.StepSize{}), "GD: no step size is set"},
		{p, optim.NAG(optim.Fixed(-1)), "NAG: the step size is -1"},
		{p, optim.HeavyBall(optim.Fixed(1), 1), "heavy ball: β is 1"},
		{p, optim.HeavyBall(optim.Fixed(1), nan), "heavy ball: β"},
		{&bare, optim.GD(optim.InverseLipschitz), "GD needs the Lipschitz oracle"},
		{&two, optim.NAG(optim.InverseLipschitz), `NAG works on the one block "x"`},
		{p, optim.Subgradient(-1), "subgradient: t is -1"},
		{p, adam(optim.AdamConfig{LR: -1}), "Adam: LR"},
		{p, adam(optim.AdamConfig{Eps: nan}), "Adam: LR, Eps"},
		{p, adam(optim.AdamConfig{Beta1: 1}), "Adam: Beta1"},
		{p, optim.AdamHD(optim.AdamConfig{}, nan), "AdamHD: h"},
		{p, optim.RMSProp(1, 1), "RMSProp: ρ"},
		{p, optim.RMSProp(0, 0.5), "RMSProp: lr"},
		{p, optim.ProxMomentum(0, 1), "ProxMomentum: s"},
		{p, optim.ProxMomentum(1, inf), "ProxMomentum: a"},
		{p, optim.Backtracking(0), "Backtracking: the first estimate of L"},
		{p, optim.Repeat(0, optim.ISTA), "Repeat: 0 steps"},
		{p, optim.WithStep(0, optim.ISTA), "WithStep: s is 0"},
		{&bare, optim.WithStep(2, optim.GD(optim.InverseLipschitz)), "GD needs the Lipschitz oracle"},
		{p, optim.Explicit(nil), "Explicit: no step sizes"},
		{parabola(1), optim.Scheme18(nothing), "scheme (18) needs the Prox oracle"},
		{p, optim.Exact, "Exact needs the Solve oracle, which parabola does not have"},
		{&two, optim.ISTA, "wrap the rule in optim.On"},
		{&two, optim.On("W", optim.ISTA), `no block "W" among ["U" "V"]`},
		{parabola(1), optim.Alternate(optim.GD(optim.Fixed(1)), optim.ISTA), "ISTA needs"},
		{parabola(1), optim.Guard(optim.ISTA, optim.GD(optim.Fixed(1))), "ISTA needs"},
		{parabola(1), optim.Guard(optim.GD(optim.Fixed(1)), optim.ISTA), "ISTA needs"},
		{parabola(1), optim.Repeat(2, optim.ISTA), "ISTA needs"},
		{parabola(1), optim.Restart(optim.ISTA), "ISTA needs"},

		{p, optim.FISTABacktracking(0), "FISTA backtracking: the first estimate of L"},
		{p, optim.LBFGS(0), "L-BFGS: a memory of 0"},
		{fit().Plus(prox.L1(1)), optim.LBFGS(5), "L-BFGS minimises smooth F, and least squares + 1‖x‖₁ has the term 1‖x‖₁, which it would ignore"},
		{bounded, optim.GD(optim.Fixed(1)), "take optim.FISTA"},
		{jumps, optim.GD(optim.LineSearch(1)), "GD minimises smooth F"},
		{fit().Plus(prox.Box(0, 1)), optim.HeavyBall(optim.InverseLipschitz, 0.5), "heavy ball minimises smooth F"},
		{fit().Plus(prox.L1(1)), optim.NAG(optim.Fixed(1)), "NAG minimises smooth F"},
		{&proximal, optim.NAG(optim.Fixed(1)), "has a Prox, which it would ignore"},
		{p, optim.DavisYin(1), "Davis–Yin needs the Terms oracle, which parabola does not have: make it of its parts"},
		{bounded, optim.DavisYin(2), "0 < s < 2"},
		{variation, optim.DavisYin(1), "Davis–Yin takes up to two Terms without an operator"},
		{apart, optim.DouglasRachford(0), "Douglas–Rachford: γ is 0"},
		{bounded, optim.DouglasRachford(1), "has a smooth part: take DavisYin"},
		{bounded, optim.ChambollePock(1), "has a smooth part: take CondatVu"},
		{jumps, optim.ChambollePock(nan), "Chambolle–Pock: s is NaN"},
		{bounded, optim.CondatVu(-1), "Condat–Vũ: s is -1"},
		{fit().Plus(prox.L1(1), normless), optim.CondatVu(1), "twice gives no Norm"},
		{fit().Plus(prox.L1(1), normless), optim.ADMM(optim.ADMMConfig{}), "twice gives no Norm"},
		{optimizee.LogisticLoss(linear.Identity(2), ad.Col(0, 1)).Plus(prox.L1(1)), optim.ADMM(optim.ADMMConfig{}), "ADMM needs the Residual oracle"},
		{bounded, optim.ADMM(optim.ADMMConfig{Relax: 2}), "Relax 2"},
		{bounded, optim.ADMM(optim.ADMMConfig{Rho: nan}), "Rho is NaN"},
	} {
		if _, err := c.r(c.p, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestGuard: whatever the guarded rule does, F falls at least as far as with ISTA.
func TestGuard(t *testing.T) {
	nan := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
		return func(x optimizee.Point) optimizee.Point { return x.Scale(math.NaN()) }, nil
	}
	for name, wild := range map[string]optim.Rule{
		"NaN": nan, "a wrong step": optim.ProxMomentum(50, 0), "too much momentum": optim.ProxMomentum(1, 3),
	} {
		for _, p := range []*optimizee.Problem{quadratic(), lasso(), logistic()} {
			s, err := optim.Guard(wild, optim.ISTA)(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			ista, err := optim.ISTA(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			x := p.Start
			for k := range 50 {
				next := s(x)
				if got, want := p.Value(next).Item(), p.Value(ista(x)).Item(); !(got <= want) {
					t.Fatalf("%s on %s, step %d: F = %g, ISTA reaches %g", name, p.Name, k, got, want)
				}
				x = next
			}
		}
	}
}

// TestLineSearch: the condition of Armijo holds for the step found; where none holds
// the search ends all the same.
func TestLineSearch(t *testing.T) {
	p := logisticLoss()
	for seed := range uint64(20) {
		x := optimizee.X(gauss(seed, 5, 1))
		g := p.Gradient(x)
		size := optim.LineSearch(1000).At(p, x, g)
		if f, next := p.Value(x).Item(), p.Value(x.Sub(g.Scale(size))).Item(); !(next <= f-size/2*g.Dot(g)) {
			t.Errorf("F goes from %g to %g with a step of %g", f, next, size)
		}
	}
	up := parabola(-1) // F falls forever: the first step holds
	if s := optim.LineSearch(1).At(up, up.Start, up.Gradient(up.Start)); s != 1 {
		t.Errorf("downhill without end the step is %g", s)
	}
	wrong := parabola(1)
	if s := optim.LineSearch(1).At(wrong, wrong.Start, optimizee.X(ad.Scalar(-1))); !(s > 0 && s < 1e-15) {
		t.Errorf("along a wrong gradient the step is %g", s)
	}
}

// TestBacktracking reaches ISTA's minimum without an L, from an estimate far too small
// and far too large.
func TestBacktracking(t *testing.T) {
	for _, l0 := range []float64{1e-6, 1, 100} {
		p := *lasso()
		want, _, err := optim.Minimize(&p, optim.FISTARestart, 2000, nil)
		if err != nil {
			t.Fatal(err)
		}
		p.Lipschitz = nil
		got, _, err := optim.Minimize(&p, optim.Backtracking(l0), 20000, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := got[20000] - want[2000]; !(math.Abs(d) <= 1e-9*want[2000]) {
			t.Errorf("from %g it ends %.2g above the minimum", l0, d)
		}
	}
}
