package optim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

var bounds = []optim.Bound{optim.GeometricBound, optim.RecentTerm, optim.MovingAverage, optim.AverageBound, optim.RecentMax}

// wild proposes points around x of all distances, and now and then none.
func wild(_ *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	return func(x optimizee.Point) optimizee.Point {
		scale := math.Pow(10, 2-6*rng.Float64())
		if rng.IntN(10) == 0 {
			scale = math.NaN()
		}
		return x.Map(func(_ string, v ad.Value) ad.Value { return v.AddScaled(scale, adtest.Random(rng, v.R, v.C)) })
	}, nil
}

// uphill goes where ISTA comes from.
func uphill(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
	ista, err := optim.ISTA(p, rng)
	return func(x optimizee.Point) optimizee.Point { return x.Scale(2.5).Sub(ista(x).Scale(1.5)) }, err
}

// A safeguarded run reaches the minimum for any rule and any bound.
func TestSafeguardConverges(t *testing.T) {
	for _, p := range []*optimizee.Problem{quadratic(), lasso(), logistic()} {
		best, _, err := optim.Minimize(p, optim.FISTARestart, 2000, nil)
		if err != nil {
			t.Fatal(err)
		}
		least := slices.Min(best)
		for name, r := range map[string]optim.Rule{"any points": wild, "uphill": uphill, "FISTA": optim.FISTA} {
			for _, b := range bounds {
				c := optim.SafeguardConfig{Bound: b}
				if b == optim.AverageBound { // falls like k^−(1−α) while points uphill are accepted
					c.Alpha = 0.1
				}
				values, x, err := optim.Minimize(p, optim.Safeguard(r, optim.ISTA, c), 2000, optimizee.Stream(3))
				if err != nil {
					t.Fatal(err)
				}
				precision := 1e-7
				if b == optim.AverageBound || b == optim.RecentMax { // slow on the way down
					precision = 0.02 * (values[0] - least)
				}
				if gap := values[len(values)-1] - least; !(gap <= precision) {
					t.Errorf("%s on %s, %s: F is %.2g above its minimum, and was %.2g", name, p.Name, b, gap, values[0]-least)
				}
				if !x.IsFinite() {
					t.Errorf("%s on %s, %s: the run ends at %v", name, p.Name, b, x.X())
				}
			}
		}
	}
}

// On F = x²/2 with T(x) = x/2 the residual of x is |x|/2, so each bound is followed by hand.
func TestSafeguardBounds(t *testing.T) {
	half := optim.GD(optim.Fixed(0.5))
	factors := []float64{0.9, 3, 0.2, 0.1, 2} // of the steps proposed: y = factor·x
	// x and whether the proposal was taken; µ begins at 1/2, α = 0.9, θ = 0.5
	for _, c := range []struct {
		bound optim.Bound
		want  string
	}{
		{optim.GeometricBound, "0.9+ 0.45- 0.09+ 0.009+ 0.018+"}, // µ: 0.25, then 0.125, 0.0625
		{optim.RecentTerm, "0.9+ 0.45- 0.09+ 0.009+ 0.0045-"},    // µ: 0.45, then 0.045, 0.0045
		{optim.MovingAverage, "0.9+ 0.45- 0.09+ 0.009+ 0.018+"},  // µ: 0.475, then 0.26, 0.13225
		{optim.AverageBound, "0.9+ 0.45- 0.09+ 0.009+ 0.018+"},   // µ: 0.475, then 0.3317, 0.2499
		{optim.RecentMax, "0.9+ 0.45- 0.09+ 0.009+ 0.018+"},      // of 2: µ: 0.45, then 0.45, 0.045
	} {
		k := 0
		scripted := func(*optimizee.Problem, *rand.Rand) (optim.Step, error) {
			return func(x optimizee.Point) optimizee.Point { k++; return x.Scale(factors[k-1]) }, nil
		}
		taken := ""
		r := optim.Safeguard(scripted, half, optim.SafeguardConfig{Bound: c.bound, Alpha: 0.9, Theta: 0.5, Window: 2, Accepted: func(ok bool) { taken += map[bool]string{true: "+", false: "-"}[ok] }})
		step, err := r(parabola(1), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		x := parabola(1).Start
		for i := range factors {
			x = step(x)
			got = append(got, fmt.Sprintf("%.4g%c", x.X().Item(), taken[i]))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.bound, s, c.want)
		}
	}
}

// A step costs one of the safe rule; what the last step computed is used again.
func TestSafeguardCost(t *testing.T) {
	for name, r := range map[string]optim.Rule{"all accepted": optim.ISTA, "all refused": uphill} {
		calls := 0
		counted := func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
			s, err := optim.ISTA(p, rng)
			return func(x optimizee.Point) optimizee.Point { calls++; return s(x) }, err
		}
		if _, _, err := optim.Minimize(lasso(), optim.Safeguard(r, counted, optim.SafeguardConfig{Alpha: 0.999999}), 20, nil); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"all accepted": 21, "all refused": 40}[name]; calls > want {
			t.Errorf("%s: %d steps of the safe rule in 20, want at most %d", name, calls, want)
		}
	}
}

func TestSafeguardRefuses(t *testing.T) {
	for want, c := range map[string]optim.SafeguardConfig{
		`Bound is "none"`: {Bound: "none"},
		"Alpha":           {Alpha: 1},
		"Theta":           {Theta: -1},
		"a window of -1":  {Window: -1},
	} {
		if _, err := optim.Safeguard(optim.FISTA, optim.ISTA, c)(lasso(), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := optim.Safeguard(nil, optim.ISTA, optim.SafeguardConfig{})(lasso(), nil); err == nil {
		t.Error("a rule that is nil was taken")
	}
}
