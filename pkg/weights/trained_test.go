package weights_test

import (
	"bytes"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/linear"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
	"github.com/l2olab/l2o/pkg/prox"
	"github.com/l2olab/l2o/pkg/trace"
	"github.com/l2olab/l2o/pkg/weights"
)

// TestOutside: a trained rule sees where it is not at home, says so once, and runs all the same.
func TestOutside(t *testing.T) {
	pa, err := weights.Load("l2opa-lasso-20x40")
	if err != nil {
		t.Fatal(err)
	}
	if said := pa.String(); !strings.HasPrefix(said, "l2opa-lasso-20x40: L2O-PA for ") || !strings.Contains(said, "Guard") {
		t.Errorf("String is %q", said)
	}
	home := optimizee.SmallLasso.Draw(optimizee.Stream(1))
	if err := pa.Outside(home); err != nil {
		t.Errorf("at home: %v", err)
	}
	rng := optimizee.Stream(2)
	draw := func(rows, cols int) ad.Value {
		v := ad.New(rows, cols, nil)
		for i := range v.Data {
			v.Data[i] = rng.NormFloat64()
		}
		return v
	}
	logistic := optimizee.SmallLogistic.Draw(optimizee.Stream(3))
	for want, p := range map[string]*optimizee.Problem{
		"trained on lasso problems, this one is logistic":    logistic,
		"trained with lambda = 0.1, this problem has 0.5":    optimizee.LassoSpec{Rows: 20, Cols: 40, Nonzeros: 5, Lambda: 0.5}.Draw(optimizee.Stream(1)),
		"trained with cols = 40, this problem has 60":        optimizee.LassoSpec{Rows: 20, Cols: 60, Nonzeros: 5, Lambda: 0.1}.Draw(optimizee.Stream(1)),
		"trained with column norm = 1, this problem has 4.4": optimizee.Lasso(draw(20, 40), draw(20, 1), 0.1),
	} {
		if err := pa.Outside(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Outside is %v, want %q", err, want)
		}
	}

	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	for range 2 {
		if _, _, err := optim.Minimize(logistic, pa.Rule(), 2, optimizee.Stream(4)); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "outside the training family"); n != 1 {
		t.Errorf("%d warnings in two runs on the same kind of problem:\n%s", n, log.String())
	}
}

// TestGuardedTrained: told 60 % of L the trained rule diverges, and under a guard each step goes down, to where ISTA is or below.
func TestGuardedTrained(t *testing.T) {
	pa, err := weights.Load("l2opa-lasso-20x40")
	if err != nil {
		t.Fatal(err)
	}
	diverged := 0
	for i := range uint64(16) {
		p := optimizee.SmallLasso.Draw(optimizee.Stream(5, i))
		p = optimizee.WithLipschitz(p, 0.6*p.Lipschitz("x", p.Start))
		run := func(r optim.Rule) []float64 {
			values, _, err := optim.Minimize(p, r, 100, optimizee.Stream(6, i))
			if err != nil {
				t.Fatal(err)
			}
			return values
		}
		bare, held, ista := run(pa.Rule()), run(optim.Guard(pa.Rule(), optim.ISTA)), run(optim.ISTA)
		if last := bare[len(bare)-1]; !(last < 10*bare[0]) {
			diverged++
		}
		for k := range held[1:] {
			if held[k+1] > held[k]+1e-14*math.Abs(held[k]) {
				t.Fatalf("problem %d: guarded, F rises from %g to %g in step %d", i, held[k], held[k+1], k+1)
			}
		}
		if end := len(held) - 1; held[end] > ista[end]*(1+1e-12) {
			t.Errorf("problem %d: guarded F ends at %g, ISTA at %g", i, held[end], ista[end])
		}
	}
	if diverged == 0 {
		t.Error("the rule without a guard diverges on none of 16 problems")
	}
}

// TestRule: the short way runs like the long one, says nothing, and knows the nearest names.
func TestRule(t *testing.T) {
	const name = "l2opa-lasso-20x40"
	pa, err := weights.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	abroad := optimizee.SmallLogistic.Draw(optimizee.Stream(3))
	race, err := trace.Race(abroad, trace.Config{Steps: 5, Measure: trace.Value}, weights.Entry("short", name))
	if err != nil || log.Len() > 0 {
		t.Errorf("%v; it says %q", err, log.String())
	}
	long, err := trace.Race(abroad, trace.Config{Steps: 5, Measure: trace.Value}, trace.Entry{Name: "long", Rule: pa.Rule()})
	if err != nil || !slices.Equal(race.Values("short")[0], long.Values("long")[0]) || log.Len() == 0 {
		t.Errorf("%v; %v by name, %v by Load", err, race.Values("short"), long.Values("long"))
	}
	if !weights.Has(name) || weights.Has("l2opa") {
		t.Error("Has")
	}
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), name) {
			t.Errorf("an unknown name: %v", err)
		}
	}()
	weights.Rule("l2opa-lasso-20x4")
}

// TestOutsideOfParts: another r is another kind of problem, and a number that the training
// family draws is no difference.
func TestOutsideOfParts(t *testing.T) {
	pa := learned.PA(learned.PAConfig{Network: learned.Network{Hidden: 4}})
	family := func(r func(rng *rand.Rand) prox.Regulariser) optimizee.Family {
		return optimizee.FamilyFunc("of parts", func(rng *rand.Rand) *optimizee.Problem {
			return optimizee.LeastSquares(linear.Dense(optimizee.Gaussian(rng, 8, 12)), optimizee.Gaussian(rng, 8, 1)).Plus(r(rng))
		})
	}
	lasso := family(func(*rand.Rand) prox.Regulariser { return prox.L1(0.1) })
	lassos := family(func(rng *rand.Rand) prox.Regulariser { return prox.L1(0.1 + rng.Float64()) })
	net := family(func(*rand.Rand) prox.Regulariser { return prox.ElasticNet(0.1, 0.2) })
	set := family(func(*rand.Rand) prox.Regulariser { return prox.NonNegative() })
	trained := func(fam optimizee.Family) weights.Trained {
		w, err := weights.NewTrained(pa, pa.First(optimizee.Stream(1)), fam, weights.Card{Name: "mine"})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	shipped, err := weights.Load("l2opa-lasso-20x40")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of   weights.Trained
		on   optimizee.Family
		want string // "" for nothing
	}{
		{trained(lasso), lasso, ""},
		{trained(lassos), lassos, ""},
		{trained(lasso), lassos, "trained on least squares + 0.1‖x‖₁ problems"},
		{trained(lasso), net, "this one is least squares + "},
		{trained(lassos), net, "trained on least squares + …‖x‖₁ problems"},
		{trained(set), net, "trained on least squares + x ≥ 0 problems"},
		{trained(set), lasso, "trained on least squares + x ≥ 0 problems"},
		{shipped, lasso, "trained with cols = 40, this problem has 12\ntrained with column norm = 1, this problem has 2.592213\ntrained with rows"},
		{shipped, net, "trained on lasso problems, this one is least squares + "},
	} {
		err := c.of.Outside(c.on.Draw(optimizee.Stream(7)))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("of %s on %s: Outside is %v, want %q", c.of.Card.Problem, c.on.Draw(optimizee.Stream(7)).Name, err, c.want)
		}
	}
}
