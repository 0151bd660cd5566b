package learned_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/l2olab/l2o/pkg/ad"
	"github.com/l2olab/l2o/pkg/ad/adtest"
	"github.com/l2olab/l2o/pkg/learned"
	"github.com/l2olab/l2o/pkg/nn"
	"github.com/l2olab/l2o/pkg/optim"
	"github.com/l2olab/l2o/pkg/optimizee"
)

// swarm is L2O-Swarm at a random θ, for points of any size.
func swarm(c learned.SwarmConfig) optim.Rule {
	return func(p *optimizee.Problem, rng *rand.Rand) (optim.Step, error) {
		if c.Dim = 1; !p.Start.IsZero() {
			c.Dim = p.Start.X().Len()
		}
		return at(learned.Swarm(c))(p, rng)
	}
}

// TestSwarmReturnsTheLowest: on one point the rule returns the lowest of the particles that
// it moves on the population that it draws.
func TestSwarmReturnsTheLowest(t *testing.T) {
	c := learned.SwarmConfig{Dim: 3, Spread: 0.7, OutputScale: 0.3}
	p := optimizee.RastriginSpec{N: 3}.Draw(optimizee.Stream(4))
	o := learned.Swarm(c)
	rule := at(o)
	population := c.Family(optimizee.Only(p)).Draw(optimizee.Stream(17)) // which draws as the rule does, from the stream of points
	all := points(t, rule, population, population.Start, 6)
	for k, x := range points(t, rule, p, p.Start, 6) {
		best, lowest := []float64(nil), math.Inf(1)
		for j := range 4 {
			particle := ad.New(3, 4, all[k]).Cols(j, j+1)
			if f := p.Value(optimizee.X(particle)).Item(); f < lowest {
				best, lowest = particle.Data, f
			}
		}
		if !slices.Equal(x, best) {
			t.Errorf("step %d: the rule is at %v, the lowest particle at %v", k+1, x, best)
		}
	}
	first := population.Start.X()
	if !slices.Equal(first.Cols(0, 1).Data, p.Start.X().Data) || slices.Equal(first.Cols(1, 2).Data, p.Start.X().Data) {
		t.Errorf("a population around %v starts at %v", p.Start.X(), first)
	}
}

// TestSwarmCalls: it asks as often as restarts of a rule that asks for a gradient, and once
// more for each particle.
func TestSwarmCalls(t *testing.T) {
	for name, c := range map[string]struct {
		rule optim.Rule
		want int
	}{
		"L2O-Swarm": {swarm(learned.SwarmConfig{}), 8 * 6},
		"restarts":  {optim.BestOf(4, optim.From(optim.Scatter(1), optim.Adam(optim.AdamConfig{}))), 8 * 5},
	} {
		p, calls := optimizee.Count(optimizee.RastriginSpec{N: 3}.Draw(optimizee.Stream(4)))
		if points(t, c.rule, p, p.Start, 5); calls.Oracle() != c.want {
			t.Errorf("%s: %+v in five steps, want %d", name, *calls, c.want)
		}
	}
}

// TestSwarmOfOne: a particle alone has no neighbours, so that its attention across particles
// is E = C + C.
func TestSwarmOfOne(t *testing.T) {
	c := learned.SwarmConfig{Dim: 2, Particles: 1}
	p := optimizee.RastriginSpec{N: 2}.Draw(optimizee.Stream(4))
	for _, x := range points(t, at(learned.Swarm(c)), p, p.Start, 4) {
		if len(x) != 2 || math.IsNaN(x[0]+x[1]) {
			t.Errorf("a particle alone is at %v", x)
		}
	}
}

// TestSwarmComposed: the fused network is its float64 twin, up to float32.
func TestSwarmComposed(t *testing.T) {
	c := learned.SwarmConfig{Dim: 3, Spread: 0.5, OutputScale: 0.1}
	p := c.Family(optimizee.RastriginSpec{N: 3}).Draw(optimizee.Stream(4))
	fused := points(t, at(learned.Swarm(c)), p, p.Start, 5)
	th := learned.Swarm(c).First(optimizee.Stream(11))
	gradient := func(o learned.Optimizer) []float64 {
		g, err := learned.GradientOf(o, th, p, nil, 3)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := gradient(learned.Swarm(c))
	c.Composed = true
	equal(t, "composed", 1e-4, fused, points(t, at(learned.Swarm(c)), p, p.Start, 5))
	if d := adtest.Distance(g, gradient(learned.Swarm(c))); !(d <= 1e-3) {
		t.Errorf("gradients of the fused network differ by %.2g from those of the composed one", d)
	}
}

// posterior is the entropy as one would write it down.
func posterior(x [][]float64, f []float64, samples [][]float64) float64 {
	kernel := func(a, b []float64) float64 {
		var d float64
		for i := range a {
			d += (a[i] - b[i]) * (a[i] - b[i])
		}
		return math.Exp(-d / 2)
	}
	n := len(x)
	rows := make([][]float64, n) // (K + 2.1·I | f), to be eliminated
	for i := range rows {
		for j := range x {
			rows[i] = append(rows[i], kernel(x[i], x[j]))
		}
		rows[i] = append(rows[i], f[i])
		rows[i][i] += 2.1
	}
	for i := range rows {
		for k := range rows {
			if k != i {
				s := rows[k][i] / rows[i][i]
				for j := range rows[k] {
					rows[k][j] -= s * rows[i][j]
				}
			}
		}
	}
	h := float64(len(x[0])) * math.Log(5)
	for range 2 {
		rho, most := math.Exp(math.Sqrt(float64(n))/h), math.Inf(-1)
		var e []float64
		for _, s := range samples {
			mean := 0.0
			for i := range x {
				mean += kernel(s, x[i]) * rows[i][n] / rows[i][i]
			}
			e = append(e, -rho*mean)
			most = max(most, -rho*mean)
		}
		sum := 0.0
		for i := range e {
			e[i] = math.Exp(e[i]-most) + 1e-4
			sum += e[i]
		}
		h = 0
		for _, e := range e {
			h -= e / sum * math.Log(e/sum)
		}
	}
	return h
}

// TestEntropy: it is what the formulas give, and so is its derivative.
func TestEntropy(t *testing.T) {
	x, f := gauss(31, 8, 2), gauss(32, 8, 1).Scale(3)
	for _, spread := range []float64{0.01, 0.7} {
		c := learned.EntropyConfig{Samples: 50, Spread: spread}
		got, want := c.Entropy(x, f).Item(), posterior(x.Lists(), f.Data, learned.Samples(c, 2).Lists())
		if !(math.Abs(got-want) <= 1e-12*want) || want >= math.Log(50) {
			t.Errorf("samples within %g: the entropy is %.15g, by the formulas %.15g", spread, got, want)
		}
	}
	c := learned.EntropyConfig{Samples: 50, Spread: 0.7}
	adtest.Check(t, 1e-6, func(v ...ad.Value) ad.Value { return c.Entropy(v[0], v[1]) }, x, f)
	if h := c.Entropy(x, ad.Full(8, 1, math.NaN())).Item(); !math.IsNaN(h) {
		t.Errorf("the entropy of points without values is %g", h)
	}
}

// TestSwarmLoss: what a segment adds to the objectives.
func TestSwarmLoss(t *testing.T) {
	c := learned.SwarmConfig{Dim: 2}
	p := c.Family(optimizee.RastriginSpec{N: 2}).Draw(optimizee.Stream(4))
	loss := learned.SwarmLoss(learned.EntropyConfig{Samples: 50})
	if err := loss.Check(); err != nil {
		t.Fatal(err)
	}
	if err := loss.CheckOn(p); err != nil {
		t.Fatal(err)
	}
	y := optimizee.X(gauss(33, 2, 4))
	e := learned.EntropyConfig{Samples: 50}
	x, f := p.Start.X().Beside(y.X()), ad.New(8, 1, nil)
	for j := range f.Data {
		f.Data[j] = p.Data.(*optimizee.PopulationData).Of.Value(optimizee.X(x.Cols(j, j+1))).Item()
	}
	want := 1e-3 * e.Entropy(x.T(), f).Item()
	if got := loss.Path(p, []optimizee.Point{p.Start, y}).Item(); got != want {
		t.Errorf("a segment adds %g, want %g", got, want)
	}
	if got, want := loss.At(1, p, y).Item(), p.Value(y).Item(); got != want {
		t.Errorf("a step adds %g, want F of all particles, %g", got, want)
	}
	if learned.SwarmLoss(learned.EntropyConfig{Weight: optimizee.Nought}).Path != nil {
		t.Error("without a weight there is an entropy")
	}
	single := optimizee.RastriginSpec{N: 2}.Draw(optimizee.Stream(4))
	refused := func(c learned.SwarmConfig) error {
		o := learned.Swarm(c)
		_, err := o.Rule(nn.NewParams())(single, optimizee.Stream(1))
		return err
	}
	for want, err := range map[string]error{
		"train on SwarmConfig.Family":   loss.CheckOn(single),
		"from 1 samples":                learned.SwarmLoss(learned.EntropyConfig{Samples: 1}).CheckOn(p),
		"Length, Jitter, Spread, Floor": learned.SwarmLoss(learned.EntropyConfig{Jitter: -1}).CheckOn(p),
		"those of Rastrigin have 2":     refused(learned.SwarmConfig{Dim: 3}),
		"Dim is 0":                      refused(learned.SwarmConfig{}),
		"4 particles and -1 units":      refused(learned.SwarmConfig{Dim: 2, Units: -1}),
		"Spread, OutputScale":           refused(learned.SwarmConfig{Dim: 2, Spread: -1}),
		"Momentum is 1":                 refused(learned.SwarmConfig{Dim: 2, Momentum: 1}),
		"and these have 2":              learned.SwarmConfig{Dim: 3}.Family(optimizee.RastriginSpec{N: 2}).Draw(optimizee.Stream(1)).Err,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
